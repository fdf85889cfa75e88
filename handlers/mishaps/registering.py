"""登记: something was wrong with what arrived (exception 36). Told by a colleague, by the customer, or by the platform
as the reason of an after-sale; one matter per order, to which whatever is told later is added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask, opening, owe, trail
from handlers.assigning import giving
from handlers.desk import SYSTEM, Actor, Desk, Refusal
from handlers.kinds import kind_of
from handlers.opening import Opening
from handlers.permissions import Permit
from handlers.platform_moves import Work
from models import Role
from models.stages import OPEN, TITLES, Stage
from texts import mishaps

KIND: Final = "wrong_goods"
REGISTER: Final = Permit("登记售后", frozenset({Role.SERVICE, Role.WAREHOUSE}))
HOW: Final = "是哪一种？请写 错发、漏发、少件 或 破损，例如：登记 {tag} 少件 1 个白杯"
LONGEST: Final = 100
_MOST: Final = 400
_BY: Final = {"person": "登记", "customer": "客户说", "platform": "平台售后原因"}

_ORDER: Final = text("SELECT id, shop_id, external_id, tag, stage FROM orders WHERE id = :id FOR NO KEY UPDATE")
_LIVE: Final = text("""
    SELECT id, reason, evidence FROM cases
    WHERE kind = :kind AND order_id = :order_id AND state IN ('open', 'claimed') FOR NO KEY UPDATE
""")
_KNOWN: Final = text("""
    SELECT order_id, jsonb_agg(evidence ->> 'platform') AS told FROM cases
    WHERE kind = :kind AND order_id = ANY(:ids) GROUP BY order_id
""")
_MENDED: Final = text("""
    SELECT c.id, c.order_id, o.tag, x.shop_id, x.external_id, x.buyer_key
    FROM order_links k JOIN orders o ON o.id = k.order_id
        JOIN cases c ON c.order_id = k.original_order_id AND c.kind = :kind AND c.state IN ('open', 'claimed')
        JOIN orders x ON x.id = c.order_id
    WHERE k.order_id = ANY(:ids) AND k.kind = 'reship' ORDER BY c.order_id
""")


@dataclass(frozen=True, slots=True)
class Report:
    """`source`: person, customer or platform; `words`: as they were said."""

    words: str
    source: str = "person"


def register(desk: Desk, order_id: int, report: Report, by: Actor) -> int:
    """The matter's case, new or the live one with the words added. Raises Refusal: no such sort of mishap, or the order
    has not left."""
    order = desk.session.execute(_ORDER, {"id": order_id}).one()
    what, words = mishaps.what(report.words), mask.phones(" ".join(report.words.split()))
    if not what:
        raise Refusal(HOW.format(tag=order.tag))
    if len(words) > LONGEST:
        raise Refusal(f"最多写 {LONGEST} 个字，现在有 {len(words)} 个")
    stage = Stage(order.stage)
    if stage in OPEN or stage is Stage.UNPAID:
        raise Refusal(f"{order.tag} 还在{TITLES[stage]}，没有发出；货还没到客户手里，不用登记")
    reason = _said(what, words, report, by)
    live = desk.session.execute(_LIVE, {"kind": KIND, "order_id": order_id}).one_or_none()
    evidence = {"what": what, "words": reason}
    made = Opening(KIND, reason, Role.SERVICE, order_id, evidence=evidence)
    case_id = _open(desk, made, by) if live is None else _add(desk, live, reason)
    detail = {mishaps.TITLES[what]: words}
    trail.write_order(desk, order_id, actor=by, action="登记售后", detail=detail)
    return case_id


def _said(what: str, words: str, report: Report, by: Actor) -> str:
    title = mishaps.TITLES[what]
    shown = words if title in words else f"{title}：{words}"
    return f"{shown}（{by.name}{_BY['person']}）" if report.source == "person" else f"{shown}（{_BY[report.source]}）"


def _open(desk: Desk, made: Opening, by: Actor) -> int:
    (row,) = opening.open_many(desk, [made], by=by)
    for action, words in giving.said(row, made.reason):
        trail.write_order(desk, row.order_id, actor=by, action=action, detail={"错发少件破损": words})
    return int(row.id)


def _add(desk: Desk, live: Row[Any], reason: str) -> int:
    """Nothing that was told is lost; the same once more changes nothing."""
    if reason not in live.reason:
        whole = f"{live.reason}；又{reason}"[:_MOST]
        opening.change_many(desk, [(live.id, whole, {"words": whole})])
    return int(live.id)


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that is watched: what platforms give as the reason of an after-sale, and which reships stand now."""
    _of_platforms(desk, [work for work in works if work.stage is Stage.DONE and work.row.after_sale])
    reships = [work.row.id for work in works if work.row.kind == "reship"]
    if reships:
        _mended(desk, reships)


def _of_platforms(desk: Desk, works: Sequence[Work]) -> None:
    found = {work.row.id: what for work in works if (what := mishaps.what(work.row.after_sale))}
    if not found:
        return
    known = {row.order_id: row.told for row in desk.session.execute(_KNOWN, {"kind": KIND, "ids": list(found)})}
    for work in works:
        told = work.row.after_sale
        if work.row.id not in found or told in known.get(work.row.id, ()):
            continue
        title = mishaps.TITLES[found[work.row.id]]
        reason = f"{told if title in told else f'{title}：{told}'}（{_BY['platform']}）"
        evidence = {"what": found[work.row.id], "words": reason, "platform": told}
        work.openings.append(Opening(KIND, reason, Role.SERVICE, work.row.id, evidence=evidence))


def _mended(desk: Desk, reships: Sequence[int]) -> None:
    """What was missing is sent once more: the matter is over, and the customer hears so."""
    rows = desk.session.execute(_MENDED, {"kind": KIND, "ids": list(reships)}).all()
    for row in rows:
        solution = f"已补发 {row.tag}"
        if opening.close_many(desk, [(row.id, solution)]):
            trail.write_order(desk, row.order_id, actor=SYSTEM, action="异常解除", detail={"错发少件破损": solution})
            buyer = (row.shop_id, row.buyer_key, row.external_id)
            owe.owe_customers(desk, [owe.solved_message(desk, row.id, buyer, kind_of(KIND).customer)])
