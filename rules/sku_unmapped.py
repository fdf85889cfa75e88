"""SKU_UNMAPPED: nobody can tell which of our goods a platform's SKU is. One matter per platform SKU, however many
orders it holds up: mapped once, all of them are looked at again."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import LineFacts, OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class SkuUnmapped(Rule):
    slug = "sku_unmapped"
    title = "货品未匹配"
    role = Role.SERVICE
    severity = "P2"
    blocks = True
    force = "N"
    claim_minutes = 30
    solve_minutes = 120
    sure = True
    tells = ("group", "owner", "role")
    shared = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        """`evidence["goods"]`: [platform SKU, merchant code as the listing has it, title] of each."""
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        if not facts.shelf:
            return Verdict.miss("没有建库存，不核对货品")
        found = {line.platform_sku: line for line in facts.lines if _is_unmapped(line, facts.shelf)}
        if not found:
            return Verdict.miss("货品都认得")
        goods = [[sku, line.sku, line.title] for sku, line in sorted(found.items())]
        reason = "；".join(f"{line.title}（平台 SKU {sku}）{_why(line)}" for sku, line in sorted(found.items()))
        return Verdict.hit(reason, mark=",".join(sorted(found)), evidence={"goods": goods})


def _is_unmapped(line: LineFacts, shelf: str) -> bool:
    """A code that a partly kept shelf does not know may be one that nobody counts."""
    if not line.platform_sku or line.on_hand is not None or line.shipped or line.refund == "refunded":
        return False
    return not line.sku or shelf == "whole"


def _why(line: LineFacts) -> str:
    return f"的商家编码 {line.sku} 不在库存里" if line.sku else "没有商家编码"
