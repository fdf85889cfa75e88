"""交接, 接收, 拒绝: what lies with one person goes to another, who must say yes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row

from handlers import people, pressing, show
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import handovers, show_duty, show_handover
from handlers.duty.view import handover_code
from handlers.incoming import Press
from handlers.parse import Words, normal
from handlers.people import Person
from handlers.views import View

_TO: Final = re.compile(r"\s*(?:→|->|=>|>|给|到|交给|转给)\s*|\s+")
_BACK: Final = ("撤回", "取消", "撤销")
_BETWEEN: Final = " ,，。:："
_NUMBERED: Final = re.compile(r"(\d{1,12})(?!\d)(.*)", re.DOTALL)
BEHIND_CODE: Final = Words(
    {
        **dict.fromkeys(("接收", "接班", "同意"), "take_over"),
        **dict.fromkeys(("拒绝", "不接收", "不同意"), "refuse_over"),
        **dict.fromkeys(("交接", "交出"), "offer_over"),
        **dict.fromkeys(("撤回交接", "取消交接", "撤回", "取消", "撤销", "不交接", "不交"), "keep_over"),
    }
)
"""What is said behind 交接3 → the button that it stands for."""


def run(desk: Desk, request: Request, actor: Actor) -> View:
    rest = request.rest.strip(_BETWEEN)
    if rest.startswith(_BACK):
        return withdraw(desk, replace(request, rest=rest[2:]), actor)
    numbered = _NUMBERED.fullmatch(rest)
    everybody = people.staff(desk)
    if numbered is not None and not people.named(everybody, rest):
        return _by_code(desk, request, actor, (int(numbered[1]), numbered[2].strip(_BETWEEN)))
    giver, taker = _both(rest, actor, everybody)
    handover_id = handovers.offer(desk, actor, giver, taker)
    back = show_duty.back(desk, taker.id)
    note = f"{taker.name}不在班上，{back} 上班后才会收到" if back else ""
    return show_handover.show(desk, handover_id, None if request.incoming.is_group else actor, note=note)


def _by_code(desk: Desk, request: Request, actor: Actor, said: tuple[int, str]) -> View:
    """交接3 接收: as the button of the card with that code; the code alone shows the card."""
    number, words = said
    subject, code = f"handover:{number}", handover_code(number)
    if not words:
        return show.show(desk, subject, None if request.incoming.is_group else actor)
    found = BEHIND_CODE.at(words)
    action, more = (BEHIND_CODE[found[0]], found[1].strip(_BETWEEN)) if found else ("", "")
    if found is None or (more and action != "refuse_over"):  # only a refusal has more to say
        how = f"{code} 接收 / {code} 拒绝 原因 / {code} 撤回"
        raise Refusal(f"「{words[:20]}」看不懂。可以回复：{how}")
    press = Press(action, subject, 0, more)
    return pressing.press(desk, replace(request.incoming, press=press), actor)


def withdraw(desk: Desk, request: Request, actor: Actor) -> View:
    return _decide(desk, request, actor, (request.rest, "giver", lambda one: handovers.withdraw(desk, one, actor)))


def accept(desk: Desk, request: Request, actor: Actor) -> View:
    return _decide(desk, request, actor, (request.rest, "taker", lambda one: handovers.accept(desk, one, actor)))


def refuse(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.strip(_BETWEEN)
    if words and re.match(r"[\w]", normal(request.incoming.text).removeprefix("不接收").removeprefix("拒绝")):
        raise Refusal("没有听懂。要拒绝交接请发：拒绝 原因（中间空一格）")  # 拒绝收货怎么办 is no answer
    mine = _mine(desk, actor, "taker")
    named = next((row.giver for row in mine if words.startswith(row.giver)), "")
    why = words[len(named) :].strip(_BETWEEN)
    return _decide(desk, request, actor, (named, "taker", lambda one: handovers.refuse(desk, one, actor, why)))


def _both(rest: str, actor: Actor, everybody: Sequence[Person]) -> tuple[Person, Person]:
    """老王; 给 老王; 小李 → 老王. Raises Refusal."""
    names = [part for part in _TO.split(rest) if part]
    if not names:
        raise Refusal("交接给谁？请发：交接 老王，或：交接 小李 → 老王")
    if len(names) > 2:
        raise Refusal("一次交接给一位，请发：交接 老王，或：交接 小李 → 老王")
    taker = people.one_named(everybody, names[-1], ask="交接给")
    if len(names) == 2:
        return people.one_named(everybody, names[0], ask="交接"), taker
    giver = next((one for one in everybody if one.id == actor.staff_id), None)
    if giver is None:
        raise Refusal("请写上替谁交接，例如：交接 小李 → 老王")
    return giver, taker


def _decide(
    desk: Desk, request: Request, actor: Actor, what: tuple[str, str, Callable[[int], str]]
) -> View:  # fmt: skip
    """`what`: the other person's name where it was said, the side that the actor is on, and what to do."""
    name, side, act = what
    row = _only(_mine(desk, actor, side), name.strip(_BETWEEN), side)
    try:
        note = act(row.id)
    except Late as late:
        note = str(late)
    return show_handover.show(desk, row.id, None if request.incoming.is_group else actor, note=note)


def _mine(desk: Desk, actor: Actor, side: str) -> list[Row[Any]]:
    if actor.staff_id is None:
        return []
    return [row for row in handovers.of_person(desk, actor.staff_id) if getattr(row, f"{side}_id") == actor.staff_id]


def _only(rows: Sequence[Row[Any]], name: str, side: str) -> Row[Any]:
    """Raises Refusal where there is none, or several and no name tells them apart."""
    other = "giver" if side == "taker" else "taker"
    found = [row for row in rows if not name or name in getattr(row, other)]
    if not rows:
        raise Refusal("没有等您接收的交接" if side == "taker" else "您没有等人接收的交接")
    if len(found) != 1:
        names = "、".join(f"{getattr(row, other)}（{handover_code(row.id)}）" for row in rows)
        verb = "接收" if side == "taker" else "撤回"
        raise Refusal(f"等着的交接有：{names}，请写上编号或名字，例如：{handover_code(rows[0].id)} {verb}")
    return found[0]


COMMAND = Command(
    ("交接", "交班"),
    "交接 [谁 →] 人名",
    "把手上的事全部交给同事，对方接收后才算",
    run,
    handovers.GIVE,
    group=Group.PEOPLE,
    example="交接 老王",
    brief="全交出",
    more=(
        "对方会收到一张卡片，按接收或拒绝；在那之前还在您名下",
        "20 分钟没有答复提醒一次，1 小时后过期；那时您已下班的，手上的异常放回待认领，否则仍归您",
        "有班次的同事快下班时（通常提前 15 分钟），手上还有事的会收到一张卡片，按一下就交给接班的人",
        "替别人交接由主管操作，例如：交接 小李 → 老王",
        "卡片上的编号一直有效：交接3 看现状，交接3 接收、交接3 拒绝 原因、交接3 撤回",
    ),
)
WITHDRAW = Command(
    ("撤回交接", "取消交接"),
    "撤回交接 [谁]",
    "不交了，事情仍归自己",
    withdraw,
    handovers.GIVE,
    group=Group.PEOPLE,
    example="撤回交接",
    brief="不交了",
)
ACCEPT = Command(
    ("接收", "接班"),
    "接收 [谁]",
    "接收同事交接给我的事",
    accept,
    handovers.GIVE,
    group=Group.PEOPLE,
    example="接收",
    brief="收下",
)
REFUSE = Command(
    ("拒绝", "不接收"),
    "拒绝 [谁] [原因]",
    "不接收同事的交接，事情仍归对方",
    refuse,
    handovers.GIVE,
    group=Group.PEOPLE,
    example="拒绝 今天已经排满",
    brief="不收",
)
