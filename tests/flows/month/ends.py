"""What people do with each kind of matter until it is over."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row

from models.case import short_code
from sandbox.month_goods import GIVEN_UP
from tests.flows.month.people import WHO

if TYPE_CHECKING:
    from tests.flows.month.staff import Staff

Ends = Callable[["Staff", Row[Any]], str]
"""The words that end a case; "" where it ends by itself."""


def _later(staff: Staff, case: Row[Any]) -> str:
    until = case.evidence.get("until")
    if until is None:
        until = (staff.house.hub.now() + timedelta(days=2, hours=8)).date().isoformat()
    return f"改期 {until[5:]}"


def _hurry(staff: Staff, case: Row[Any]) -> str:
    """An order with an open matter goes on by itself alone: many at once leave it out."""
    step = {"pending_review": ("service", "审核"), "pending_pick": ("warehouse", "配货")}.get(case.stage)
    if step is not None:
        staff.say(WHO[step[0]], f"{step[1]} {case.tag}")
    return ""


def _short(staff: Staff, case: Row[Any]) -> str:
    """Of some goods there will be no more: whoever bought them is paid back. Of the others purchasing says when, and a
    day later they are there, as many as are waited for."""
    sku = case.group_key
    if sku in GIVEN_UP:
        if staff.first(case):
            staff.step(f"{short_code(case.id)} 退款", WHO["purchasing"])
        return ""
    if staff.tried.get(case.id, 0) == 0:
        return "到货 明天"
    if staff.house.hub.now() - case.opened_at > timedelta(hours=20):
        needed = _NEEDED.findall(staff.say(WHO["purchasing"], f"库存 {sku}"))
        staff.say(WHO["purchasing"], f"入库 {sku} {needed[0] if needed else 1}")
    return ""


def _mended(staff: Staff, case: Row[Any]) -> str:
    """What was wrong with the goods is paid back, or sent once more."""
    if case.id % 2:
        return "同意退款 快递"
    if staff.first(case):
        who = WHO["service"]
        staff.confirm(who, staff.say(who, f"{short_code(case.id)} 补发 漏拣"))
    return ""


def _siblings(staff: Staff, case: Row[Any]) -> str:
    """In one parcel or apart; where the story needs them together, they are."""
    numbers = [number for number, _ in staff.concerned(case) if number in staff.month.of]
    if any("merged" in staff.month.of[number].story.then for number in numbers):
        staff.month.reached(numbers[0], "merged")
        return "合并发货"
    return "合并发货" if case.id % 2 else "不合并"


def _found(staff: Staff, _case: Row[Any]) -> str:
    """The list shows the most urgent first: who is not in it now is in it when those have left."""
    staff.look_for_the_forgotten()
    return ""


_NEEDED: Final = re.compile(r"缺 ?(\d+)")
ENDS: Final[dict[str, Ends]] = {
    "delay_request": _later,
    "intercept": lambda _staff, _case: "拦住",
    "shortage": _short,
    "short_stock": lambda _staff, _case: "",
    "refund_preship": lambda _staff, _case: "",
    "stale_stage": _hurry,
    "deadline_near": _hurry,
    "urged": _hurry,
    "bought_twice": lambda _staff, _case: "不是重复",
    "hold_until": lambda _staff, _case: "",
    "writeback_fail": lambda _staff, _case: "重试",
    "unmerged": _siblings,
    "upstream_down": lambda _staff, _case: "",
    "duplicate_order": lambda _staff, _case: "取消这一单",
    "refund_wait": lambda _staff, _case: "",
    "stale_group": _found,
    "wrong_goods": _mended,
    "sku_unmapped": lambda _staff, _case: "映射 QH-CUP-RED",
}
