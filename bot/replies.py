"""How an answer gets back: what goes into the reply itself, and what is owed because the reply cannot carry it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sqlalchemy import update

from bot.card import Card, Drawing, Text
from bot.channels.sending import Body
from bot.channels.wecom_app.render import plain
from bot.channels.wecom_bot import render as bot_render
from bot.expired import Expired, expired
from bot.feedback import about
from bot.heard import Heard
from bot.owed import body_of, current_card, purpose_of
from bot.pen import laid_out
from bot.router import answer, answered, once, tolerated
from handlers.desk import Desk
from handlers.incoming import Incoming, Press
from handlers.owe import Owed, owe
from handlers.people import find_actor, refuse_unknown
from models import SentCard

_FAILED: Final = "没有办成"


class Place(StrEnum):
    """Where the bot's answer goes; the long connection has a command for each."""

    MESSAGE = "message"
    WELCOME = "welcome"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class BotReply:
    """`drawing` is what `body` shows: owed where the reply did not get through."""

    place: Place
    body: Body
    drawing: Drawing


def of_bot(desk: Desk, heard: Heard, *, repeats: bool = True) -> BotReply | None:
    """The bot's reply, the same for a URL callback and the long connection. A callback is repeated when its reply was
    lost, so it is given again; over the connection (`repeats` off) a second reply would stand in the chat as well."""
    incoming, link = heard.incoming, desk.settings.hub.base_url
    if heard.expired:
        return _bot_expired(desk, heard)
    if heard.plain:
        drawing = _plainly(desk, heard, repeats=repeats)
    else:
        drawing = answer(desk, incoming, repeats=repeats or incoming.press is not None)
    if drawing is None:
        return None
    if incoming.press is not None:
        card, userids = _pressed_card(desk, heard, incoming.press, drawing)
        return BotReply(Place.UPDATE, bot_render.update(card, heard.task_id, link, userids), card)
    if heard.welcome:
        return BotReply(Place.WELCOME, bot_render.welcome(drawing, incoming.message_id, link), drawing)
    return BotReply(Place.MESSAGE, bot_render.reply(drawing, incoming.message_id, link, about(incoming)), drawing)


def _bot_expired(desk: Desk, heard: Heard) -> BotReply:
    """The pressed card with buttons that work is for all; words alone are for the presser."""
    found = expired(desk, heard.incoming, heard.task_id)
    alone = (heard.told or heard.incoming.sender,) if heard.incoming.is_group and found.card is None else ()
    card = _renewed(found)
    return BotReply(Place.UPDATE, bot_render.update(card, heard.task_id, desk.settings.hub.base_url, alone), card)


def _renewed(found: Expired) -> Card:
    return replace(found.card or Card(_FAILED, found.subject, 0), quote=found.words)


def _plainly(desk: Desk, heard: Heard, *, repeats: bool) -> Drawing | None:
    """To a message that nobody can read: what can be done instead, once."""
    incoming = heard.incoming
    known = find_actor(desk, incoming.sender, incoming.channel)
    words = Text(heard.plain if known is not None else refuse_unknown())
    return once(desk, (incoming.channel, incoming.message_id), lambda: words, repeats=repeats)


def _pressed_card(desk: Desk, heard: Heard, press: Press, drawing: Drawing) -> tuple[Card, tuple[str, ...]]:
    """What the pressed card becomes, and for whom. A new state is for all; what changed nothing (a refusal, a
    question back) is shown to the presser alone."""
    incoming = heard.incoming
    alone = (heard.told or incoming.sender,) if incoming.is_group else ()
    if isinstance(drawing, Card) and drawing.revision == press.revision:
        return drawing, alone
    reader = "" if incoming.is_group else incoming.sender
    card = tolerated(desk, lambda: current_card(desk, press.subject, reader, incoming.channel))
    if isinstance(drawing, Text):
        return replace(card or Card(_FAILED, press.subject, press.revision), quote=plain(drawing)), alone
    if card is None or card.subject != drawing.subject or not incoming.is_group:
        return drawing, ()
    return _for_all(card, drawing), ()


def _for_all(card: Card, answer: Card) -> Card:
    """The answer fits the presser's roles; the others' buttons stay, and what only the answer offers is added."""
    buttons, menu = laid_out(card.buttons, (*card.menu, *answer.buttons, *answer.menu))
    return replace(card, quote=answer.quote, buttons=buttons, menu=menu)


def of_app(desk: Desk, heard: Heard) -> str | Card:
    """The passive text, "" for none. The app's reply carries no new card: cards are owed, and a pressed card is changed
    by an owed edit with the fresh code of the press; where the settings say that the platform takes it, also by the
    reply. Whoever opens the chat is greeted once a day: a repeat of that gets nothing."""
    incoming = heard.incoming
    if heard.expired:
        owe(desk, [_app_expired(desk, heard)])
        return ""
    if heard.plain:
        words = _plainly(desk, heard, repeats=True)
        return plain(words) if isinstance(words, Text) else ""
    drawing, asker = answered(desk, incoming, repeats=not heard.welcome)
    if drawing is None:
        return ""
    if incoming.press is None and isinstance(drawing, Text):
        return plain(drawing)
    if asker and incoming.press is not None:
        _after_press(desk, heard, asker, drawing)
        return _at_once(desk, incoming.press, drawing)
    if asker:
        owe(desk, [_answer(desk, incoming, asker, drawing)])
    return ""


def _app_expired(desk: Desk, heard: Heard) -> Owed:
    """The press brought a code, by which the pressed card changes."""
    found = expired(desk, heard.incoming, heard.task_id)
    body: dict[str, object] = {"task_id": heard.task_id, "response_code": heard.response_code}
    body |= body_of(_renewed(found), desk.vault) | {"userids": [heard.incoming.sender]}
    return Owed(f"press:{heard.incoming.message_id}", "staff", "edit", found.subject or "answer", "", body)


def _at_once(desk: Desk, press: Press, drawing: Drawing) -> str | Card:
    """The pressed card for the reply itself, "" where it is not to be there."""
    takes_it = desk.settings.wecom is not None and desk.settings.wecom.passive_updates
    return drawing if takes_it and isinstance(drawing, Card) and drawing.subject == press.subject else ""


def _answer(desk: Desk, incoming: Incoming, recipient: str, drawing: Drawing) -> Owed:
    subject = drawing.subject if isinstance(drawing, Card) else "answer"
    key = f"answer:{incoming.channel}:{incoming.message_id}"
    return Owed(key, "staff", purpose_of(drawing), subject, recipient, body_of(drawing, desk.vault))


def _after_press(desk: Desk, heard: Heard, asker: str, drawing: Drawing) -> None:
    press = heard.incoming.press
    assert press is not None
    own = isinstance(drawing, Card) and drawing.subject == press.subject
    owed = [_edit(desk, heard, press, drawing if own else None)]
    if not own:
        owed.append(_answer(desk, heard.incoming, asker, drawing))
    owe(desk, owed)


def _edit(desk: Desk, heard: Heard, press: Press, drawing: Drawing | None) -> Owed:
    """The change of the pressed card: what the press answered, else the state of the moment."""
    body: dict[str, object] = {"task_id": heard.task_id, "response_code": heard.response_code}
    if isinstance(drawing, Card):
        body |= body_of(drawing, desk.vault)
        if drawing.revision == press.revision:
            body["userids"] = [heard.incoming.sender]
        else:
            _expect(desk, heard.task_id, drawing.revision)
    key = f"press:{heard.incoming.message_id}"
    return Owed(key, "staff", "edit", press.subject, "", body)


def _expect(desk: Desk, task_id: str, revision: int) -> None:
    """The press's own code brings this card up to date, so the edit for the other cards need not spend its code."""
    sent = update(SentCard).where(SentCard.channel == "wecom_app", SentCard.task_id == task_id)
    desk.session.execute(sent.values(revision=revision))
