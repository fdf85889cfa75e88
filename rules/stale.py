"""STALE_STAGE: an order stays longer in its stage than that stage may last."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from models.people import Role
from models.stages import TITLES, Stage
from rules.facts import OrderFacts
from rules.rule import Rule
from rules.verdict import Verdict

OWNERS: Final[dict[Stage, Role]] = {
    Stage.PENDING_REVIEW: Role.SERVICE,
    Stage.PENDING_PICK: Role.WAREHOUSE,
    Stage.PENDING_SHIP: Role.WAREHOUSE,
}


def starts_at(entered_at: datetime, not_before_at: datetime | None) -> datetime:
    """When the stage's clock starts: an agreed later date moves it."""
    return max(entered_at, not_before_at) if not_before_at else entered_at


class StaleStage(Rule):
    slug = "stale_stage"
    title = "停留超时"
    role = Role.SERVICE
    severity = "P3"
    blocks = False
    claim_minutes = 15
    solve_minutes = 60
    sure = True

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        if facts.stage not in OWNERS or facts.stage_limit is None:
            return Verdict.miss("这个环节不计时")
        if facts.hold:
            return Verdict.miss(f"平台限制发货：{facts.hold}")
        due = starts_at(facts.stage_entered_at, facts.not_before_at) + facts.stage_limit
        if now < due:
            return Verdict.miss("未超时", recheck_at=due)
        return Verdict.hit(
            f"在{TITLES[facts.stage]}超过 {_spoken(facts.stage_limit)}",
            mark=f"{facts.stage}@{facts.stage_entered_at:%Y%m%dT%H%M%S}",
            evidence={"stage": str(facts.stage), "since": facts.stage_entered_at.isoformat()},
        )

    def owner(self, facts: OrderFacts) -> Role:
        return OWNERS[facts.stage]


def _spoken(limit: timedelta) -> str:
    minutes = int(limit.total_seconds()) // 60
    return f"{minutes // 60} 小时" if minutes % 60 == 0 else f"{minutes} 分钟"
