"""How DingTalk's people are answered: what goes back at once, and what is owed because it cannot.

A text goes back at once (to the chat's reply address, or in the body of our answer); a card has its own way, so it is
owed to the very chat in which it was asked for. A press is answered by what the presser sees from now on; everybody
else gets the owed edit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select, text

from bot.card import Card, Drawing, Text
from bot.channels.dingtalk.markdown import fitted, title_of
from bot.channels.dingtalk.parse import CHANNEL, Pressed, Said
from bot.channels.dingtalk.render import card_data
from bot.channels.sending import Body
from bot.channels.wecom_app.render import plain
from bot.owed import body_of, current_card, purpose_of
from bot.phrases import moment
from bot.router import answered, once, tolerated
from config_chat import PUBLIC_TEMPLATE, DingTalk
from handlers.desk import Desk
from handlers.incoming import Incoming, Press
from handlers.owe import Owed, owe
from handlers.people import find_actor, refuse_unknown
from models import SentCard

MOST_BYTES: Final = 15_000  # of an answer's text; the platform takes 20 000 in all
_SENT_ALONE: Final = "已单独发给您"
_FAILED: Final = "没有办成"
_BUSY: Final = "系统忙，没有办成，请过几秒再按一次"
# What held up the press may hold up the card beside its refusal too, and all of it has two seconds.
_HURRY: Final = text("SELECT set_config('lock_timeout', '200ms', true)")
_PENDING: Final = text("""
    SELECT 1 FROM notifications WHERE subject = :subject AND purpose = 'edit' AND state IN ('owed', 'sending') LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that goes back at once. `asker`: the staff id to whom it can be owed where that fails, "" for nobody."""

    words: Text
    asker: str


# messages


def of_message(desk: Desk, said: Said, *, saving: bool = False) -> Reply | None:
    """What to say at once; None where nothing is, or where the answer is owed: a card, and with `saving` a text too."""
    incoming = _with_quoted(desk, said)
    if said.plain:
        return _plainly(desk, said)
    drawing, asker = answered(desk, incoming)
    if drawing is None:
        return None
    if isinstance(drawing, Text) and not (saving and asker):
        return Reply(drawing, asker)
    if asker:
        owe(desk, [owed_answer(desk, incoming, asker, drawing)])
    return None


def _plainly(desk: Desk, said: Said) -> Reply | None:
    """To a message that is none: what can be done instead, once."""
    incoming = said.incoming
    known = find_actor(desk, incoming.sender, CHANNEL) if incoming.sender else None
    words = said.plain if known is not None or not incoming.sender else refuse_unknown()
    drawing = once(desk, (CHANNEL, incoming.message_id), lambda: Text(words))
    asker = str(known.staff_id) if known is not None else ""
    return Reply(drawing, asker) if isinstance(drawing, Text) else None


def owed_answer(desk: Desk, incoming: Incoming, asker: str, drawing: Drawing) -> Owed:
    """The answer as an owed message: into the group where it was asked, else to the asker alone."""
    subject = drawing.subject if isinstance(drawing, Card) else "answer"
    channel, recipient = ("chat_dingtalk", incoming.chat) if incoming.is_group else ("staff", asker)
    key = f"answer:{incoming.channel}:{incoming.message_id}"
    return Owed(key, channel, purpose_of(drawing), subject, recipient, body_of(drawing, desk.vault))


def spoken(words: Text, incoming: Incoming, home: str) -> Body:
    """A text for a reply address or the body of our answer; in a group it calls the asker, which needs the id twice."""
    called = incoming.sender if incoming.is_group else ""
    said = f"<@{called}> {words.markdown}" if called else words.markdown
    shown = {"title": title_of(words.markdown), "text": fitted(said, home, MOST_BYTES)}
    at = {"at": {"atUserIds": [called], "isAtAll": False}} if called else {}
    return {"msgtype": "markdown", "markdown": shown, **at}


def _with_quoted(desk: Desk, said: Said) -> Incoming:
    """A card that is quoted comes without its words from some clients, but with its id."""
    incoming = said.incoming
    if incoming.quoted or not said.quoted_id:
        return incoming
    sent = select(SentCard.subject).where(SentCard.channel == CHANNEL, SentCard.msgid == said.quoted_id).limit(1)
    subject = desk.session.scalar(sent)
    card = tolerated(desk, lambda: current_card(desk, subject)) if subject else None
    return replace(incoming, quoted=f"{card.title}\n{card.code}") if card is not None else incoming


# presses


def of_press(desk: Desk, pressed: Pressed) -> Body | None:
    """What changes for the presser; None where nothing does. The platform gives a press no id, so somebody who presses
    once more after a failure looks like a repeat: a failure is not kept."""
    incoming, press = _placed(desk, pressed), pressed.press
    drawing, asker = answered(desk, incoming, failures=False)
    if drawing is None:
        return None
    own = isinstance(drawing, Card) and drawing.subject == press.subject
    if asker and isinstance(drawing, Card) and not own:  # a list, another order: it is the presser's alone
        owe(desk, [owed_answer(desk, replace(incoming, is_group=False), asker, drawing)])
    reader = "" if incoming.is_group else incoming.sender
    if isinstance(drawing, Text):
        desk.session.execute(_HURRY)
    card = tolerated(desk, lambda: current_card(desk, press.subject, reader, CHANNEL))
    if card is not None:
        _catch_up(desk, pressed, card)
    shown = _shown(card, drawing, press)
    return _seen(desk, shown, _note(drawing, shown, own=own))


def _placed(desk: Desk, pressed: Pressed) -> Incoming:
    """The press with its place: a card that went to the presser alone is no matter of a group."""
    recipient = _sent(desk, pressed.track_id, SentCard.recipient) or ""
    alone = pressed.incoming.sender in recipient.split("|")
    return replace(pressed.incoming, is_group=not alone, chat=pressed.incoming.sender if alone else recipient)


def _shown(card: Card | None, drawing: Drawing, press: Press) -> Card:
    """A new state is what all see; a question back (the state is as it was) is for the presser."""
    own = isinstance(drawing, Card) and drawing.subject == press.subject
    if own and isinstance(drawing, Card) and (card is None or drawing.revision == press.revision):
        return replace(drawing, quote=card.quote if card is not None else "")
    return card or Card(_FAILED, press.subject, press.revision)


def _note(drawing: Drawing, shown: Card, *, own: bool) -> str:
    """What the press did or why not, as far as the card does not say it to everybody."""
    if isinstance(drawing, Text):
        return plain(drawing)
    if not own:
        return _SENT_ALONE
    there = shown.quote.split("\n")
    return "\n".join(line for line in drawing.quote.split("\n") if line not in there)


def _seen(desk: Desk, card: Card, note: str) -> Body:
    """The answer to the press. The note stays on the presser's card, so it tells its time."""
    settings = desk.settings.dingtalk
    template = settings.card_template if settings is not None else PUBLIC_TEMPLATE
    told = f"{moment(desk.now, desk.now)} {note}" if note else ""
    if template == PUBLIC_TEMPLATE:  # it knows nothing private, but this answer is seen by the presser alone
        return _by_key(cardData=card_data(card, template, note=told))
    private = {"note": card_data(card, template, note=told)["note"]}
    return _by_key(cardData=card_data(card, template), userPrivateData=private)


def busy(settings: DingTalk) -> Body:
    """The answer to a press that could not be worked on."""
    if settings.card_template == PUBLIC_TEMPLATE:
        return _by_key(cardData={"tips": _BUSY})
    return _by_key(userPrivateData={"note": _BUSY})


def _by_key(**parts: dict[str, str]) -> Body:
    """What is not named stays as it is."""
    options = {"cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True}}
    return options | {name: {"cardParamMap": values} for name, values in parts.items()}


def _catch_up(desk: Desk, pressed: Pressed, card: Card) -> None:
    """A card that shows an old state though nothing is on its way to it (it was sent in the moment of the change) is
    owed an edit."""
    if pressed.press.revision >= card.revision:
        return
    if _sent(desk, pressed.track_id, SentCard.revision) in (None, card.revision):
        return
    if desk.session.execute(_PENDING, {"subject": card.subject}).first() is None:
        owe(desk, [Owed(f"press:{CHANNEL}:{pressed.incoming.message_id}", "staff", "edit", card.subject)])


def _sent(desk: Desk, track_id: str, column: Any) -> Any:
    return desk.session.scalar(select(column).where(SentCard.channel == CHANNEL, SentCard.task_id == track_id))
