"""`flask hub letters`: what became of the messages that the hub owed."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import click

from handlers.desk import SYSTEM, Desk, Refusal
from handlers.letters import lost, trace
from wire import Hub

OPERATOR: Final = replace(SYSTEM, source="cli")


def command(here: Hub) -> click.Command:
    """Without an option it lists what did not arrive."""
    about = click.Option(["--subject"], help="A matter: case:12, order:5, a short code, a tag.")
    person = click.Option(["--person"], help="A colleague's name: the last days' messages to them.")
    again = click.Option(["--again"], type=int, help="Send this message once more.")
    return click.Command(
        "letters",
        callback=lambda **asked: show(here, **asked),
        params=[about, person, again],
        help="Messages that did not arrive, and why; what became of those about a matter or to somebody.",
    )


def show(here: Hub, subject: str | None, person: str | None, again: int | None) -> None:
    try:
        with here.open_desk() as desk:
            click.echo(_said(desk, subject or person, again))
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _said(desk: Desk, asked: str | None, again: int | None) -> str:
    if again is not None:
        return lost.again(desk, OPERATOR, lost.Asked(again))
    return trace.why(desk, OPERATOR, asked) if asked else lost.lost(desk)
