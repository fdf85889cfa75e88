"""An action that a rule takes on an order of a batch, and one that is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from handlers.platform_moves import Work
from handlers.rulebook import deeds
from handlers.rulebook.deeds import Kept
from rules.own import OwnRule


@dataclass(frozen=True, slots=True)
class Act:
    """`reason`: of the verdict that leads to it; `was`: the day from which the order could leave until now."""

    work: Work
    rule: OwnRule
    kept: Kept
    reason: str = ""
    was: datetime | None = None

    @property
    def slug(self) -> str:
        return str(self.kept["do"])

    @property
    def key(self) -> str:
        return deeds.key_of(self.kept)

    @property
    def by(self) -> dict[str, str]:
        """What the trail says beside the action."""
        return {"规则": f"{called(self.rule)} 第{self.rule.number}版"}


@dataclass(frozen=True, slots=True)
class Undoing:
    """`row`: of what was done (rule_acts); `cases`: of the order."""

    work: Work
    row: Row[Any]
    cases: Sequence[Row[Any]]

    @property
    def slug(self) -> str:
        return str(self.row.deed).partition(":")[0]

    @property
    def key(self) -> tuple[int, int, str]:
        """Order, rule, action."""
        return self.row.order_id, self.row.rule_id, self.row.deed

    @property
    def by(self) -> dict[str, str]:
        """What the trail says beside it: by which version it had been done."""
        return {"规则": f"规则{self.row.rule_id} 第{self.row.number}版"}


def called(rule: OwnRule) -> str:
    """规则3「大额偏远」"""
    code = f"规则{rule.rule_id}"
    return code if rule.title == code else f"{code}「{rule.title}」"
