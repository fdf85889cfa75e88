"""Where a case stands in its life, and every legal change: one table, looked up, never argued with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id


class Life(StrEnum):
    """More than the column `state` tells: open with an owner is assigned, claimed with a wake time waits."""

    OPENED = "opened"
    ASSIGNED = "assigned"
    CLAIMED = "claimed"
    WAITING = "waiting"
    SOLVED = "solved"
    DISMISSED = "dismissed"


class Turn(StrEnum):
    ASSIGN = "assign"  # 派给, 转交: theirs, and not yet accepted
    CLAIM = "claim"  # 认领
    RELEASE = "release"  # 释放, and what an absence gives back
    EXPIRE = "expire"  # the promise ran out
    CLIMB = "climb"  # a step up the ladder, which leaves it where it is
    HAND_OVER = "hand_over"  # 交接, accepted: with a promise of its own
    WAIT = "wait"  # 等客户, 等采购, 等平台
    WAKE = "wake"  # the wake time came
    PUT_OFF = "put_off"  # 延后
    NOTE = "note"  # something is said about it
    SOLVE = "solve"
    DISMISS = "dismiss"
    FORCE = "force"  # 强制通过
    REOPEN = "reopen"


TITLES: Final[dict[Life, str]] = {
    Life.OPENED: "待认领",
    Life.ASSIGNED: "已派人，待认领",
    Life.CLAIMED: "处理中",
    Life.WAITING: "等待中",
    Life.SOLVED: "已处理",
    Life.DISMISSED: "已忽略",
}

ALIVE: Final = (Life.OPENED, Life.ASSIGNED, Life.CLAIMED, Life.WAITING)
ENDS: Final[dict[Turn, Life]] = {Turn.SOLVE: Life.SOLVED, Turn.DISMISS: Life.DISMISSED, Turn.FORCE: Life.SOLVED}
_HELD: Final = (Life.ASSIGNED, Life.CLAIMED, Life.WAITING)
_STAYS: Final = (Turn.CLIMB, Turn.PUT_OFF, Turn.NOTE)

CHANGES: Final[dict[tuple[Life, Turn], Life]] = {
    **{(life, Turn.ASSIGN): Life.ASSIGNED for life in ALIVE},
    (Life.OPENED, Turn.CLAIM): Life.CLAIMED,
    (Life.ASSIGNED, Turn.CLAIM): Life.CLAIMED,
    **{(life, Turn.RELEASE): Life.OPENED for life in _HELD},
    (Life.CLAIMED, Turn.EXPIRE): Life.OPENED,
    (Life.OPENED, Turn.HAND_OVER): Life.CLAIMED,
    (Life.ASSIGNED, Turn.HAND_OVER): Life.CLAIMED,
    (Life.CLAIMED, Turn.HAND_OVER): Life.CLAIMED,
    (Life.WAITING, Turn.HAND_OVER): Life.WAITING,  # whoever takes it over waits on
    **{(life, Turn.WAIT): Life.WAITING for life in ALIVE},
    (Life.WAITING, Turn.WAKE): Life.CLAIMED,
    **{(life, turn): life for life in ALIVE for turn in _STAYS},
    **{(life, turn): end for life in ALIVE for turn, end in ENDS.items()},
    (Life.SOLVED, Turn.REOPEN): Life.CLAIMED,
    (Life.DISMISSED, Turn.REOPEN): Life.CLAIMED,
}
"""Beside these an end is taken back within a minute (撤销): it then stands where it stood (`taken_back`)."""


class IllegalChange(Exception):
    """That turn does not lead anywhere from there."""

    def __init__(self, life: Life, turn: Turn) -> None:
        super().__init__(f"no change {turn} of a case that is {life}")
        self.life, self.turn = life, turn


class Standing(Protocol):
    """A row of `cases`, as far as it tells where the case stands."""

    @property
    def state(self) -> Any: ...
    @property
    def owner_id(self) -> Any: ...
    @property
    def claimed_until(self) -> Any: ...
    @property
    def wake_at(self) -> Any: ...


def target(life: Life, turn: Turn) -> Life:
    """Where `turn` leads. Raises IllegalChange."""
    try:
        return CHANGES[life, turn]
    except KeyError:
        raise IllegalChange(life, turn) from None


def taken_back(ended: Life, before: Life) -> Life:
    """Where a case stands again whose end is taken back. Raises IllegalChange where it never ended like that."""
    if ended not in {end for (life, turn), end in CHANGES.items() if life is before and turn in ENDS}:
        raise IllegalChange(ended, Turn.REOPEN)
    return before


def waits(case: Standing) -> bool:
    """A wake time counts while it is the promise too: whatever gives the case another promise, or none, ends the
    wait, in whichever room that happens."""
    return case.state == "claimed" and case.wake_at is not None and case.wake_at == case.claimed_until


def life_of(case: Standing) -> Life:
    if case.state == "open":
        return Life.OPENED if case.owner_id is None else Life.ASSIGNED
    if case.state == "claimed":
        return Life.WAITING if waits(case) else Life.CLAIMED
    return Life(case.state)


class ForceAsk(Base):
    """Somebody wants a case passed by force, and a second person must agree.

    `state`: asked, agreed, refused, expired, gone (the case ended otherwise)."""

    __tablename__ = "force_asks"

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(BigInteger)
    asked_by: Mapped[int]
    asker: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="asked")
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_by: Mapped[int | None]
    decided_at: Mapped[datetime | None]
    words: Mapped[str] = mapped_column(server_default="")

    __table_args__ = (
        # One at a time.
        Index("uq_force_asks_case_id", "case_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index("ix_force_asks_expires_at", "expires_at", postgresql_where=text("state = 'asked'")),
    )


class Skill(Base):
    """What somebody is good at: a shop ("shop:tb"), a platform ("platform:jd") or a kind ("kind:short_stock"). Without
    any a person takes everything of their roles."""

    __tablename__ = "skills"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
