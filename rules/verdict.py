"""What a rule says: hit, miss or unknown. Unknown is never counted as fine, and no verdict is a truth value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NoReturn


class Outcome(StrEnum):
    HIT = "hit"
    MISS = "miss"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is Chinese and safe to show anywhere. `mark` names what exactly was found: once a person has settled
    a case, the same mark does not raise it again. `recheck_at`: when time alone may change the verdict. `quiet`: what
    ends by this is no good news, and its customer does not hear of it. `over`: how a live case ends all the same by a
    verdict that does not know, in Chinese; "" where it waits for one that does."""

    outcome: Outcome
    reason: str = ""
    mark: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    recheck_at: datetime | None = None
    quiet: bool = False
    over: str = ""

    @classmethod
    def hit(
        cls, reason: str, *, mark: str, evidence: Mapping[str, Any] | None = None, recheck_at: datetime | None = None
    ) -> Verdict:
        return cls(Outcome.HIT, reason, mark, {**(evidence or {}), "mark": mark}, recheck_at)

    @classmethod
    def miss(cls, reason: str = "", *, recheck_at: datetime | None = None, quiet: bool = False) -> Verdict:
        return cls(Outcome.MISS, reason, recheck_at=recheck_at, quiet=quiet)

    @classmethod
    def unknown(cls, reason: str, *, over: str = "") -> Verdict:
        return cls(Outcome.UNKNOWN, reason, over=over)

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict is hit, miss or unknown: compare its outcome")
