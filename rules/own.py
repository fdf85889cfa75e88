"""A rule that the company's own people wrote. It judges like those of RULES, with what they said of it instead of what
a programmer did."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2s
from typing import Any, Final

from models.people import Role
from models.stages import OPEN
from rules.facts import OrderFacts
from rules.language import Condition, Unknown
from rules.rule import Rule
from rules.verdict import Outcome, Verdict

PREFIX: Final = "own_"
SOLVED: Final = "已处理"
_MOST_LETTERS: Final = 80
_NUMBERS: Final = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|\d{7,}")  # a date's parts are no such number
_NOT_OPEN: Final = Verdict.miss("不在待发流程中")
_MISS: Final = Verdict.miss("不符合条件")
_OVER: Final = Verdict.miss("规则已过期")


def slug_of(rule_id: int) -> str:
    """The kind of its cases."""
    return f"{PREFIX}{rule_id}"


def is_own(kind: str) -> bool:
    return kind.startswith(PREFIX) and kind[len(PREFIX) :].isdigit()


def id_of(kind: str) -> int:
    return int(kind[len(PREFIX) :])


@dataclass(frozen=True, slots=True)
class Manner:
    """What its cases are like; as rules/rule.py says."""

    title: str
    role: Role
    severity: str
    blocks: bool
    claim_minutes: int
    solve_minutes: int


@dataclass(frozen=True, slots=True)
class Validity:
    """It judges from the one to the other, both in UTC; None: always."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None


ALWAYS: Final = Validity()


class OwnRule(Rule):
    """`number`: of its version. `shadow`: it is judged and counted, and opens nothing. `actions`: what a hit leads to
    beside its case; `quiet`: it has none."""

    solved = SOLVED

    def __init__(
        self, named: tuple[int, int], condition: Condition, manner: Manner, *, validity: Validity = ALWAYS,
        shadow: bool = False, actions: Sequence[Mapping[str, Any]] = (), quiet: bool = False,
    ) -> None:  # fmt: skip
        """`named`: the rule's id, and the number of its version."""
        self.rule_id, self.number = named
        self.condition = condition
        self.shadow = shadow
        self.quiet = quiet
        self.actions = tuple(dict(one) for one in actions)
        self._validity = validity
        # What a person settled under this condition is settled, however it is written; another one finds another thing.
        self.mark = blake2s(condition.meaning.encode(), digest_size=6).hexdigest()
        # Of a built-in rule they are its class's, of this one its own.
        vars(self).update(asdict(manner), slug=slug_of(self.rule_id))
        # What its case keeps of it for life, however the rule is changed.
        self._kept = {
            "id": self.rule_id, "version": self.number, **asdict(manner), "role": str(manner.role), "solved": SOLVED,
            "minutes": [manner.claim_minutes, manner.solve_minutes], "actions": list(self.actions),
        }  # fmt: skip

    def judge(self, facts: OrderFacts, now: datetime) -> Verdict:
        """No I/O, no clock: the same facts and moment give the same verdict."""
        if facts.stage not in OPEN:
            return _NOT_OPEN
        starts_at, ends_at = self._validity.starts_at, self._validity.ends_at
        if starts_at is not None and now < starts_at:
            return Verdict.miss("规则还没到生效日期", recheck_at=starts_at)
        if ends_at is not None and now >= ends_at:
            return _OVER
        found = self.condition.test(facts, now)
        recheck_at = self._recheck_at(facts, now)
        if found is True:
            said = {"rule": self._kept}
            return Verdict.hit(self._reason(facts, now), mark=self.mark, evidence=said, recheck_at=recheck_at)
        if isinstance(found, Unknown):
            return Verdict(Outcome.UNKNOWN, f"规则「{self.title}」：{found.reason}", recheck_at=recheck_at)
        return _MISS if recheck_at is None else Verdict.miss(_MISS.reason, recheck_at=recheck_at)

    def _recheck_at(self, facts: OrderFacts, now: datetime) -> datetime | None:
        if not self.condition.looks:
            return self._validity.ends_at
        moments = [self.condition.recheck_at(facts, now), self._validity.ends_at]
        return min((at for at in moments if at is not None), default=None)

    def _reason(self, facts: OrderFacts, now: datetime) -> str:
        """Stays the same as long as the order does: what changes by the minute is not in it, nor what is private."""
        told = self.condition.explain(facts, now)
        values = dict.fromkeys(one.value for one in told if one.value and not one.changes)
        beside = "，".join(values)
        words = _NUMBERS.sub("***", " ".join(self.condition.text.split()))
        words = words if len(words) <= _MOST_LETTERS else f"{words[: _MOST_LETTERS - 1]}…"
        return f"{words}（{beside}）" if beside else words
