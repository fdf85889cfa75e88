"""The commands that do something to one order or many: what was typed becomes a question, or is done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Row

from handlers import find, offers, show, stages
from handlers.batches import asking, wording
from handlers.batches.asking import Asked
from handlers.batches.choose import Chosen, choose
from handlers.batches.doing import Act
from handlers.batches.notes import LONGEST
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference, as_typed, misread, references
from handlers.views import View
from handlers.wording import day, day_of
from models.beijing import day_start
from models.stages import TITLES, Verb

_REVERSED: Final = re.compile(r"[-–—~到至]\s*[A-Za-z]{0,5}\d{1,6}$")  # 020-001
_MANY: Final = ("range", "shop", "all")
_TAG: Final = "JD-20251222-001"
_LONGEST_REASON: Final = 100
_NUMBER: Final = re.compile(r"#?\d{3,}(?=\s|$)")
_AGREED: Final = "确认"
_NEVER_MIND: Final = ("取消", "不用了", "取消延发", "不延了")


def step(desk: Desk, request: Request, actor: Actor, verb: Verb) -> View:
    """审核, 配货: one order gets its card, of several it is asked first."""
    named, rest = references(request.rest, many=True)
    title = stages.VERBS[verb]
    if not named:
        raise Refusal(f"请写上订单编号，例如：{title} {_TAG}；也可以：{title} 全部、{title} JD 001-020")
    if _REVERSED.match(rest):
        raise Refusal(f"范围请从小的写到大的，例如：{title} JD 001-020")
    if rest and not _of_stage(rest, verb):
        raise Refusal(f"「{rest[:20]}」看不懂，{title}后面只写编号")
    if len(named) == 1 and named[0].kind not in _MANY:
        moved = stages.move(desk, f"order:{find.one(desk, named[0])}", verb, actor)
        view = show.show_order(desk, moved.order_id, actor, note=f"{actor.name}：已到{TITLES[moved.stage]}")
        return offers.with_undo(view, moved)
    act = asking.act_of(desk, str(verb), actor)
    return asking.ask(desk, request, Asked(str(verb), act, choose(desk, BATCHES[str(verb)], named, act)))


def _of_stage(rest: str, verb: Verb) -> bool:
    """审核 全部待审核的单: the stage that the step is for anyway."""
    stage = BATCHES[str(verb)].stage
    return stage is not None and re.fullmatch(f"的?{TITLES[stage]}的?(?:订单|单子|单)?", rest) is not None


def note_many(desk: Desk, request: Request, actor: Actor) -> View | None:
    """备注 for several orders; None where one is named, which has a way of its own (handlers/commands/note.py)."""
    named, words = wording.split(request.rest, _prefixes(desk))
    if not named or (len(named) == 1 and named[0].kind not in _MANY):
        return None
    if not words:
        raise Refusal("备注什么？请发：备注 编号、编号 内容")
    if len(words) > LONGEST:
        raise Refusal(f"备注最多 {LONGEST} 个字，现在有 {len(words)} 个")
    act = asking.act_of(desk, "note", actor, words=as_typed(request.incoming.text, words))
    return asking.ask(desk, request, Asked("note", act, _chosen(desk, "note", named, act)))


def lock(desk: Desk, request: Request, actor: Actor) -> View:
    named, words = wording.split(request.rest, _prefixes(desk))
    if not named:
        raise Refusal(f"锁定哪一单？请发：锁定 {_TAG} 原因")
    if not words:
        raise Refusal(f"为什么锁定？请发：锁定 {named[0].shown} 原因")
    return _with_reason(desk, request, actor, verb="lock", said=(named, words))


def unlock(desk: Desk, request: Request, actor: Actor) -> View:
    named, words = wording.split(request.rest, _prefixes(desk))
    if not named:
        raise Refusal(f"解锁哪一单？请发：解锁 {_TAG}")
    return _with_reason(desk, request, actor, verb="unlock", said=(named, words))


def _with_reason(desk: Desk, request: Request, actor: Actor, *, verb: str, said: tuple[list[Reference], str]) -> View:
    named, words = said
    if _NUMBER.match(words):
        title = BATCHES[verb].title
        raise Refusal(f"「{words[:10]}」是订单还是原因？几单请用顿号隔开，例如：{title} 101、102 原因")
    act = asking.act_of(desk, verb, actor, words=as_typed(request.incoming.text, words)[:_LONGEST_REASON])
    return asking.ask(desk, request, Asked(verb, act, _chosen(desk, verb, named, act)))


def hold(desk: Desk, request: Request, actor: Actor) -> View:
    """延发 编号 日期 [原因]; 延发 编号 取消."""
    agreed = request.rest.rstrip().endswith(_AGREED)
    typed = request.rest.rstrip().removesuffix(_AGREED) if agreed else request.rest
    named, until, words = wording.with_day(typed, day_of(desk.now))
    if not named:
        raise Refusal(f"延发哪一单？请发：延发 {_TAG} 12-25 原因")
    if wrong := misread(words, orders=False):
        raise Refusal(wrong)
    lifted = until is None and words in _NEVER_MIND
    if until is None and not lifted:
        raise Refusal(f"延到哪一天？请发：延发 {named[0].shown} 12-25 原因；不用再延请发：延发 {named[0].shown} 取消")
    if until is not None and day_start(until) <= desk.now:
        raise Refusal(f"{until:%m-%d} 已经到了，请写以后的日期")
    reason = "" if lifted else as_typed(request.incoming.text, words).removesuffix(_AGREED).strip()
    act = asking.act_of(
        desk, "hold", actor, words=reason[:_LONGEST_REASON], until=day_start(until) if until else None
    )  # fmt: skip
    chosen = _chosen(desk, "hold", named, act)
    doubts = [] if agreed and not chosen.broad and chosen.named <= asking.FEW else _late(chosen.rows, act)
    return asking.ask(desk, request, Asked("hold", act, chosen, doubts))


def _late(rows: Sequence[Row[object]], act: Act) -> list[str]:
    """Whose platform wants them out before that day: a wish of the buyer does not move it."""
    if act.until is None:
        return []
    late = [row for row in rows if row.ship_by_at is not None and row.ship_by_at < act.until]
    if not late:
        return []
    named = "、".join(f"{row.tag}（{day(row.ship_by_at)}）" for row in late[:3])
    more = f" 等 {len(late)} 单" if len(late) > 3 else ""
    return [f"平台发货期限在这之前，延发会超时：{named}{more}"]


def _prefixes(desk: Desk) -> set[str]:
    return {shop.prefix for shop in desk.settings.shops}


def _chosen(desk: Desk, verb: str, named: Sequence[Reference], act: Act) -> Chosen:
    return choose(desk, BATCHES[verb], named, act)
