"""STOCK_SHORT: what lies on the shelf does not reach for this order after those that come before it. Its case locks the
order and is ended with it; people are told by the SKU's own matter (handlers/shortage/), once for all its orders. Where
people decided that what is short leaves later than the rest (拆单先发), it is still short but locks nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from models.beijing import BEIJING
from models.people import Role
from models.stages import OPEN
from rules.facts import LineFacts, OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

LATER: Final = "later"
"""Of a line (LineFacts.parting)."""
_OVER: Final = "不再按缺货锁单，请核对有没有货再发"


class ShortStock(Rule):
    slug = "short_stock"
    title = "缺货"
    role = Role.PURCHASING
    severity = "P2"
    blocks = True
    force = "A"
    claim_minutes = 30
    solve_minutes = 240
    solved = "已到货"
    customer = "已有货"
    tells = ()

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        left = [line for line in facts.lines if not line.shipped and line.refund != "refunded"]
        wanted = [line for line in left if line.parting != "refund"]
        needed = _needed(wanted)
        short = {sku: needed[sku] for sku in needed if _available(wanted, sku) < needed[sku]}
        if short:
            return _hit(wanted, short)
        unknown = [line.sku or line.title for line in wanted if line.on_hand is None]
        if unknown:
            return Verdict.unknown(f"库存表里没有 {'、'.join(unknown[:3])}", over=_OVER)
        if not facts.lines:
            return Verdict.unknown("订单没有明细")
        if len(wanted) < len(left):
            return Verdict.miss("缺的等退款", quiet=True)
        return Verdict.miss("库存够", quiet=any(line.swapped_from for line in wanted))  # the buyer agreed, and knows

    def steps(self, facts: OrderFacts, now: datetime) -> Sequence[dict[str, Any]] | None:
        """It goes up no ladder of its own."""
        return [{"after": 0, "tell": []}]


def is_still_wanted(facts: OrderFacts, evidence: Mapping[str, Any]) -> bool:
    """Whether anything that a case says was short (`evidence`) is still to leave: only then is its end good news."""
    wanted = {line.sku for line in facts.lines if not line.shipped and line.refund != "refunded"}
    return not wanted.isdisjoint(evidence.get("skus", wanted))


def mark_of(short: Mapping[str, int]) -> str:
    """What makes a shortness the same matter: which SKUs (→ pieces that the order needs)."""
    return ",".join(f"{sku}x{quantity}" for sku, quantity in sorted(short.items()))


def group_of(sku: str) -> str:
    """Of whose telling an order's case is: evidence["group"]."""
    return f"shortage:{sku}"


def _needed(lines: list[LineFacts]) -> dict[str, int]:
    """Pieces per SKU over all lines whose stock is known."""
    needed: dict[str, int] = {}
    for line in lines:
        if line.on_hand is not None:
            needed[line.sku] = needed.get(line.sku, 0) + line.quantity
    return needed


def _available(lines: list[LineFacts], sku: str) -> int:
    line = next(line for line in lines if line.sku == sku)
    return (line.on_hand or 0) - line.waiting_ahead


def _hit(lines: list[LineFacts], short: dict[str, int]) -> Verdict:
    of = {line.sku: line for line in lines}
    parts = [
        f"{of[sku].title}（{sku}）要 {quantity}，可用 {max(_available(lines, sku), 0)}{_coming(of[sku])}"
        for sku, quantity in short.items()
    ]
    skus = sorted(short)
    later = all(line.parting == LATER for line in lines if line.sku in short)
    evidence = {"skus": skus, "group": group_of(skus[0]), "later": later}
    return Verdict.hit("；".join(parts) + "，到货后补发" * later, mark=mark_of(short), evidence=evidence)


def _coming(line: LineFacts) -> str:
    """What is on its way, as far as anybody said."""
    pieces = f"，在途 {line.incoming}" if line.incoming > 0 else ""
    return pieces + (f"，预计 {line.incoming_at.astimezone(BEIJING):%m-%d} 到" if line.incoming_at else "")
