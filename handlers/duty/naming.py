"""Subjects ("case:12", "order:5") as lines that people can answer: each with its short code or tag."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk
from handlers.kinds import title_of
from models.case import short_code
from models.stages import TITLES, Stage

SHOWN: Final = 10
_CASES: Final = text("""
    SELECT c.id, c.kind, c.evidence, coalesce(o.tag, '') AS tag FROM cases c LEFT JOIN orders o ON o.id = c.order_id
    WHERE c.id = ANY(:ids)
""")
_ORDERS: Final = text("SELECT id, tag, stage FROM orders WHERE id = ANY(:ids)")


def lines(desk: Desk, subjects: Sequence[str]) -> tuple[str, ...]:
    """A line for each of the first `SHOWN` subjects, in their order."""
    shown = [subject.partition(":") for subject in subjects[:SHOWN]]
    cases = [int(number) for kind, _, number in shown if kind == "case"]
    orders = [int(number) for kind, _, number in shown if kind == "order"]
    found = {
        f"case:{row.id}": f"{short_code(row.id)} {title_of(row.kind, row.evidence)} {row.tag}".rstrip()
        for row in (desk.session.execute(_CASES, {"ids": cases}) if cases else ())
    }
    for row in desk.session.execute(_ORDERS, {"ids": orders}) if orders else ():
        found[f"order:{row.id}"] = f"{row.tag} {TITLES[Stage(row.stage)]}"
    return tuple(found[subject] for subject in subjects[:SHOWN] if subject in found)
