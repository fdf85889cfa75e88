"""Clean orders pass 待审核 by themselves, so that people see exceptions only (domain sheet 1.5, 4). Off until hub.toml
says so. Nothing passes of which any rule found something, or could not tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from config_orders import AutoPass
from handlers import stages
from handlers.desk import Desk
from handlers.platform_moves import Work
from handlers.rulebook.passing import SIBLINGS
from handlers.shortage import claims
from models.beijing import BEIJING
from models.stages import MOVES, TITLES, Stage, Verb
from rules.verdict import Outcome, Verdict

DONE: Final = "自动审核"
_ITS_OWN: Final = ("stale_stage", "deadline_near")
"""That it waited is no reason to let it wait longer."""
_HIDDEN: Final = ("address_vague", "contact_missing", "blacklist")


class AutoPasses:
    """Those of one batch; what all must be asked for is asked once, and only where an order is clean so far."""

    def __init__(self, desk: Desk, ids: Sequence[int]) -> None:
        self._desk, self._ids = desk, ids
        self._wanted = desk.settings.autopass

    def take(self, judged: Sequence[tuple[Work, Mapping[str, Verdict], Collection[str]]]) -> frozenset[int]:
        """The orders (locked) that pass now; then they have. With each what the rules say of it, and the kinds of its
        live cases. As where a person lets one pass, the last pieces go to one order only."""
        clean = {work.row.id: work for work, verdicts, live in judged if self._may_pass(work, verdicts, live)}
        short = claims.hinder(self._desk, list(clean)) if clean else {}
        passing = {order_id: work for order_id, work in clean.items() if order_id not in short}
        for work in passing.values():
            self._pass(work)
        return frozenset(passing)

    def _may_pass(self, work: Work, verdicts: Mapping[str, Verdict], live: Collection[str]) -> bool:
        if not self._wanted.on or work.stage is not Stage.PENDING_REVIEW:
            return False
        if any(kind not in _ITS_OWN and not _ends(verdicts.get(kind)) for kind in live):
            return False
        if not _is_plain(work) or not self._is_clean(work, verdicts) or self.moment(work) is not None:
            return False
        return work.row.id not in self._siblings

    def _pass(self, work: Work) -> None:
        since = work.entered_at.isoformat()
        work.left, work.stage = work.stage, MOVES[work.stage, Verb.APPROVE]
        work.entered_at = self._desk.now
        work.recheck_at = stages.recheck_at(self._desk, work.stage, work.entered_at, work.row.not_before_at)
        work.note(DONE, {"环节": [TITLES[Stage.PENDING_REVIEW], TITLES[work.stage]], "_since": since})

    def moment(self, work: Work) -> datetime | None:
        """When time alone will let a clean order pass; None where it would now, or never will."""
        if not self._wanted.on or work.stage is not Stage.PENDING_REVIEW:
            return None
        at = max(work.row.paid_at or work.row.created_at, work.row.not_before_at or work.row.created_at)
        at = _inside(max(at + timedelta(minutes=self._wanted.after_minutes), self._desk.now), self._wanted)
        return at if at > self._desk.now else None

    def _is_clean(self, work: Work, verdicts: Mapping[str, Verdict]) -> bool:
        facts = work.facts
        hidden = self._wanted.hidden_address and facts is not None and not facts.address_whole
        for slug, verdict in verdicts.items():
            if verdict.outcome is Outcome.HIT and slug not in _ITS_OWN:
                return False
            if verdict.outcome is Outcome.UNKNOWN and not (hidden and slug in _HIDDEN):
                return False
        return True

    @cached_property
    def _siblings(self) -> frozenset[int]:
        return frozenset(self._desk.session.execute(SIBLINGS, {"ids": list(self._ids)}).scalars())


def _ends(verdict: Verdict | None) -> bool:
    """Whether a case of that kind ends in this very look."""
    return verdict is not None and verdict.outcome is Outcome.MISS


def _is_plain(work: Work) -> bool:
    """An ordinary order of which nobody said anything; a flag without words says: wait, look at it."""
    row = work.row
    said = row.buyer_message.strip() or row.seller_memo.strip() or row.seller_flag
    return row.kind == "normal" and not said and not (row.hold or row.refund or work.barred or work.openings)


def _inside(at: datetime, wanted: AutoPass) -> datetime:
    """The same moment, or the next at which the day's window opens; one that begins and ends alike is always open."""
    local = at.astimezone(BEIJING)
    begins, ends, clock = wanted.begins, wanted.ends, f"{local:%H:%M}"
    is_open = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if begins == ends or is_open:
        return at
    hour, minute = (int(part) for part in begins.split(":"))
    opens = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return opens if opens > local else opens + timedelta(days=1)
