"""How DingTalk's people are answered: what goes back at once, and what is owed because it cannot.

A text goes back at once (to the chat's reply address, or in the body of our answer); a card has its own way, so it is
owed to the very chat in which it was asked for. A press is answered by what the presser sees from now on; everybody
else gets the owed edit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select, text

from bot.card import Card, Drawing, Text, as_text
from bot.channels.dingtalk.fit import line
from bot.channels.dingtalk.markdown import fitted, title_of
from bot.channels.dingtalk.notes import Notes
from bot.channels.dingtalk.parse import CHANNEL, DOUBLE_SECONDS, Pressed, Said
from bot.channels.dingtalk.render import card_data
from bot.channels.dingtalk.thrift import Thrift
from bot.channels.sending import Body
from bot.channels.wecom_app.render import plain
from bot.expired import expired
from bot.owed import body_of, current_card, purpose_of
from bot.phrases import moment
from bot.router import answered, once, tolerated
from config_chat import PUBLIC_TEMPLATE, DingTalk
from handlers.desk import Desk
from handlers.incoming import Incoming, Press
from handlers.owe import Owed, owe
from handlers.people import find_actor, refuse_unknown
from models import SeenMessage, SentCard

MOST_BYTES: Final = 15_000  # of an answer's text; the platform takes 20 000 in all
_SENT_ALONE: Final = "已单独发给您"
_FAILED: Final = "没有办成"
_CALLED: Final = re.compile(r"(?<![A-Za-z0-9._-])@(\S+)")
_TIPS: Final = 80  # characters of the public template's small print
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


def of_message(desk: Desk, said: Said, saves: Thrift = Thrift.NOTHING) -> Reply | None:
    """What to say at once; None where nothing is, or where the answer is owed: a card, and a text that saves units."""
    incoming = replace(_with_quoted(desk, said), text=_with_names(desk, said))
    if said.plain:
        return _plainly(desk, said)
    drawing, asker = answered(desk, incoming)
    if drawing is None:
        return None
    if saves is Thrift.CALLS and isinstance(drawing, Card):
        drawing = as_text(drawing)
    if isinstance(drawing, Text) and not (saves is Thrift.UNITS and asker):
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


def _with_names(desk: Desk, said: Said) -> str:
    """`转 @老王`: a colleague's name without its mark. Who is called alone is known by the account, whatever name the
    client shows; of several it is not told which name is whose."""
    words = said.incoming.text
    shown = _CALLED.findall(words)
    if len(shown) == len(said.called) == 1 and (called := find_actor(desk, said.called[0], CHANNEL)) is not None:
        return _CALLED.sub(lambda _: called.name, words)
    return _CALLED.sub(r"\1", words) if said.called else words


def _with_quoted(desk: Desk, said: Said) -> Incoming:
    """A card that is quoted comes without its words from some clients, but with its id, which is surer than its words:
    they may be cut off before the short code."""
    incoming = said.incoming
    if not said.quoted_id:
        return incoming
    sent = select(SentCard.subject).where(SentCard.channel == CHANNEL, SentCard.msgid == said.quoted_id).limit(1)
    subject = desk.session.scalar(sent)
    card = tolerated(desk, lambda: current_card(desk, subject)) if subject else None
    if card is None or (card.code and card.code in incoming.quoted):
        return incoming
    return replace(incoming, quoted="\n".join((card.title, card.code, incoming.quoted)).strip())


# presses


@dataclass(frozen=True, slots=True)
class Seen:
    """What changes for the presser, as the answer to the press. `note_of`: the revision that their own line tells of,
    None where they have none. `state`: the card's subject and revision, None where it shows no card; `line`: what it
    says without the card."""

    body: Body
    note_of: int | None = None
    state: tuple[str, int] | None = None
    line: Body | None = None


def of_press(desk: Desk, pressed: Pressed) -> Seen | None:
    """What changes for the presser; None where nothing does. The platform gives a press no id, so somebody who presses
    once more after a failure looks like a repeat: a failure is not kept."""
    incoming, press = _placed(desk, pressed), pressed.press
    if press is None:
        return _expired(desk, incoming, pressed.track_id)
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
        _catch_up(desk, pressed, (press, card))
    shown = _shown(card, drawing, press)
    # A question that was put to an older state is none any more.
    asked = own and isinstance(drawing, Card) and drawing.revision == press.revision < shown.revision
    return _seen(desk, shown, "" if asked else _note(drawing, shown, own=own))


def _expired(desk: Desk, incoming: Incoming, track_id: str) -> Seen:
    found = expired(desk, incoming, track_id)
    if found.card is not None:
        return _seen(desk, found.card, found.words)
    if _template(desk) == PUBLIC_TEMPLATE:
        return Seen(_tips(found.words))
    return Seen(_by_key(userPrivateData={"note": found.words}), 0)


def _placed(desk: Desk, pressed: Pressed) -> Incoming:
    """The press with its place: a card that went to the presser alone is no matter of a group. And with the id of its
    twin, where the two fell on both sides of a boundary between two ids."""
    incoming = pressed.incoming
    sent_to = select(SentCard.recipient).where(SentCard.channel == CHANNEL, SentCard.task_id == pressed.track_id)
    twin = select(SeenMessage.seen_at).where(SeenMessage.channel == CHANNEL, SeenMessage.message_id == pressed.before)
    found = desk.session.execute(select(sent_to.scalar_subquery(), twin.scalar_subquery())).one()
    recipient, twin_at = found[0] or "", found[1]
    is_twin = twin_at is not None and (incoming.at - twin_at).total_seconds() < DOUBLE_SECONDS
    alone = incoming.sender in recipient.split("|")
    return replace(
        incoming,
        message_id=pressed.before if is_twin else incoming.message_id,
        is_group=not alone,
        chat=incoming.sender if alone else recipient,
    )


def _shown(card: Card | None, drawing: Drawing, press: Press) -> Card:
    """A new state is what all see; a question back (the state is as it was) is for the presser. A repeat gets the
    answer of before, and somebody else may have been faster since: never an older state than the card has."""
    if not isinstance(drawing, Card) or drawing.subject != press.subject:
        return card or Card(_FAILED, press.subject, press.revision)
    if card is None or drawing.revision == press.revision >= card.revision:
        return replace(drawing, quote=card.quote if card is not None else "")
    return card


def _note(drawing: Drawing, shown: Card, *, own: bool) -> str:
    """What the press did or why not, as far as the card does not say it to everybody."""
    if isinstance(drawing, Text):
        return plain(drawing)
    if not own:
        return _SENT_ALONE
    there = shown.quote.split("\n")
    return "\n".join(line for line in drawing.quote.split("\n") if line not in there)


def _seen(desk: Desk, card: Card, note: str) -> Seen:
    """The answer to the press. The note stays on the presser's card, so it tells its time."""
    template, state = _template(desk), (card.subject, card.revision)
    told = f"{moment(desk.now, desk.now)} {note}" if note else ""
    if template == PUBLIC_TEMPLATE:  # it knows nothing private, but this answer is seen by the presser alone
        return Seen(_by_key(cardData=card_data(card, template, note=told)), None, state, _tips(note) if note else None)
    private = {"note": card_data(card, template, note=told)["note"]}
    body = _by_key(cardData=card_data(card, template), userPrivateData=private)
    return Seen(body, card.revision if told else None, state, _by_key(userPrivateData=private))


def _template(desk: Desk) -> str:
    settings = desk.settings.dingtalk
    return settings.card_template if settings is not None else PUBLIC_TEMPLATE


def busy(settings: DingTalk, pressed: Pressed | None) -> Seen:
    """The answer to a press that could not be worked on; None where it could not even be read."""
    if settings.card_template == PUBLIC_TEMPLATE:
        return Seen(_tips(_BUSY))
    press = pressed.press if pressed is not None else None
    return Seen(_by_key(userPrivateData={"note": _BUSY}), press.revision if press is not None else None)


def note_kept(notes: Notes, pressed: Pressed | None, seen: Seen | None) -> None:
    """So that the line goes when the card shows a newer state."""
    if pressed is not None and seen is not None and seen.note_of is not None:
        notes.keep(pressed.track_id, pressed.incoming.sender, seen.note_of)


def _tips(words: str) -> Body:
    """In the public template's small print: all else of the card stays."""
    return _by_key(cardData={"tips": line(words, _TIPS)})


def _by_key(**parts: dict[str, str]) -> Body:
    """What is not named stays as it is."""
    options = {"cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True}}
    return options | {name: {"cardParamMap": values} for name, values in parts.items()}


def _catch_up(desk: Desk, pressed: Pressed, seen: tuple[Press, Card]) -> None:
    """A card that shows an old state though nothing is on its way to it (it was sent in the moment of the change) is
    owed an edit."""
    press, card = seen
    if press.revision >= card.revision:
        return
    shown = select(SentCard.revision).where(SentCard.channel == CHANNEL, SentCard.task_id == pressed.track_id)
    if desk.session.scalar(shown) in (None, card.revision):
        return
    if desk.session.execute(_PENDING, {"subject": card.subject}).first() is None:
        owe(desk, [Owed(f"press:{CHANNEL}:{pressed.incoming.message_id}", "staff", "edit", card.subject)])
