"""Conditions that name the company's own fields, in the names that these have now. What was kept of a rule stays as it
was written: the trail of the fields tells what its words meant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.fields.living import living
from handlers.rulebook import catalogue
from rules.language import Catalogue, Field
from rules.language.reading import read

RENAMED: Final = "字段改名"
"""Of the trail: {"名称": [the old name, the new one]}."""
_SINCE: Final = text("""
    SELECT f.id, t.detail FROM fields f JOIN trail t ON t.subject = 'field:' || f.id
    WHERE f.ended_at IS NULL AND t.action = :action AND t.at >= :since ORDER BY t.id
""")


def as_named_now(desk: Desk, condition: str, since: datetime) -> str:
    """A condition that was written at that moment. Raises ConditionError."""
    called = {one.id: one.name for one in living(desk)}
    known = catalogue.catalogue(desk)
    then: dict[str, Field] = {}
    for row in desk.session.execute(_SINCE, {"action": RENAMED, "since": since}):
        old, _ = json.loads(row.detail)["名称"]
        then.setdefault(old, known.own[called[row.id]])  # whoever was called so first: later it may be another's name
    return with_names(condition, known, then) if then else condition


def with_names(condition: str, known: Catalogue, fields: Mapping[str, Field]) -> str:
    """`fields`: by the words that stand for them in the condition; each gets its own name, at each of its places.
    Raises ConditionError."""
    names = {field.name for field in fields.values()}
    source = read(condition, Catalogue(known.builtin, {**known.own, **fields}))
    for piece in reversed(source.pieces):
        field = source.fields.get(piece.code)
        if field is not None and field.name in names:
            condition = condition[: piece.start] + field.name + condition[piece.end :]
    return condition
