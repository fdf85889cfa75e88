"""What happened while somebody was off shift, in one text: a line per matter, each with its short code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask
from handlers.desk import Desk
from handlers.kinds import title_of
from handlers.wording import moment
from models.case import LIVE, short_code

KEY: Final = "morning:"
_MOST: Final = 20
_LONGEST: Final = 60

_CASES: Final = text("""
    SELECT c.id, c.kind, c.evidence, c.reason, c.state, coalesce(o.tag, '') AS tag, o.ship_by_at, c.claimed_until
    FROM cases c LEFT JOIN orders o ON o.id = c.order_id WHERE c.id = ANY(:ids) ORDER BY o.ship_by_at NULLS LAST, c.id
""")
_ORDERS: Final = text("SELECT id, tag FROM orders WHERE id = ANY(:ids) ORDER BY id")


@dataclass(frozen=True, slots=True)
class Told:
    """`lines`: a line per matter. `live`: ids of the rows that they stand for; `over`: of those whose matter has ended
    meanwhile, `ended` matters in all. What is in neither has a card of its own that no line can stand for."""

    lines: tuple[str, ...]
    live: frozenset[int]
    over: frozenset[int]
    ended: int


def told(desk: Desk, rows: Sequence[Row[Any]]) -> Told:
    """Sums up held rows (id, purpose, subject, said)."""
    by_subject: dict[str, list[Row[Any]]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, []).append(row)
    lines = _of_cases(desk, by_subject)
    over = {subject for subject in lines if not lines[subject]}
    lines |= _of_orders(desk, by_subject) | _of_texts(by_subject, lines)
    live = {subject for subject, line in lines.items() if line}
    return Told(
        tuple(line for line in lines.values() if line),
        frozenset(row.id for subject in live for row in by_subject[subject]),
        frozenset(row.id for subject in over for row in by_subject[subject]),
        len(over),
    )


def words(summary: Told) -> str:
    lines = [f"**您休息时有 {len(summary.lines)} 件事**", *(f"- {line}" for line in summary.lines[:_MOST])]
    if len(summary.lines) > _MOST:
        lines.append(f"还有 {len(summary.lines) - _MOST} 件没有列出，发「我的」看全部")
    if summary.ended:
        lines.append(f"另有 {summary.ended} 件已经处理完")
    return "\n".join([*lines, "> 回复短码看详情和按钮"])


def _of_cases(desk: Desk, by_subject: dict[str, list[Row[Any]]]) -> dict[str, str]:
    """Subject → line, "" for a matter that has ended; the nearest deadline first."""
    found = desk.session.execute(_CASES, {"ids": _numbers(by_subject, "case")}).all()
    return {f"case:{case.id}": _case(case, desk.now) if case.state in LIVE else "" for case in found}


def _case(case: Row[Any], now: datetime) -> str:
    named = f"`{short_code(case.id)}` {title_of(case.kind, case.evidence)} {case.tag}".rstrip()
    due = f"，{moment(case.ship_by_at)} 前要发货" if case.ship_by_at is not None and case.ship_by_at > now else ""
    late = "，您认领的时间已到" if case.claimed_until is not None and case.claimed_until <= now else ""
    return f"{named}：{_short(mask.phones(case.reason))}{due}{late}"


def _of_orders(desk: Desk, by_subject: dict[str, list[Row[Any]]]) -> dict[str, str]:
    found = desk.session.execute(_ORDERS, {"ids": _numbers(by_subject, "order")}).all()
    lines = {}
    for order in found:
        said = next((row.said for row in by_subject[f"order:{order.id}"] if row.said), "")
        lines[f"order:{order.id}"] = f"{order.tag} {_short(said) if said else '交给您了'}"
    return lines


def _of_texts(by_subject: dict[str, list[Row[Any]]], known: dict[str, str]) -> dict[str, str]:
    """What is only words; a card that is no case's and no order's is not summed up."""
    others = {subject: rows for subject, rows in by_subject.items() if subject not in known}
    return {
        subject: "；".join(dict.fromkeys(_short(row.said) for row in rows))
        for subject, rows in others.items()
        if not subject.startswith("order:") and all(row.purpose == "text" and row.said for row in rows)
    }


def _numbers(by_subject: dict[str, list[Row[Any]]], kind: str) -> list[int]:
    parts = (subject.partition(":") for subject in by_subject)
    return [int(number) for found, _, number in parts if found == kind and number.isdecimal()]


def _short(said: str) -> str:
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
