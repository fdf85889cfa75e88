"""How a kind of alert is told at all: each by itself, in the digests alone (quiet:), or never opened (off:). They are
tunings like the limits, so 阈值 shows them, and takes them back.

A kind is named by `about`: its slug, and for stages, whose limits are apart, also the stage
(stale_stage:pending_review)."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import text

from handlers import looking_again
from handlers.desk import Desk, Refusal
from handlers.kinds import OTHERS, kind_of
from handlers.tuning.tuned import OFF, QUIET, tuned
from models.stages import OPEN, TITLES, Stage
from rules import RULES
from rules.own import id_of, is_own, slug_of

STALE: Final = "stale_stage"
_AT_ONCE: Final = "P1"
_WORDS: Final = {QUIET: ("单独发", "只进日报"), OFF: ("开", "关闭")}
_OWN: Final = re.compile(r"规则 ?(\d{1,9})")
_RULE_OF: Final = text("SELECT id FROM rules WHERE id = :id")


def about_of(kind: str, stage: str) -> str:
    return f"{kind}:{stage}" if kind == STALE and stage else kind


def split(name: str) -> tuple[str, str] | None:
    """("quiet", "address_vague") of the name of a tuning; None where it is none of these."""
    what, _, about = name.partition(":")
    return (what, about) if what in _WORDS and about else None


def title_of(about: str) -> str:
    """待审核超时, 地址模糊, 规则3."""
    kind, _, stage = about.partition(":")
    if kind == STALE and stage in set(Stage):
        return f"{TITLES[Stage(stage)]}超时"
    return f"规则{id_of(kind)}" if is_own(kind) else kind_of(kind).title


def shown(what: str, value: object) -> str:
    return _WORDS[what][bool(value)]


def why_not_off(about: str) -> str:
    """Why these alerts cannot be closed, "" where they can: what locks an order, what is urgent, and what no rule finds
    stays open."""
    kind = about.partition(":")[0]
    title = title_of(about)
    if is_own(kind):
        return f"「{title}」是自己的规则，要停用请发：规则 停 {id_of(kind)}"
    if kind not in RULES:
        return f"「{title}」不能关闭，可以改为只进日报"
    if RULES[kind].blocks:
        return f"「{title}」会锁住订单，不能关闭，可以改为只进日报"
    if RULES[kind].severity == _AT_ONCE:
        return f"「{title}」是紧急提醒，不能关闭"
    return ""


def why_not_quiet(about: str) -> str:
    """The same of the digests alone: what is urgent waits for none."""
    kind = about.partition(":")[0]
    severe = not is_own(kind) and kind_of(kind).severity == _AT_ONCE
    return f"「{title_of(about)}」是紧急提醒，不能只进日报" if severe else ""


def check(what: str, about: str, value: object) -> None:
    """Raises Refusal where it may not be so."""
    why = why_not_off(about) if what == OFF else why_not_quiet(about)
    if value and why:
        raise Refusal(why)


def named(desk: Desk, words: str) -> tuple[str, str] | None:
    """`about` of the alert whose title stands at the beginning of `words`, and the rest; the longest title wins."""
    if (own := _OWN.match(words)) is not None:
        known = desk.session.execute(_RULE_OF, {"id": int(own[1])}).first()
        return (slug_of(int(own[1])), words[own.end() :].strip()) if known else None
    titles = {title_of(about): about for about in every()}
    found = max((title for title in titles if words.startswith(title)), key=len, default=None)
    return (titles[found], words[len(found) :].strip()) if found else None


def every() -> tuple[str, ...]:
    """All built-in alerts, a stage at a time; whatever there is to be told of."""
    kinds = (slug for slug in (*RULES, *OTHERS) if slug != STALE and (slug in RULES or kind_of(slug).tells))
    return (*(about_of(STALE, str(stage)) for stage in OPEN), *kinds)


def set_now(desk: Desk, what: str) -> list[str]:
    """Which alerts are so now, by their titles."""
    names = (split(name) for name, value in tuned(desk).told.items() if value)
    return [title_of(one[1]) for one in names if one is not None and one[0] == what]


def look_anew(desk: Desk) -> None:
    """What is open again may be hit already."""
    looking_again.every(desk)
