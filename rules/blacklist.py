"""BLACKLIST: somebody whom the company put on its list, or who sent most of it back before. A supervisor decides."""

from __future__ import annotations

from datetime import datetime

from models.people import Role
from models.stages import OPEN
from rules.facts import History, OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict


class Blacklist(Rule):
    slug = "blacklist"
    title = "高风险买家"
    role = Role.SUPERVISOR
    severity = "P2"
    blocks = True
    force = "A"
    solved = "同意发货"
    claim_minutes = 60
    solve_minutes = 240
    tells = ("supervisor",)

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        """`evidence["entries"]`: the numbers of the lines of the list."""
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")
        if facts.listed:
            words = "；".join(one.words for one in facts.listed)
            numbers = [one.entry for one in facts.listed]
            return Verdict.hit(
                f"{words}。先别发，可以保价或改用可拒收的快递",
                mark=",".join(str(number) for number in numbers),
                evidence={"entries": numbers},
            )
        if (said := _sent_back(facts)) is not None:
            return Verdict.hit(said, mark="refunds", evidence={"entries": []})
        if facts.listing_blind:
            return Verdict.unknown("看不到完整电话或买家账号，黑名单核对不全")
        return Verdict.miss("不在黑名单里")


def _sent_back(facts: OrderFacts) -> str | None:
    checks, past = facts.checks, facts.history
    if not checks.refund_orders or past.bought < checks.refund_orders:
        return None
    if past.refunded * 100 < past.bought * checks.refund_percent:
        return None
    return f"{_whose(past)}最近半年买了 {past.bought} 单，退了 {past.refunded} 单，先别发，请主管决定"


def _whose(past: History) -> str:
    return "同一收件电话" if past.by_phone else "这位买家"
