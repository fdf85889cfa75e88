"""`flask pull`, `backfill`, `proof`, `shops`: what an operator has read, at once and in front of their eyes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import click

import jobs
from handlers import shops_state
from handlers.completeness.backfill import Period
from handlers.desk import Refusal
from handlers.wording import day_of, moment
from ingest.backfill import Progress
from models import Proof
from wire import Hub
from workers import completeness

_DAY: Final = click.DateTime(["%Y-%m-%d"])
_PIECE: Final = 5  # windows between two steps of the bar
_MARKS: Final = {"green": "✓", "red": "✗", "filling": "…", "unknown": "?", None: "-"}


def commands(here: Hub) -> dict[str, click.Command]:
    slug, slugs = click.Argument(["slug"]), click.Argument(["slugs"], nargs=-1)
    days = [click.Argument([name], type=_DAY, metavar=name.upper()) for name in ("first", "last")]
    day = click.Option(["--day"], type=_DAY, help="Beijing day; else yesterday.")
    return {
        "shops": click.Command("shops", callback=lambda: show_shops(here)),
        "pull": click.Command("pull", callback=lambda slugs: _pull(here, slugs), params=[slugs]),
        "backfill": click.Command("backfill", callback=lambda **a: _backfill(here, **a), params=[slug, *days]),
        "proof": click.Command("proof", callback=lambda **a: _proof(here, **a), params=[slugs, day]),
    }


def show_shops(here: Hub) -> None:
    """Slug, platform, state, read up to, last proof, name, what is wrong."""
    with here.open_desk() as desk:
        found = shops_state.standing(desk)
    for one in found:
        read_to = moment(one.read_to) if one.read_to else "-"
        proof = f"{_MARKS[one.proof]} {one.proved_day:%m-%d}" if one.proved_day else "-"
        unread = f"{one.unread} 条读不懂" if one.unread else ""
        wrong = "  ".join(part for part in (one.problem, unread) if part)
        click.echo(f"{one.slug:12} {one.platform:10} {one.state:8} {read_to:12} {proof:8} {one.name}  {wrong}".rstrip())


def _pull(here: Hub, slugs: Sequence[str]) -> None:
    broken = [slug for slug in _known(here, slugs) if not _pull_one(here, slug)]
    if broken:
        raise click.ClickException(f"not read to the end: {', '.join(broken)}")


def _pull_one(here: Hub, slug: str) -> bool:
    """Whether it was read to the end. The bar counts minutes of platform time."""
    counts = {"new": 0, "changed": 0, "unchanged": 0, "unreadable": 0}
    read_to = next((one.read_to for one in _standing(here) if one.slug == slug), None)
    started_at = read_to or here.now() - timedelta(hours=here.settings.pull.first_hours)
    minutes = max(1, int((here.now() - started_at).total_seconds() // 60))
    with click.progressbar(length=minutes, label=slug, file=sys.stderr) as bar:
        while True:
            report = jobs.pull_now(here, slug, _PIECE)
            for name in counts:
                counts[name] += getattr(report, name)
            if report.synced_to:
                bar.update(int((report.synced_to - started_at).total_seconds() // 60) - bar.pos)
            if not report.more:
                break
    if report.busy or report.skipped or report.problem:
        why = "somebody else reads it at the moment" if report.busy else report.problem or report.skipped
        click.echo(f"{slug}: {_counts(counts)}; {why}")
        return False
    click.echo(f"{slug}: {_counts(counts)}")
    return True


def _standing(here: Hub) -> Sequence[shops_state.Standing]:
    with here.open_desk() as desk:
        return shops_state.standing(desk)


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _known(here: Hub, slugs: Sequence[str]) -> list[str]:
    """The shops that are meant, all that are switched on where none is named."""
    known = [shop.slug for shop in here.settings.shops if shop.enabled]
    for slug in slugs:
        if slug not in known:
            raise click.BadParameter(f"no shop {slug!r} is switched on; there are {', '.join(known)}")
    wanted = list(dict.fromkeys(slugs)) or known
    if strange := set(wanted) - {one.slug for one in _standing(here)}:
        raise click.ClickException(f"not in the database yet: {', '.join(sorted(strange))}; run `flask hub prepare`")
    return wanted


def _backfill(here: Hub, slug: str, first: datetime, last: datetime) -> None:
    _known(here, [slug])
    with click.progressbar(length=1, label=slug, file=sys.stderr) as bar:

        def progress(done: Progress) -> None:
            bar.length = done.windows
            bar.update(done.done - bar.pos)

        try:
            found = completeness.backfill_shop(here, slug, Period(first.date(), last.date()), progress)
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
    counts = {name: getattr(found, name) for name in ("new", "changed", "unchanged", "unreadable")}
    if found.busy:
        raise click.ClickException(f"{slug}: somebody else does it at the moment")
    if not found.finished:
        read = f"{found.done} of {found.windows} windows read ({_counts(counts)})"
        then = "goes on by itself" if found.passing else f"goes on after that and `flask hub resume {slug}`"
        raise click.ClickException(f"{slug}: {read}; {found.problem}; {then}")
    click.echo(f"{slug}: {_counts(counts)}")


def _proof(here: Hub, slugs: Sequence[str], day: datetime | None) -> None:
    which = day.date() if day else day_of(here.now()) - timedelta(days=1)
    if which >= day_of(here.now()):
        raise click.BadParameter("that day is not over yet", param_hint="--day")
    known = _known(here, slugs)
    with click.progressbar(known, label=f"{which}", file=sys.stderr) as bar:
        try:
            proofs = [(slug, completeness.prove_now(here, slug, which)) for slug in bar]
        except Refusal as refusal:
            raise click.ClickException(str(refusal)) from refusal
    for slug, proof in proofs:
        click.echo(_proved(slug, which, proof))
    if any(proof.state != "green" for _, proof in proofs):
        raise click.exceptions.Exit(1)


def _proved(slug: str, day: date, proof: Proof) -> str:
    counts = f"platform {_number(proof.platform_orders)}, hub {_number(proof.hub_orders)}"
    filled = len(set(proof.missing or ()) - set(proof.still or ()))
    words = [counts, f"{filled} back-filled" if filled else "", proof.reason or ""]
    return f"{_MARKS[proof.state]} {slug} {day} {'; '.join(word for word in words if word)}"


def _number(count: int | None) -> str:
    return "?" if count is None else str(count)
