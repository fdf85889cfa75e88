"""Owed messages of the bot's own, and what any owed message looks like when its time has come."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select

from bot.card import Card, Drawing, Text, from_json, to_json
from bot.cards import draw
from bot.channels import CHANNELS
from bot.channels.channel import Edits
from bot.channels.sending import Change, Enclosed, Form
from bot.pen import Pen
from handlers import show
from handlers.customers import filling, visits
from handlers.customers.events import EVENTS
from handlers.desk import Actor, Desk, Refusal
from handlers.owe import ENCLOSED
from handlers.people import find_actor
from handlers.views import CaseView
from models import Case, Notification, SentCard, Staff, Vault
from models.vault import CannotOpen

_BELONGS: Final = b"notifications.text"
_CARD: Final = b"notifications.card"
_ANSWER_LIFE: Final = timedelta(days=3)


class Early(Exception):
    """A card was changed a moment ago: what happens to it now is shown by one more change a little later."""

    def __init__(self, seconds: float) -> None:
        super().__init__("刚更新过，稍后一起更新")
        self.seconds = seconds


class Dropped(Exception):
    """An owed message that need not go out any more; the text says why."""


def staff_id(desk: Desk, userid: str, channel: str) -> str:
    """The recipient for `staff` rows, "" for a person whom the hub does not know."""
    found = find_actor(desk, userid, channel)
    return "" if found is None else str(found.staff_id)


def body_of(drawing: Drawing, vault: Vault) -> dict[str, Any]:
    """A drawing as an owed row's body; private ones are sealed, for they hold receiver data."""
    if isinstance(drawing, Card):
        return _card_body("card", drawing, vault)
    if not drawing.private:
        return {"text": drawing.markdown}
    return {"sealed": base64.b64encode(vault.seal(drawing.markdown.encode(), _BELONGS)).decode()}


def drawn_body(card: Card, vault: Vault) -> dict[str, Any]:
    """The same for a card as it is about to be sent."""
    return _card_body("drawn", card, vault)


def is_drawn(body: Mapping[str, Any]) -> bool:
    """Whether the row's card may have been sent before, as it was drawn then."""
    return "drawn" in body or "drawn_sealed" in body


def _card_body(name: str, card: Card, vault: Vault) -> dict[str, Any]:
    if not card.private:
        return {name: to_json(card).decode()}
    return {f"{name}_sealed": base64.b64encode(vault.seal(to_json(card), _CARD)).decode()}


def _kept_card(body: Mapping[str, Any], vault: Vault) -> Drawing | None:
    for name in ("drawn", "card"):
        if name in body:
            return from_json(str(body[name]))
        if (sealed := body.get(f"{name}_sealed")) is not None:
            return from_json(vault.open(base64.b64decode(sealed), _CARD))
    return None


def purpose_of(drawing: Drawing) -> str:
    return "card" if isinstance(drawing, Card) else "text"


def drawing_of(desk: Desk, row: Notification) -> Drawing | Form | Enclosed:
    """What `row` says now. Raises Dropped, LookupError for an unknown purpose, and what the handlers raise."""
    if row.purpose == "template":
        return _form(desk, row)
    if row.purpose == "text":
        return _text(desk, row)
    if row.purpose == "file":
        return _file(desk, row)
    if row.purpose == "card":
        return _kept_card(row.body, desk.vault) or _current(desk, row)
    raise LookupError(f"no way to draw purpose {row.purpose!r}")


def changes_of(desk: Desk, row: Notification) -> list[Change]:
    """What an edit row changes: the pressed card alone, or every card of the subject that can still be changed and
    does not show this state yet. Raises Dropped when there is none, Early where one of them rests."""
    found = [_pressed(desk, row)] if "task_id" in row.body else list(_stale(desk, row.subject))
    if not found:
        raise Dropped("没有可更新的卡片")
    return found


def current_card(desk: Desk, subject: str, reader: str = "", channel: str = "") -> Card | None:
    """The card of the subject as it stands, for the member `reader` of `channel`, else for everybody; None for a
    subject without one."""
    try:
        drawing = draw(show.show(desk, subject, _reader(desk, reader, channel)), Pen.of(desk))
    except Refusal:
        return None
    return drawing if isinstance(drawing, Card) else None


def _reader(desk: Desk, userid: str, channel: str) -> Actor | None:
    """Whose roles decide which buttons are offered; None where several read it, or nobody known."""
    return find_actor(desk, userid, channel) if userid else None


def _form(desk: Desk, row: Notification) -> Form:
    """With the words that hold now. The row keeps which templates it may use, by which its ways are found."""
    event = str(row.body.get("template", ""))
    several = [
        {str(name): str(value) for name, value in dict(one).items()}
        for one in (row.body.get("values", {}), *row.body.get("more", ()))
    ]
    if event not in EVENTS:
        raise Dropped("没有这类客户通知")
    letter = filling.letter(desk, event, several)
    row.body = {**row.body, "templates": {channel: one.template for channel, one in letter.filled.items()}}
    return Form(event, several[0], _link(desk, row), letter.filled, letter.words)


def _link(desk: Desk, row: Notification) -> str:
    """What a tap on it opens: the order's page, where customers have one; of what mends another order that one's."""
    order_id = row.body.get("whose", row.body.get("order"))
    page = visits.link(desk, order_id) if isinstance(order_id, int) else ""
    return str(row.body.get("link", "")) or page


def _text(desk: Desk, row: Notification) -> Text:
    if "sealed" in row.body:
        return Text(desk.vault.open(base64.b64decode(row.body["sealed"]), _BELONGS).decode(), private=True)
    return Text(str(row.body.get("text", "")))


def instead_of_file(row: Notification) -> Text:
    """What is said where a file cannot be sent."""
    return Text(str(row.body.get("text", "")))


def _file(desk: Desk, row: Notification) -> Enclosed | Text:
    """The words in its place where the key is gone. Raises Dropped for one that is kept no longer."""
    if "sealed" not in row.body:
        raise Dropped("文件已不再保留")
    try:
        content = desk.vault.open(base64.b64decode(row.body["sealed"]), ENCLOSED)
    except CannotOpen:
        return instead_of_file(row)
    return Enclosed(str(row.body.get("name", "")), content)


def _current(desk: Desk, row: Notification) -> Drawing:
    view = show.show(desk, row.subject, _member(desk, row))
    if isinstance(view, CaseView) and view.settled:
        case = desk.session.get(Case, view.case_id)
        if case is not None and case.solved_at is not None and case.solved_at > row.created_at:
            raise Dropped("发出前已处理完")  # what healed by itself is closed without a word
    return draw(view, Pen.of(desk))


def _member(desk: Desk, row: Notification) -> Actor | None:
    """The one person whom `row` goes to, None for a group or a role."""
    one = row.channel == "staff" and row.recipient.isdecimal()
    staff = desk.session.get(Staff, int(row.recipient)) if one else None
    return Actor(staff.name, staff.roles, staff.id) if staff is not None and staff.active else None


def _pressed(desk: Desk, row: Notification) -> Change:
    """`channel` in the body: where the card lies that is not in the app."""
    task_id, channel = str(row.body["task_id"]), str(row.body.get("channel", "wecom_app"))
    kept = _kept_card(row.body, desk.vault)
    card = kept or current_card(desk, row.subject, _holder(desk, channel, task_id), channel)
    if not isinstance(card, Card):
        raise Dropped("没有可更新的卡片")
    userids = tuple(str(one) for one in row.body.get("userids", ()))
    return Change(card, task_id, str(row.body.get("response_code", "")), userids, channel)


def _holder(desk: Desk, channel: str, task_id: str) -> str:
    """In whose chat the card stands, "" for a card that nobody kept; a group is nobody."""
    held = select(SentCard.recipient).where(SentCard.channel == channel, SentCard.task_id == task_id)
    return desk.session.scalar(held) or ""


def _stale(desk: Desk, subject: str) -> Iterator[Change]:
    by_code = and_(SentCard.response_code != "", SentCard.response_expires_at > desk.now)
    of_a_kind = [_channels(Edits.ALWAYS), and_(_channels(Edits.BY_CODE), by_code)]
    changeable = select(SentCard).where(SentCard.subject == subject, or_(*of_a_kind)).order_by(SentCard.id)
    cards: dict[tuple[str, str], Card | None] = {}
    for sent in _worth_it(desk, desk.session.scalars(changeable).all()):
        whose = (sent.channel, sent.recipient)
        if whose not in cards:
            is_group = sent.recipient == CHANNELS[sent.channel].group(desk.settings)
            cards[whose] = current_card(desk, subject, "" if is_group else sent.recipient, sent.channel)
        card = cards[whose]
        if card is not None and card.revision != sent.revision:
            _let_rest(desk, sent)
            yield Change(card, sent.task_id, sent.response_code, channel=sent.channel)


def _worth_it(desk: Desk, found: Sequence[SentCard]) -> list[SentCard]:
    """Where a card changes by its own id each change costs a call, so of several in one chat only the newest follows,
    and what somebody asked about an order only for some days. The others catch up when they are pressed."""
    newest = {(sent.channel, sent.recipient): sent.id for sent in found}
    return [
        sent
        for sent in found
        if CHANNELS[sent.channel].edits is not Edits.ALWAYS
        or (newest[sent.channel, sent.recipient] == sent.id and not _is_old_answer(desk, sent))
    ]


def _is_old_answer(desk: Desk, sent: SentCard) -> bool:
    return sent.subject.startswith("order:") and desk.now - sent.sent_at > _ANSWER_LIFE


def _let_rest(desk: Desk, sent: SentCard) -> None:
    """Each change costs a call of the month, so a card that changes by its own id does so only every few seconds."""
    settings = desk.settings.dingtalk
    if settings is None or CHANNELS[sent.channel].edits is not Edits.ALWAYS:
        return
    rest = settings.coalesce_seconds - (desk.now - (sent.changed_at or sent.sent_at)).total_seconds()
    if rest > 0:
        raise Early(rest)


def _channels(edits: Edits) -> ColumnElement[bool]:
    return SentCard.channel.in_([slug for slug, channel in CHANNELS.items() if channel.edits is edits])
