"""等客户, 等采购, 等平台: until somebody else answers."""

from __future__ import annotations

from typing import Final

from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.caselife import waiting
from handlers.caselife.moments import moment_in
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.wording import moment

_PURCHASING: Final = ("short_stock", "sku_unmapped")
_PLATFORM: Final = ("refund_preship", "refund_part", "writeback_fail", "shipped_on_platform", "order_gone")
_QUICK: Final = ("intercept", "receiver_changed", "address_changed")
"""Where somebody waits with a parcel in the hands: no button; it can be typed."""


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    said = pressed.selected.get("until", ("",))[0]
    on = pressed.selected.get("on", (pressed.value,))[0]
    if on not in waiting.ON:
        raise Refusal(f"等谁？可以是：{'、'.join(waiting.ON.values())}，后面可以写等到什么时候，例如：等客户 2h")
    until = waiting.wait(desk, case_id(pressed), actor, on, until=moment_in(said, desk.now))
    return Then(f"{actor.name}：{waiting.ON[on]}，到 {moment(until)}")


def _meant(desk: Desk, said: Said) -> Meant:
    moment_in(said.rest, desk.now)  # refused here, in the words of the person who typed it
    return said.value, {"until": (said.rest,)}


def offered(case: CaseState) -> bool:
    return case.state == "claimed" and case.is_alone and case.kind not in _QUICK


def usual(case: CaseState) -> str:
    """On whom a case of its kind waits mostly, in words."""
    return waiting.ON[_on(case)]


def _on(case: CaseState) -> str:
    return "purchasing" if case.kind in _PURCHASING else "platform" if case.kind in _PLATFORM else "customer"


def _on_case(case: CaseState) -> tuple[Button, ...]:
    return (Button(usual(case), _on(case)),) if offered(case) else ()


_WORDS = {
    **dict.fromkeys(("等客户", "等买家", "等客人", "等待客户", "等待买家"), "customer"),
    **dict.fromkeys(("等采购", "等待采购"), "purchasing"),
    **dict.fromkeys(("等平台", "等待平台"), "platform"),
    **dict.fromkeys(("等待", "等一下"), ""),
}
ACTION = Action(waiting.WAIT, press, words=_WORDS, meant=_meant, on_case=_on_case)
