"""GOODS_CHANGED: other goods, or another number of them, than when the order was approved."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from models.people import Role
from models.stages import Stage
from rules.facts import LineFacts, OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class GoodsChanged(Rule):
    slug = "goods_changed"
    title = "平台换货品"
    role = Role.WAREHOUSE
    severity = "P2"
    blocks = True
    force = "R"
    claim_minutes = 15
    solve_minutes = 60
    solved = "已按新的配"
    customer = "商品已更新"
    sure = True
    tells = ("group", "role")

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in (Stage.PENDING_PICK, Stage.PENDING_SHIP) or facts.audited is None:
            return Verdict.miss("还没有审核，或已发出")

        before, after = Counter(dict(facts.audited.goods)), Counter[str]()
        for line in facts.lines:
            after[_sold(line)] += line.quantity
        if before == after:
            return Verdict.miss("货品没有变", quiet=True)
        titles = {_sold(line): line.title for line in facts.lines}
        less = [f"少 {titles.get(sku, sku)}×{pieces}" for sku, pieces in (before - after).items()]
        more = [f"多 {titles.get(sku, sku)}×{pieces}" for sku, pieces in (after - before).items()]
        mark = ",".join(f"{sku}x{pieces}" for sku, pieces in sorted(after.items()))
        return Verdict.hit("；".join(less + more), mark=mark)


def _sold(line: LineFacts) -> str:
    """What the platform sold: goods that were exchanged here have not changed there."""
    return line.platform_sku or line.swapped_from or line.sku
