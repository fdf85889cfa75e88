"""How far what somebody asked for is, where it takes longer than an answer may: a batch, a back-fill, a
proof, a dry run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from handlers.batches import show as show_batch
from handlers.completeness import backfill, proof
from handlers.desk import Desk, Job
from handlers.rulebook import dry_run
from models.batch import LIVE

LONG: Final = (Job.RUN_BATCH, Job.BACKFILL, Job.PROVE, Job.TRY_RULE)
_BACKFILL: Final = text("SELECT b.*, s.name FROM backfills b JOIN shops s ON s.id = b.shop_id WHERE b.id = :id")
_PROVED: Final = text("""
    SELECT count(DISTINCT s.slug) FROM proofs p JOIN shops s ON s.id = p.shop_id
    WHERE p.day = :day AND s.slug = ANY(:slugs) AND p.proved_at >= :since
""")


@dataclass(frozen=True, slots=True)
class Progress:
    """`words`: a line for people; `subject`: whose card shows what became of it, "" for none."""

    over: bool
    words: str
    subject: str = ""


def asked(desk: Desk) -> str:
    """What to hand to `look` later, when this desk asked for long work; "" when it did not."""
    for job, arguments in desk.later:
        if job in LONG:
            return json.dumps([job, desk.now.isoformat(), *arguments])
    return ""


def look(desk: Desk, work: str) -> Progress:
    """How far it is now. Raises Refusal for what is there no more."""
    job, since, *arguments = json.loads(work)
    match job:
        case Job.RUN_BATCH:
            return _batch(desk, *arguments)
        case Job.BACKFILL:
            return _backfill(desk, *arguments)
        case Job.TRY_RULE:
            return Progress(*dry_run.stands(desk, *arguments))
        case _:
            return _proof(desk, datetime.fromisoformat(since), *arguments)


def _batch(desk: Desk, batch_id: int) -> Progress:
    view = show_batch.show(desk, batch_id, None)
    left = view.done if view.state == "undoing" else view.waiting
    words = f"{view.title}：处理中，还有 {left} 单" if view.state in LIVE else f"{view.title}：办成 {view.done} 单"
    return Progress(view.state not in LIVE, words, f"batch:{batch_id}")


def _backfill(desk: Desk, backfill_id: int) -> Progress:
    """One that stands says why: what it waits for may take long."""
    row: Any = desk.session.execute(_BACKFILL, {"id": backfill_id}).one()
    return Progress(row.state == "done" or bool(row.problem), backfill.line(row))


def _proof(desk: Desk, since: datetime, day: str, slugs: str, _asker: Any = None) -> Progress:
    whole = slugs.split(",")
    values = {"day": date.fromisoformat(day), "slugs": whole, "since": since}
    proved = desk.session.execute(_PROVED, values).scalar_one()
    words = f"对账 {day[5:]}：{proved}/{len(whole)} 店有结果"
    return Progress(proved >= len(whole), words, proof.subject_of(date.fromisoformat(day)))
