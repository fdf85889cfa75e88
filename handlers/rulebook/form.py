"""A rule as a form: what stands in it, what was filled in, and what is wrong at which field. Every field is read by
what reads the same setting in chat, and only where it differs from what the form showed: a last day that has passed
stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from handlers import mask, people, permissions
from handlers.desk import Actor, Desk, Refusal
from handlers.rulebook import agreed, catalogue, changing, deeds, hints, wish
from handlers.rulebook.hints import Place
from handlers.rulebook.store import Wish
from handlers.wording import day_of
from models import Role
from models.people import ROLE_TITLES
from rules.language import ConditionError

SEVERITIES: Final = (("P1", "P1 几小时内"), ("P2", "P2 这一班"), ("P3", "P3 今天"))
ROLES: Final = tuple((title, title) for title in ROLE_TITLES.values())
UNITS: Final = {"分钟": 1, "小时": 60, "天": 1440}
DEEDS: Final = {slug: deed for slug, deed in deeds.DEEDS.items() if not deed.setting}
"""What can be chosen as an action; what is a setting of the rule has a field of its own."""
_WORDS: Final = {
    "title": "标题", "role": "角色", "severity": "等级", "blocks": "锁单", "claim": "认领", "solve": "处理",
    "from": "从", "to": "到", "owner": "负责人", "note": "备注",
}  # fmt: skip
"""A field of the form → the setting, as it is called in chat."""
_ACT: Final = ("do", "say")
_QUIET: Final = {"是": "quiet", "否": "open"}
_NUMBERS: Final = re.compile(r"\d[\d -]{5,}\d")


@dataclass(frozen=True, slots=True)
class Filled:
    """`typed`: every field as it was sent; `problems`: field → what is wrong; `wish`: what the rule would be, where
    nothing is."""

    typed: Mapping[str, str]
    wishes: Mapping[str, Any] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None
    wish: Wish | None = None


def owners(desk: Desk) -> list[str]:
    """Whom a rule may be given to answer for, as a suggestion."""
    return [person.name for person in people.staff(desk) if Role.SUPERVISOR in person.roles]


def empty(actor: Actor) -> dict[str, str]:
    return shown(Wish("", "", owner=actor.name))


def copied(made: Wish, today: date) -> dict[str, str]:
    """What a new rule begins with that is to be like another; days that have passed are left out."""
    found = shown(made)
    return {name: "" if name in ("from", "to") and _passed(text, today) else text for name, text in found.items()}


def shown(made: Wish) -> dict[str, str]:
    """Field → what stands in it. Phone numbers are masked; `read` knows them again."""
    last = made.valid_to - timedelta(days=1) if made.valid_to is not None else None
    claim, claim_unit = _span(made.claim_minutes)
    solve, solve_unit = _span(made.solve_minutes)
    return {
        "title": made.title, "condition": mask.phones(made.condition), "role": ROLE_TITLES[Role(made.role)],
        "severity": made.severity, "blocks": _yes(made.blocks), "quiet": _yes(made.quiet),
        "claim": claim, "claim_unit": claim_unit, "solve": solve, "solve_unit": solve_unit,
        "from": _day(made.valid_from), "to": _day(last), "owner": made.owner, "note": mask.phones(made.note),
        **_acts(made),
    }  # fmt: skip


def _acts(made: Wish) -> dict[str, str]:
    """do-0, say-0, do-1 …"""
    found = [(str(one["do"]), mask.phones(DEEDS[one["do"]].written(one))) for one in made.actions]
    found += [("", "")] * (deeds.MOST - len(found))
    return {f"{name}-{place}": text for place, act in enumerate(found) for name, text in zip(_ACT, act, strict=True)}


def read(
    desk: Desk, actor: Actor, sent: Mapping[str, str], before: Wish | None = None, *, like: Wish | None = None
) -> Filled:
    """What a form says, against the rule that it showed; all that is wrong at once. `like`: what a new rule was copied
    from. Raises Refusal for whoever may not."""
    permissions.check(desk, changing.SET, actor)
    base = before if before is not None else Wish("", "", owner=actor.name)
    typed, today = typed_in(sent, base), day_of(desk.now)
    plain = {name: restored(text, _masked(like or base).get(name, "")) for name, text in typed.items()}
    wishes, problems = _settings(plain, base, today)
    wishes |= _doing(plain, base, today, problems)
    try:
        agreed.answering(desk, wishes)
    except Refusal as refusal:
        problems["owner"] = str(refusal)
    if plain["condition"] != base.condition or not base.condition:
        wishes["condition"] = plain["condition"]
    place = _wrong(desk, plain["condition"], typed["condition"])
    if place is not None:
        problems["condition"] = place.message
    tried = replace(base, **wishes)
    try:
        changing.check(tried)
    except Refusal as refusal:
        problems["to"] = str(refusal)
    if not problems and tried.state not in changing.OVER:
        problems |= _disagreed(desk, tried, typed)
    return Filled(typed, wishes, problems, place, None if problems else tried)


def typed_in(sent: Mapping[str, str], base: Wish) -> dict[str, str]:
    """Every field as it was sent; as it was shown where it was not."""
    return {name: _plain_text(sent.get(name, text)) for name, text in shown(base).items()}


def _plain_text(sent: str) -> str:
    """Without what no keyboard types and no database keeps."""
    return sent.replace("\0", "").replace("\r\n", "\n").strip()


def merged(typed: Mapping[str, str], old: Wish, new: Wish) -> dict[str, str]:
    """What was typed over `old`, on what somebody else made of it meanwhile: whatever was not touched is the new."""
    was, now = shown(old), shown(new)
    return {name: now[name] if text == was[name] else text for name, text in typed.items()}


def untitled(made: Wish) -> Wish:
    """What is only tried needs no title of its own."""
    return replace(made, title="新规则")


def restored(typed: str, original: str) -> str:
    """Numbers that the form masked, put back wherever their masks still stand."""
    for found in _NUMBERS.finditer(original):
        hidden = mask.phones(found[0])
        typed = typed.replace(hidden, found[0], 1) if hidden != found[0] else typed
    return typed


def _masked(made: Wish) -> dict[str, str]:
    """What may hold a number of somebody, as it is."""
    says = {f"say-{place}": DEEDS[one["do"]].written(one) for place, one in enumerate(made.actions)}
    return {"condition": made.condition, "note": made.note, **says}


def _settings(typed: Mapping[str, str], base: Wish, today: date) -> tuple[dict[str, Any], dict[str, str]]:
    wishes: dict[str, Any] = {}
    problems = {}
    was = {**shown(base), "note": base.note}
    for name, word in _WORDS.items():
        said, unit = typed[name], f"{name}_unit"
        if said == was[name] and typed.get(unit) == was.get(unit):
            continue
        try:
            key, value = wish.one(word, said + typed.get(unit, ""), today)
        except Refusal as refusal:
            problems[name] = str(refusal)
        else:
            wishes[key] = value
    if typed["quiet"] != was["quiet"] and typed["quiet"] in _QUIET:
        wishes |= deeds.read(_QUIET[typed["quiet"]], "", today)
    return wishes, problems


def _doing(
    typed: Mapping[str, str], base: Wish, today: date, problems: dict[str, str]
) -> dict[str, Any]:  # fmt: skip
    """The actions, where they are others than they were."""
    made: list[Mapping[str, Any]] = []
    for place in range(deeds.MOST):
        slug, said = typed[f"do-{place}"], typed[f"say-{place}"]
        before = base.actions[place] if place < len(base.actions) else None
        if slug not in DEEDS:
            continue
        if before is not None and (slug, said) == (before["do"], DEEDS[slug].written(before)):
            made.append(before)
            continue
        try:
            made.append(deeds.read(slug, said, today))
        except deeds.Wrong as wrong:
            problems[f"say-{place}"] = f"{wrong.message}。{wrong.hint}"
    kept = tuple(one for place, one in enumerate(made) if one not in made[:place])
    return {"actions": kept} if kept != tuple(base.actions) else {}


def _disagreed(desk: Desk, tried: Wish, typed: Mapping[str, str]) -> dict[str, str]:
    """What does not go together, or names nobody: at its action where it is of one alone."""
    condition = catalogue.compiled(desk, tried.condition)
    problems = {}
    for one in tried.actions:
        try:
            agreed.agreed(desk, replace(tried, actions=(one,), quiet=False, blocks=False), condition)
        except Refusal as refusal:
            problems[_place_of(one, typed)] = _plain(refusal)
    try:
        agreed.agreed(desk, tried, condition)
    except Refusal as refusal:
        return problems or {"acts": _plain(refusal)}
    return {}


def _place_of(one: Mapping[str, Any], typed: Mapping[str, str]) -> str:
    places = range(deeds.MOST)
    said = mask.phones(DEEDS[one["do"]].written(one))
    found = (place for place in places if (typed[f"do-{place}"], typed[f"say-{place}"]) == (one["do"], said))
    return f"say-{next(found, 0)}"


def _plain(refusal: Refusal) -> str:
    """Without the lines that show the place in a chat."""
    head, *more = str(refusal).splitlines()
    return more[0].partition("：")[2] if more else head


def _wrong(desk: Desk, condition: str, typed: str) -> Place | None:
    """What is wrong with a condition, at its place in what was typed, where numbers are masked."""
    try:
        catalogue.compiled(desk, condition)
    except ConditionError as error:
        return hints.looked_at(desk, typed).place or hints.place_of(typed, error)
    return None


def _span(minutes: int) -> tuple[str, str]:
    unit = next(word for word in reversed(UNITS) if minutes % UNITS[word] == 0)
    return str(minutes // UNITS[unit]), unit


def _day(at: datetime | None) -> str:
    return f"{day_of(at):%Y-%m-%d}" if at is not None else ""


def _yes(so: bool) -> str:
    return "是" if so else "否"


def _passed(said: str, today: date) -> bool:
    try:
        return date.fromisoformat(said) < today
    except ValueError:
        return False
