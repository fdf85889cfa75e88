"""The rules as the page shows them: all of them, and one with its versions. For those alone who may change them, as in
chat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import text

from handlers import mask, permissions
from handlers.desk import Actor, Desk
from handlers.rulebook import agreed, changing, deeds, show, store, wording
from handlers.rulebook.store import STATES, Version, Wish
from handlers.rulebook.view import RuleView
from handlers.wording import day_of
from rules.own import slug_of

ORDER: Final = ("on", "shadow", "draft", "off")
"""In which the list shows the states."""
_LIVE: Final = text("SELECT count(*) FROM cases WHERE kind = :kind AND state IN ('open', 'claimed')")


@dataclass(frozen=True, slots=True)
class Line:
    """`hits`: of seven days, in words; `deeds`: what it does beside a case; `standing`: that it is over or has not
    begun, "" where its state says all."""

    rule_id: int
    title: str
    state: str
    condition: str
    hits: str
    whose: str
    deeds: Sequence[str]
    owner: str
    period: str
    expires_at: datetime | None
    standing: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A version. `settings`: (what, value), as people read them; `holds`: it is the one that holds."""

    number: int
    at: datetime
    by: str
    change: str
    settings: Sequence[tuple[str, str]]
    holds: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class RulePage:
    """`state`: its slug; `does`: all that a hit leads to; `quiet`: without a case; `open_cases`: that would end with
    it; `taken_back`: titles of what it did and would take back; `may_change`: it is no draft that is over."""

    view: RuleView
    state: str
    number: int
    kept: Sequence[Kept]
    does: Sequence[str]
    quiet: bool
    open_cases: int
    taken_back: Sequence[str]
    may_change: bool


def listed(desk: Desk, actor: Actor) -> dict[str, list[Line]]:
    """State → its rules, in the order in which they are shown, without states in which there is none. Raises
    Refusal."""
    permissions.check(desk, changing.SET, actor)
    found = store.everything(desk)
    hits = store.hits(desk, [one.rule_id for one in found], desk.now - show.WEEK)
    lines = [_line(desk, one, hits[one.rule_id]) for one in found]
    by_state = {state: [line for line in lines if line.state == state] for state in ORDER}
    return {state: lines for state, lines in by_state.items() if lines}


def one(desk: Desk, actor: Actor, rule_id: int, *, note: str = "") -> RulePage:
    """Raises Refusal."""
    permissions.check(desk, changing.SET, actor)
    view = show.show(desk, rule_id, actor, note=note)
    versions = store.versions(desk, rule_id)
    now = versions[0]
    live = int(desk.session.execute(_LIVE, {"kind": slug_of(rule_id)}).scalar_one())
    today = day_of(desk.now)
    kept = [_kept(version, now, today, over=bool(view.over)) for version in versions]
    does = [mask.phones(words) for words in agreed.does(now.wish)]
    lasting = dict.fromkeys(deeds.DEEDS[did["do"]].title for did in now.wish.actions if did["do"] in deeds.LASTING)
    return RulePage(
        view, now.wish.state, now.number, kept, does, now.wish.quiet, live, tuple(lasting), not view.over
    )  # fmt: skip


def now(desk: Desk, actor: Actor, rule_id: int) -> Version:
    """What holds of a rule, for the form that changes it. Raises Refusal."""
    permissions.check(desk, changing.SET, actor)
    return store.newest(desk, rule_id)


def make(desk: Desk, actor: Actor, wishes: Mapping[str, Any]) -> int:
    """A draft; its id. Raises Refusal."""
    permissions.check(desk, changing.SET, actor)
    return changing.make(desk, actor, wishes)


def change(desk: Desk, actor: Actor, over: Version, wishes: Mapping[str, Any]) -> Version:
    """`over`: the version that was shown. Raises Refusal, Late."""
    permissions.check(desk, changing.SET, actor)
    return changing.change(desk, actor, over.rule_id, wishes, seen=over.revision)


def back(desk: Desk, actor: Actor, named: tuple[int, int], *, seen: int) -> Version:
    """To the version `named`: (rule, number). `seen`: the revision of the page. Raises Refusal, Late."""
    permissions.check(desk, changing.SET, actor)
    return changing.roll_back(desk, actor, *named, seen=seen)


def version(desk: Desk, rule_id: int, number: int) -> Version | None:
    """One that held once."""
    return next((one for one in store.versions(desk, rule_id) if one.number == number), None)


def said(one: Version) -> str:
    """What a version changed."""
    return mask.phones(one.change)


def _line(desk: Desk, one: Version, hits: tuple[int, int]) -> Line:
    wish = one.wish
    standing = wording.standing(wish, desk.now)
    return Line(
        one.rule_id, wish.title, wish.state, mask.phones(" ".join(wish.condition.split())), show.counted(*hits),
        "不开异常" if wish.quiet else show.whose(wish), [mask.phones(deeds.said(did)) for did in wish.actions],
        wish.owner, wording.period(wish.valid_from, wish.valid_to, day_of(desk.now)), one.expires_at,
        standing if standing != STATES[wish.state] else "",
    )  # fmt: skip


def _kept(version: Version, now: Version, today: date, *, over: bool) -> Kept:
    holds = version.number == now.number
    return Kept(
        version.number, version.made_at, version.made_by, mask.phones(version.change), settings(version.wish, today),
        holds, not holds and not over,
    )  # fmt: skip


def settings(wish: Wish, today: date) -> list[tuple[str, str]]:
    """All of a version, as people read it."""
    found = {title: wording.shown(name, getattr(wish, name), today) for name, title in wording.TITLES.items()}
    return [(title, mask.phones(words)) for title, words in found.items()]
