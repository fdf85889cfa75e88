"""`flask judge address`, `flask judge delay`: what the rules make of texts, one a line. It needs no database, and no
`hub.toml` either."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import click
from flask.cli import AppGroup

from models.beijing import BEIJING
from rules.address_quality import judge_text
from rules.delay_request import NEVER
from rules.delay_words import Judged, judge_words
from rules.facts import MOST_WORDS
from rules.said import must_never_leave
from rules.verdict import Outcome
from wire import Hub

_MOMENTS: Final = [
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M%z",
    "%Y-%m-%dT%H:%M:%S%z",
]


def group(_here: Hub | None = None) -> AppGroup:
    made = AppGroup("judge", help="Judge texts from standard input, one a line, by the rules' own words.")
    made.add_command(
        click.Command("address", callback=_addresses, help="Would a parcel arrive there? hit: it is vague.")
    )
    at = click.Option(["--at"], type=click.DateTime(_MOMENTS), help="When it was said, Beijing time; else now.")
    made.add_command(
        click.Command("delay", callback=_delays, params=[at], help="Is later shipping asked for, and from which day?")
    )
    return made


def _addresses() -> None:
    _tell(address_verdict(line) for line in _lines())


def _delays(at: datetime | None) -> None:
    moment = at or datetime.now(BEIJING)
    said = (moment.astimezone(BEIJING) if moment.tzinfo else moment).date()
    _tell(delay_verdict(line, said) for line in _lines())


def address_verdict(text: str) -> Mapping[str, Any]:
    """verdict: hit (vague), miss (fine) or unknown; reasons; parts: province, city, district, town, road, number, rest;
    notes: what does not matter, as a district's former name."""
    judged = judge_text(text)
    return {
        "verdict": judged.outcome.value, "reasons": list(judged.reasons), "parts": judged.address.parts,
        "notes": list(judged.notes),
    }  # fmt: skip


def delay_verdict(text: str, said: date) -> Mapping[str, Any]:
    """verdict: hit (ships later), miss or unknown; reasons; said: the words that ask for it; date: the earliest day to
    ship, null where the words name none. As in the hub, what a text says beyond its first letters is not read."""
    text = text[:MOST_WORDS]
    judged = Judged(Outcome.MISS, (NEVER,)) if must_never_leave(text) else judge_words(text, said)
    wish = judged.wish
    day = wish.day.isoformat() if wish and wish.day else None
    return {
        "verdict": judged.outcome.value, "reasons": list(judged.reasons), "said": wish.phrase if wish else "",
        "date": day,
    }  # fmt: skip


def _lines() -> Iterable[str]:
    """The lines of standard input, in UTF-8 whatever the terminal's language; what is no UTF-8 is shown as such.
    Raises ClickException where there is none at all."""
    if sys.stdin is None:
        raise click.ClickException("there is nothing to read: standard input is closed")
    for line in sys.stdin.buffer:
        yield line.decode("utf-8-sig", errors="replace").rstrip("\r\n")


def _tell(verdicts: Iterable[Mapping[str, Any]]) -> None:
    for verdict in verdicts:
        click.echo(json.dumps(verdict, ensure_ascii=False).encode("utf-8"))
