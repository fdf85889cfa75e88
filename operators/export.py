"""`flask export orders`: every order, or some, as a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import AppGroup

from handlers import export, people
from handlers.desk import Actor, Desk, Refusal
from handlers.export import Wanted
from models.stages import Stage
from operators.files import FORMATS, TooMany, columns
from wire import Hub

_DAY = click.DateTime(["%Y-%m-%d"])


def group(here: Hub) -> AppGroup:
    made = AppGroup("export", help="Hand out what the hub holds.")
    made.add_command(
        click.Command(
            "orders",
            callback=lambda **asked: _orders(here, **asked),
            help="Orders with their goods. Receiver data only for a supervisor (--as) with a reason.",
            params=[
                click.Option(["--format", "kind"], type=click.Choice(list(FORMATS)), default="json", show_default=True),
                click.Option(
                    ["--out"], type=click.Path(dir_okay=False, path_type=Path), help="A file, else the screen."
                ),
                click.Option(["--shop"], help="A shop's slug."),
                click.Option(["--stage"], type=click.Choice([str(stage) for stage in Stage])),
                click.Option(["--from", "since"], type=_DAY, help="First day of creation, Beijing."),
                click.Option(["--to", "until"], type=_DAY, help="Last day of creation, Beijing."),
                click.Option(["--private"], is_flag=True, help="With receiver, message and memo."),
                click.Option(["--as", "userid"], help="Who takes the private columns: a userid of the staff."),
                click.Option(["--reason"], default="", help="Why; it stands on the trail."),
            ],
        )
    )
    return made


def _orders(here: Hub, kind: str, out: Path | None, **asked: Any) -> None:
    wanted = Wanted(asked["shop"], asked["stage"], _day(asked["since"]), _day(asked["until"]))
    _check(here, wanted)
    private = bool(asked["private"])
    if private:
        _permit(here, wanted, asked["userid"] or "", asked["reason"])
    if out is None:
        _write(here, wanted, kind, sys.stdout.buffer, private=private)
        return
    part = out.with_name(out.name + ".part")  # a half-written file must not pass for a whole one
    try:
        with part.open("wb") as file:
            _write(here, wanted, kind, file, private=private)
        part.replace(out)
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from None
    finally:
        part.unlink(missing_ok=True)


def _day(moment: datetime | None) -> Any:
    return moment.date() if moment else None


def _check(here: Hub, wanted: Wanted) -> None:
    known = [shop.slug for shop in here.settings.shops]
    if wanted.shop is not None and wanted.shop not in known:
        raise click.BadParameter(f"no shop {wanted.shop!r}; there are {', '.join(known)}", param_hint="--shop")
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise click.BadParameter("the last day lies before the first", param_hint="--to")


def _permit(here: Hub, wanted: Wanted, userid: str, reason: str) -> None:
    """Stands on the trail, committed, before a single name is read."""
    try:
        with here.open_desk() as desk:
            export.permit_private(desk, wanted, _actor(desk, userid), reason)
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal


def _actor(desk: Desk, userid: str) -> Actor:
    actor = people.find_actor(desk, userid, "terminal") if userid else None
    if actor is None:
        raise click.BadParameter("names nobody of the staff; `flask hub staff` lists them", param_hint="--as")
    return actor


def _write(here: Hub, wanted: Wanted, kind: str, file: IO[bytes], *, private: bool) -> None:
    """One snapshot of the database from the first order to the last, however long it takes."""
    with here.sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        desk = Desk(session=session, now=here.now(), settings=here.settings)
        total = export.count(desk, wanted)
        found = _shown(export.orders(desk, wanted, private=private), total)
        try:
            FORMATS[kind](found, file, columns(export.own_columns(desk), private=private))
        except TooMany:
            raise click.ClickException("more rows than a sheet holds; choose days or use --format csv") from None


def _shown(orders: Iterator[dict[str, Any]], total: int) -> Iterable[dict[str, Any]]:
    """The same orders; on a terminal a bar grows beside them."""
    with click.progressbar(orders, length=total, label="orders", file=sys.stderr, update_min_steps=200) as bar:
        yield from bar
