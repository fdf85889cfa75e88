"""DEADLINE_NEAR: the platform's last moment to ship comes near, or has passed. A local hold does not move it; only the
platform's own word does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from models.beijing import BEIJING
from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

_ROUND: Final = timedelta(minutes=1)


class DeadlineNear(Rule):
    slug = "deadline_near"
    title = "临近发货时限"
    role = Role.WAREHOUSE
    severity = "P1"
    blocks = False
    claim_minutes = 10
    solve_minutes = 60
    tells = ("group", "owner", "role")

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OPEN or facts.ship_by_at is None:
            return Verdict.miss("没有发货时限")
        if facts.hold:
            return Verdict.miss(f"平台限制发货：{facts.hold}")
        if facts.refund in ("asked", "refunded"):
            return Verdict.miss("退款处理中，不发货")
        left = facts.ship_by_at - now
        if left > facts.checks.urgent:
            return Verdict.miss("离时限还早", recheck_at=facts.ship_by_at - facts.checks.urgent)
        by = f"{facts.ship_by_at.astimezone(BEIJING):%m-%d %H:%M}"
        if left <= timedelta(0):
            return Verdict.hit(f"平台最晚发货 {by}，已经超时", mark=f"over@{by}")
        danger = facts.checks.danger
        if left <= danger:
            return Verdict.hit(
                f"平台最晚发货 {by}，不到 {_hours(danger)}", mark=f"danger@{by}", recheck_at=facts.ship_by_at
            )
        at = facts.ship_by_at - danger
        return Verdict.hit(f"平台最晚发货 {by}，不到 {_hours(facts.checks.urgent)}", mark=f"urgent@{by}", recheck_at=at)

    def steps(self, facts: OrderFacts, now: datetime) -> Sequence[dict[str, Any]] | None:
        """Warehouse at once; the supervisor an hour before and at the deadline."""
        if facts.ship_by_at is None:
            return None
        moments = (facts.ship_by_at - facts.checks.danger, facts.ship_by_at)
        later = [
            {"after": -(-(moment - now) // _ROUND), "tell": ["role", "supervisor"]}
            for moment in moments
            if moment > now
        ]
        first = list(self.tells) if later else [*self.tells, "supervisor"]
        return [{"after": 0, "tell": first}, *later]


def _hours(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"
