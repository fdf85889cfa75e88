"""Whether what a rule shall do goes together, and whom it means: checked when it is written, tried or switched on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from handlers import people
from handlers.desk import Desk, Refusal
from handlers.rulebook import deed_words, deeds
from handlers.rulebook.deeds import Wrong
from handlers.rulebook.marks import MARK
from handlers.rulebook.store import Wish
from handlers.wording import day_of
from models.stages import TITLES, Stage
from rules.language import Condition

STAYS: Final = "停留小时"
_SEEN: Final = ("hold", "tag")
"""What other rules see of it."""
_BACK: Final = str(Stage.PENDING_REVIEW)


def agreed(desk: Desk, wish: Wish, condition: Condition) -> Wish:
    """The same, with everybody whom it names known. Raises Refusal, with what is wrong at its place."""
    named = {field.name for field in condition.fields}
    made = [_known(desk, one) for one in wish.actions]
    for wrong in _WRONG:
        if why := wrong(wish, named):
            raise Refusal(why)
    today = day_of(desk.now)
    for one in made:
        if one.get("until") and date.fromisoformat(one["until"]) <= today:
            raise Refusal(f"「{deeds.said(one)}」的日子已经到了，请改成以后的一天，例如：延到 3天后")
    return replace(wish, actions=tuple(made))


def answering(desk: Desk, wishes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same, with whoever shall answer for the rule by the whole name. Raises Refusal where nobody is called so."""
    if not wishes.get("owner"):
        return wishes
    return {**wishes, "owner": people.one_named(people.staff(desk), str(wishes["owner"]), ask="写").name}


def does(wish: Wish) -> list[str]:
    """All that a hit leads to, in words: 开异常给客服, 锁单, 标记「大额」."""
    case = [] if wish.quiet else [deeds.DEEDS["open"].said({"role": wish.role})]
    lock = [deeds.DEEDS["lock"].said({})] if wish.blocks else []
    return [*(case or [deeds.DEEDS["quiet"].said({})]), *lock, *(deeds.said(one) for one in wish.actions)]


def _known(desk: Desk, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """People are kept by who they are, not by what they are called."""
    if one["do"] != "remind" or one.get("role"):
        return one
    everybody = people.staff(desk)
    if (staff_id := one.get("staff_id")) is not None:
        if all(person.id != staff_id for person in everybody):
            raise Refusal(f"「{deeds.said(one)}」：{one['whom']}已经不在了，请改提醒别人")
        return one
    try:
        person = people.one_named(everybody, str(one["whom"]), ask="提醒")
    except Refusal as refusal:
        written = deeds.written(one)
        raise deed_words.refusal(written, str(one["whom"]), Wrong(str(refusal))) from None
    return {"do": "remind", "staff_id": person.id, "whom": person.name}


def _kinds(wish: Wish) -> Sequence[str]:
    return [str(one["do"]) for one in wish.actions]


def _too_many(wish: Wish, _named: set[str]) -> str:
    counts = Counter(_kinds(wish))
    twice = next(
        (deeds.DEEDS[slug] for slug, count in counts.items() if count > 1 and not deeds.DEEDS[slug].many), None
    )
    if twice is not None:
        return f"一条规则只能有一个「{twice.title}」，请留一个"
    return f"一条规则最多 {deeds.MOST} 个动作，请拆成几条" if len(wish.actions) > deeds.MOST else ""


def _nothing(wish: Wish, _named: set[str]) -> str:
    if wish.quiet and wish.blocks:
        return "锁单要开异常，有人处理了才能解锁：请去掉「不建单」，或写：锁单 否"
    if wish.quiet and not wish.actions:
        return "不建单又没有别的动作，这条规则什么都不做。请写一个动作，例如：动作 标记 大额"
    return ""


def _contrary(wish: Wish, _named: set[str]) -> str:
    on = [deeds.said(one) for one in wish.actions if one["do"] == "pass" or one.get("to") == str(Stage.PENDING_PICK)]
    back = any(one.get("to") == _BACK for one in wish.actions)
    if on and wish.blocks:
        return f"「{on[0]}」和锁单是反的，请留一个"
    if len(on) > 1:
        return f"「{'」和「'.join(on)}」是一回事，请留一个"
    if on and back:
        return f"「{on[0]}」和转到{TITLES[Stage.PENDING_REVIEW]}是反的，请留一个"
    if back and wish.quiet:
        return f"退回{TITLES[Stage.PENDING_REVIEW]}的单要有人看，请去掉「不建单」"
    return ""


def _circles(wish: Wish, named: set[str]) -> str:
    """What lasts must not change what the rule finds: it would come and go for ever."""
    lasting = next((deeds.DEEDS[slug].title for slug in _kinds(wish) if slug in _SEEN), "")
    if lasting and MARK in named:
        return f"条件里用了「{MARK}」的规则不能再{lasting}：标记和动作会互相触发，请换一个条件"
    if "hold" in _kinds(wish) and STAYS in named:
        return f"条件里用了「{STAYS}」的规则不能延到：约好改期的单{STAYS}会重算，请改用 付款后小时"
    return ""


_WRONG: Final[tuple[Callable[[Wish, set[str]], str], ...]] = (_too_many, _nothing, _contrary, _circles)
