"""确认, 改, 取消: the buttons of a draft. Only the person who makes it may press them."""

from __future__ import annotations

from handlers import subjects
from handlers.actions.action import Action, Then, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.drafts import drafts
from handlers.drafts import words as drafts_words
from handlers.incoming import Incoming, Press
from handlers.views import TextView, View
from models import Draft


def _confirm(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    draft = _pressed(desk, pressed, actor)
    if pressed.revision != draft.revision:
        raise Late("草稿刚改过，请再看一眼")
    drafts.confirm(desk, draft, actor, pressed.value)
    return Then(f"{actor.name}已确认，建好就把编号发给您")


def _change(desk: Desk, incoming: Incoming, actor: Actor) -> View:
    _pressed(desk, press_of(incoming), actor)
    return TextView(drafts_words.CHANGE)


def _cancel(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    drafts.cancel(desk, _pressed(desk, press_of(incoming), actor), actor)
    return Then(f"{actor.name}已取消")


def _pressed(desk: Desk, press: Press, actor: Actor) -> Draft:
    kind, number = subjects.split(press.subject)
    if kind != "draft":
        raise Refusal("这张卡片没有这个操作，请刷新")
    return drafts.of_card(desk, number, actor)


# Offered by the draft's own view (handlers/drafts/show.py).
CONFIRM = Action(drafts.MAKE, _confirm)
CHANGE = Action(drafts.MAKE, _change)
CANCEL = Action(drafts.MAKE, _cancel)
