"""What a buyer sees of one order on its page: the goods, the steps with their times, each parcel's last lines, what is
wrong in words that are meant for them, and when something will be heard. Only what the hub knows; nobody is asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask, trail
from handlers.customers import mends, state
from handlers.desk import Desk
from handlers.wording import ORDER_KINDS, PARTINGS, moment
from models.couriers import courier_name
from models.parcel import STATES
from models.stages import OPEN, TITLES, Stage

STEPS: Final = ("下单", "审核", "配货", "发货", "签收")
_PASSED: Final = {Stage.PENDING_REVIEW: 1, Stage.PENDING_PICK: 2, Stage.PENDING_SHIP: 3, Stage.DONE: 4}
_STAGES: Final = {title: stage for stage, title in TITLES.items()}
_SHOWN: Final = 3  # lines of a parcel's way
_BY_THE_PAYER: Final = "退款请以付款平台的到账通知为准"

_SHOP: Final = text("SELECT name FROM shops WHERE id = :id")
_TIMES: Final = text("""
    SELECT o.created_at, t.at, t.detail FROM orders o LEFT JOIN trail t ON t.subject = :subject
        AND (t.detail LIKE '%"环节"%' OR t.detail LIKE '%"退款"%')
    WHERE o.id = :id ORDER BY t.id
""")
_LINES: Final = text("""
    SELECT title, spec, quantity, refund, parting, sku FROM order_lines WHERE order_id = :id ORDER BY position
""")
_CASES: Final = text("""
    SELECT kind, evidence FROM cases WHERE order_id = :id AND state IN ('open', 'claimed') ORDER BY id
""")
_PARCELS: Final = text("""
    SELECT p.courier, p.waybill, p.state, p.last_event_at,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(e.at, e.text) ORDER BY e.at DESC), '[]') FROM (
            SELECT at, text FROM parcel_events WHERE parcel_id = p.id ORDER BY at DESC LIMIT :n) e) AS events
    FROM parcels p WHERE p.order_id = :id AND p.waybill = ANY(:waybills) ORDER BY p.id
""")
_RECEIVER: Final = "您的收件信息已更新，我们正在按新的信息准备包裹"
WRONG: Final = {
    **state.ASKS,
    "address_changed": _RECEIVER,
    "receiver_changed": _RECEIVER,
    "delay_request": "您希望晚一点发货，店铺客服正在安排时间",
    "courier_promise": "您指定的快递正在安排",
    "invoice": "您要的发票正在安排",
    "wrong_goods": "您反映的收货问题（错发、漏发、少件或破损）已转给售后，正在处理",
    "resend_check": "补发正在核对，核对好马上安排",
    "parcel_stuck": "包裹在路上有些不顺，我们正在向快递查问",
}
"""Kind → what a buyer may know while it is open, and can do; not what is silent (matters.SILENT)."""
_SIGNED_BY: Final = re.compile(
    r"(签收人[是为]?\s*[:：]?\s*[【\[（(]?\s*)([\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .]{1,30})"
)
_NO_NAME: Final = re.compile("本人|他人|代|柜|驿站|前台|门卫|保安|家人|家属|同事|邻居|物业|收发|超市|店|已|快件")


@dataclass(frozen=True, slots=True)
class Good:
    """`note`: what became of it, "" where it goes as the order goes."""

    title: str
    spec: str
    pieces: int
    note: str


@dataclass(frozen=True, slots=True)
class Step:
    """`mark`: done, now (what is waited for), next, or off (the order ended here instead)."""

    title: str
    mark: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """A parcel. `stands`: "" where nobody follows it; `lines`: moment and words, the newest first; `of`: 补发 or 换货
    where it was sent to mend the order."""

    courier: str
    waybill: str
    stands: str
    lines: tuple[tuple[datetime, str], ...]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """`comes`: when it leaves, as far as anybody has said; `hears`: when there is news by the latest; "" for none.
    `mends`: a line for each that is still to be sent to mend it."""

    shop: str
    headline: str
    comes: str
    hears: str
    goods: tuple[Good, ...]
    steps: tuple[Step, ...]
    parcels: tuple[Way, ...]
    wrong: tuple[str, ...]
    mends: tuple[str, ...] = ()


def of(desk: Desk, one: Row[Any]) -> Journey:
    """`one`: as state.order gives it."""
    shop = desk.session.execute(_SHOP, {"id": one.shop_id}).scalar_one_or_none() or ""
    cases = desk.session.execute(_CASES, {"id": one.id}).all()
    parcels = _parcels(desk, one)
    mending = mends.of(desk, [one.id]).get(one.id, [])
    wrong = tuple(dict.fromkeys(WRONG[row.kind] for row in cases if row.kind in WRONG))
    comes = state.next_time(one, desk.now) if state.waits(one) else ""
    return Journey(
        shop, _headline(one, parcels), "" if comes in wrong else comes, _hears(one, desk.now, parcels),
        _goods(desk, one, cases), _steps(desk, one, parcels),
        (*_ways(one, parcels), *(way for row in mending for way in _mending(desk, row))), wrong,
        tuple(mends.words(row, desk.now) for row in mending if Stage(row.stage) is not Stage.DONE),
    )  # fmt: skip


def _waybills(one: Row[Any]) -> list[str]:
    return [number.strip() for number in one.waybill.split(",") if number.strip()]


def _parcels(desk: Desk, one: Row[Any]) -> Sequence[Row[Any]]:
    """Only those whose numbers the order still has: a corrected number is nobody's parcel."""
    return desk.session.execute(_PARCELS, {"id": one.id, "waybills": _waybills(one), "n": _SHOWN}).all()


def _ways(one: Row[Any], parcels: Sequence[Row[Any]]) -> tuple[Way, ...]:
    followed = [row.waybill for row in parcels]
    bare = [Way(courier_name(one.courier), number, "", ()) for number in _waybills(one) if number not in followed]
    return (*(_way(row) for row in parcels), *bare)


def _mending(desk: Desk, row: Row[Any]) -> Iterator[Way]:
    return (replace(way, of=ORDER_KINDS[row.kind]) for way in _ways(row, _parcels(desk, row)))


def _way(row: Row[Any]) -> Way:
    lines = tuple((datetime.fromisoformat(at), line_of(words)) for at, words in row.events)
    return Way(courier_name(row.courier), row.waybill, STATES.get(row.state, ""), lines)


def line_of(words: str) -> str:
    """A line of a courier's as strangers may read it: whose hand took the parcel is nobody's business."""
    return mask.phones(_SIGNED_BY.sub(lambda found: found[1] + _hidden(found[2]), words))


def _hidden(name: str) -> str:
    return name if _NO_NAME.search(name) else f"{name[0]}**"


def _all_signed(parcels: Sequence[Row[Any]]) -> bool:
    return bool(parcels) and all(row.state == "signed" for row in parcels)


def _headline(one: Row[Any], parcels: Sequence[Row[Any]]) -> str:
    stage = Stage(one.stage)
    if stage is Stage.CANCELLED:
        return "已取消，已退款" if one.refund == "refunded" else "已取消"
    if stage is not Stage.DONE or one.refund in ("asked", "refunded"):
        return "退款处理中" if one.refund == "asked" and stage is Stage.DONE else _before(one)
    if _all_signed(parcels):
        return "已签收"
    many = len(_waybills(one))
    if many > 1:
        signed = sum(row.state == "signed" for row in parcels)
        return f"已发出 {many} 个包裹" + (f"，{signed} 个已签收" if signed else "")
    return "已发货" + "".join(
        f"，{STATES[row.state]}" for row in parcels if row.state in STATES and row.state != "waiting"
    )


def _before(one: Row[Any]) -> str:
    return "已退款" if one.refund == "refunded" else state.before_shipping(one)


def _comes(one: Row[Any], now: datetime) -> str:
    """What the buyer is asked for stands among what is wrong."""
    asked = one.asked and not one.awaits_refund
    return state.next_time(one, now) if state.waits(one) and not asked else ""


def _hears(one: Row[Any], now: datetime, parcels: Sequence[Row[Any]]) -> str:
    """What is promised here happens by itself: at the deadline a notice goes out (customers/late.py)."""
    stage = Stage(one.stage)
    if one.refund == "refunded":
        return _BY_THE_PAYER
    if stage in (Stage.CANCELLED, Stage.UNPAID):
        return ""
    if one.refund == "asked":
        return "退款办好后，付款平台会通知您"
    if stage is Stage.DONE:
        return "" if _all_signed(parcels) else "快递有新进展时，刷新这一页就能看到"
    if one.awaits_refund or one.asked or one.ship_by_at is None or one.ship_by_at <= now:
        return ""
    return f"最晚 {moment(one.ship_by_at)} 有消息：已发出，或晚发的说明"


def _goods(desk: Desk, one: Row[Any], cases: Sequence[Row[Any]]) -> tuple[Good, ...]:
    short = {sku for row in cases if row.kind == "short_stock" for sku in row.evidence.get("skus", ())}
    rows = desk.session.execute(_LINES, {"id": one.id})
    return tuple(Good(row.title, row.spec, row.quantity, _note(row, short)) for row in rows)


def _note(row: Row[Any], short: set[str]) -> str:
    if row.refund in ("asked", "refunded"):
        return "已退款" if row.refund == "refunded" else "退款处理中"
    return PARTINGS.get(row.parting, "") or ("暂时缺货" if row.sku in short else "")


def _steps(desk: Desk, one: Row[Any], parcels: Sequence[Row[Any]]) -> tuple[Step, ...]:
    subject = trail.order_subject(one.shop_id, one.external_id)
    rows = desk.session.execute(_TIMES, {"id": one.id, "subject": subject}).all()
    times = [rows[0].created_at, *_moments(rows)]
    stage = Stage(one.stage)
    passed = _PASSED.get(stage, 1)
    if stage is Stage.CANCELLED:
        passed = max(place for place, at in enumerate(times) if at is not None) + 1
    if stage is Stage.DONE:
        times[3] = one.shipped_at or times[3]
    if stage is Stage.DONE and _all_signed(parcels):
        passed, times[4] = 5, max((row.last_event_at for row in parcels if row.last_event_at), default=None)
    taken = [Step(STEPS[place], "done", times[place]) for place in range(passed)]
    if stage is Stage.CANCELLED or one.refund == "refunded":
        ended = "已取消" if stage is Stage.CANCELLED else "已退款"
        return (*taken, Step(ended, "off", one.stage_entered_at if stage is Stage.CANCELLED else _paid_back_at(rows)))
    going_on = stage in OPEN or stage is Stage.DONE
    marks = ("now" if going_on and place == passed else "next" for place in range(passed, len(STEPS)))
    return (*taken, *(Step(STEPS[place], mark, None) for place, mark in enumerate(marks, passed)))


def _moments(rows: Sequence[Row[Any]]) -> list[datetime | None]:
    """When each step after the first was taken, None for what was passed over; what was taken back is forgotten."""
    times: list[datetime | None] = [None] * (len(STEPS) - 1)
    for row in rows:
        left, reached = _move(row.detail)
        if reached >= 0:
            times[reached:] = [None] * (len(times) - reached)
        if reached > max(left, 0):
            times[reached - 1] = row.at
    return times


def _move(detail: str | None) -> tuple[int, int]:
    """The last step that was taken before and after a move; -1 for none."""
    moved = json.loads(detail).get("环节") if detail else None
    titles = moved if isinstance(moved, list) and len(moved) == 2 else ("", "")
    before, after = (_PASSED.get(_STAGES.get(title, Stage.UNPAID), 0) - 1 for title in titles)
    return before, after


def _paid_back_at(rows: Sequence[Row[Any]]) -> datetime | None:
    for row in reversed(rows):
        change = json.loads(row.detail).get("退款") if row.detail else None
        if isinstance(change, list) and change[-1:] == ["refunded"]:
            return row.at  # type: ignore[no-any-return]
    return None
