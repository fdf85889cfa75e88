"""REMARK_CHANGED: message or memo say something else than when the order was approved. What the hub itself wrote into
the memo is no news."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import Stage
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import parts, shown
from rules.verdict import Verdict


class RemarkChanged(Rule):
    slug = "remark_changed"
    title = "审核后备注变化"
    role = Role.SERVICE
    up = Role.WAREHOUSE
    severity = "P2"
    blocks = False
    force = "R"
    claim_minutes = 15
    solve_minutes = 60
    solved = "已知悉"
    sure = True
    tells = ("group", "owner", "role")

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in (Stage.PENDING_PICK, Stage.PENDING_SHIP) or facts.audited is None:
            return Verdict.miss("还没有审核，或已发出")
        changed = _changes("留言", facts.audited.message, facts.buyer_message, facts.noted)
        changed += _changes("备注", facts.audited.memo, facts.seller_memo, facts.noted)
        if not changed:
            return Verdict.miss("留言和备注没有变")
        return Verdict.hit("；".join(changed), mark=f"{facts.buyer_message}|{facts.seller_memo}")


def _changes(what: str, old: str, new: str, noted: frozenset[str]) -> list[str]:
    before, after = parts(old), parts(new)
    more = [part for part in after if part not in before and part not in noted]
    less = [part for part in before if part not in after]
    if more and less:
        return [f"{what}由「{shown('；'.join(less))}」改为「{shown('；'.join(more))}」"]
    return [f"{what}新增「{shown(part)}」" for part in more] + [f"{what}删去「{shown(part)}」" for part in less]
