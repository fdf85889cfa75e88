"""URGED: the buyer is waiting, and says so."""

from __future__ import annotations

from datetime import datetime

from models.beijing import BEIJING
from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.said import asked_where
from rules.verdict import Verdict


class Urged(Rule):
    slug = "urged"
    title = "催发货"
    role = Role.WAREHOUSE
    severity = "P2"
    blocks = False
    claim_minutes = 10
    solve_minutes = 60
    sure = True
    tells = ()

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN:
            return Verdict.miss("不在待发流程中")

        if facts.urged_at is not None:
            at = facts.urged_at.astimezone(BEIJING)
            return Verdict.hit(
                f"买家 {at:%m-%d %H:%M} 在平台催发货，请优先发", mark=f"platform:{facts.urged_at.isoformat()}"
            )
        said = asked_where(facts, "urge")
        return Verdict.hit(f"{said}，请优先发", mark=said) if said else Verdict.miss("没有催发")
