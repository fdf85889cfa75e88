"""The limits that hold just now: what the settings say, changed by what a supervisor has set, times a campaign's
factor. Read once in a transaction at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import text

from config_orders import Stale
from handlers.desk import Desk

WINDOW: Final = 15
"""Minutes in which cases of one cause are one matter."""
WIDEST: Final = 60
"""The same in a campaign, whatever it is else."""
STAGES: Final = ("pending_review_minutes", "pending_pick_minutes", "pending_ship_minutes")
CAUSE_FROM: Final = "group_from"
QUIET: Final = "quiet"
OFF: Final = "off"
"""Before the kind of alert that comes in digests alone, or not at all (handlers/tuning/switches.py)."""

_KEPT: Final = "tuned"
_READ: Final = text("""
    SELECT
        (SELECT coalesce(jsonb_object_agg(name, value), '{}') FROM (
            SELECT DISTINCT ON (name) name, value FROM tunings WHERE undone_at IS NULL ORDER BY name, id DESC
        ) newest) AS told,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(id, starts_at, ends_at, factor) ORDER BY id), '[]')
            FROM promos WHERE ended_at IS NULL) AS promos
""")


@dataclass(frozen=True, slots=True)
class Campaign:
    id: int
    starts_at: datetime
    ends_at: datetime
    factor: int


@dataclass(frozen=True)
class Tuned:
    """`told`: what people set, by name (models/tuning.py). `campaign`: the one that runs now."""

    told: Mapping[str, Any]
    usual: Stale
    campaign: Campaign | None = None

    @cached_property
    def base(self) -> Stale:
        """Without a campaign's factor."""
        known = {name: value for name, value in self.told.items() if name in Stale.model_fields}
        return self.usual.model_copy(update=known) if known else self.usual

    @cached_property
    def stale(self) -> Stale:
        if self.campaign is None:
            return self.base
        return self.base.model_copy(
            update={name: getattr(self.base, name) * self.campaign.factor for name in STAGES}
        )  # fmt: skip

    @property
    def window_minutes(self) -> int:
        """A campaign's groups are larger: they gather longer."""
        return WIDEST if self.campaign is not None else int(self.told.get("window_minutes", WINDOW))

    def minutes(self, slug: str, usual: tuple[int, int]) -> tuple[int, int]:
        """To claim and to solve a case of that kind; `usual`: what its kind says."""
        claim, solve = usual
        return int(self.told.get(f"claim:{slug}", claim)), int(self.told.get(f"solve:{slug}", solve))

    def is_quiet(self, about: str) -> bool:
        """Whether these alerts are told in the digests alone."""
        return bool(self.told.get(f"{QUIET}:{about}"))

    def is_off(self, about: str) -> bool:
        """Whether nothing is opened for them."""
        return bool(self.told.get(f"{OFF}:{about}"))


def tuned(desk: Desk) -> Tuned:
    told, campaigns = _read(desk)
    running = (one for one in campaigns if one.starts_at <= desk.now < one.ends_at)
    return Tuned(told, desk.settings.stale, next(running, None))


def campaigns(desk: Desk) -> list[Campaign]:
    """Those that run, or will, or are over without anybody having been told."""
    return _read(desk)[1]


def forget(desk: Desk) -> None:
    """Something was set in this transaction."""
    desk.session.info.pop(_KEPT, None)


def _read(desk: Desk) -> tuple[Mapping[str, Any], list[Campaign]]:
    session = desk.session
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        return kept[1], kept[2]
    row = session.execute(_READ).one()
    found = [Campaign(one[0], _at(one[1]), _at(one[2]), one[3]) for one in row.promos]
    session.info[_KEPT] = (session.get_transaction(), row.told, found)
    return row.told, found


def _at(words: str) -> datetime:
    return datetime.fromisoformat(words)
