"""One way in for every message and press: seen before? known? allowed? → command or action → view → drawing.

The mark that a message was seen stands in the same transaction as the change it caused: either both are there or
neither is, and a repeat waits for the first and gets the same answer.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import Final, TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import ladder
from bot.card import Card, Drawing, Text, from_json, to_json
from bot.cards import draw
from bot.mishap import described
from bot.owed import body_of, purpose_of
from bot.pen import Pen
from bot.phrases import cut, one_line
from handlers import commands, mask, pressing
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Incoming
from handlers.mishaps import pictures
from handlers.owe import Owed, owe
from handlers.parse import Asked
from handlers.people import heard, refuse_unknown
from handlers.received import received
from handlers.views import HelpView, TextView, View
from models import SeenMessage
from models.people import platform_of

log = structlog.get_logger()
Result = TypeVar("Result")
_BELONGS: Final = b"seen_messages.answer"
# A callback must be answered within 2 s whatever else holds locks; both limits end with the transaction.
_LIMITS: Final = "SELECT set_config('lock_timeout', '700ms', true) || set_config('statement_timeout', '1200ms', true)"
_LIMITED: Final = text(_LIMITS)
_MARK: Final = text(f"""
    INSERT INTO seen_messages (channel, message_id, seen_at)
    SELECT :channel, :message_id, :now FROM ({_LIMITS}) AS limits
    ON CONFLICT DO NOTHING RETURNING true
""")
_KEEP: Final = text("UPDATE seen_messages SET answer = :answer WHERE channel = :channel AND message_id = :message_id")
_LINES_ON_A_CARD: Final = 3
_LONGEST_ASKED: Final = 30
# Behind these stand names, phones, addresses and accounts: what is said to them is for the asker alone.
_PERSONAL: Final = frozenset(
    ("reveal", "readdress", "rephone", "new_order", "draft", "reship", "exchange", "blacklist", "roles", "bind_code")
)
_LONG_NUMBER: Final = re.compile(r"\d{7}")


def answer(desk: Desk, incoming: Incoming, *, repeats: bool = True) -> Drawing | None:
    """What to say to a message or press. A repeat changes nothing and gets the stored answer, or with `repeats` off
    nothing. Raises nothing but what a dead database raises."""
    return answered(desk, incoming, repeats=repeats)[0]


def answered(
    desk: Desk, incoming: Incoming, *, repeats: bool = True, failures: bool = True
) -> tuple[Drawing | None, str]:  # fmt: skip
    """The answer, and the asker's staff id as text: "" for a stranger, and for a repeat, which is owed nothing new.
    `failures` off: what did not work is not kept, for a repeat may well be the person trying again."""
    known: list[Actor] = []
    message = (incoming.channel, incoming.message_id)
    asked = _read(incoming)
    asks = commands.only_asks(asked, incoming.text) and not incoming.pictures
    drawing = once(
        desk, message, lambda: _work(desk, incoming, known, asked), repeats=repeats, keep=not asks, failures=failures,
        sorry=lambda words: _to_the_asker(desk, incoming, known, words),
    )  # fmt: skip
    return drawing, str(known[0].staff_id) if known else ""


def is_quick(incoming: Incoming) -> bool:
    """Whether it asks about one order: a look by an index, in which nobody has to wait for somebody else's work."""
    asked = _read(incoming)
    if asked is None or incoming.pictures or not commands.COMMANDS[asked.slug].about_order:
        return False
    return commands.only_asks(asked, incoming.text)


def _read(incoming: Incoming) -> Asked | None:
    """What its words ask for; None for a press, a file, and words that are no command."""
    if incoming.press is not None or incoming.file is not None or (incoming.pictures and not incoming.text):
        return None
    return _words(incoming.text, incoming.quoted)


@lru_cache(maxsize=64)
def _words(line: str, quoted: str) -> Asked | None:
    """A door looks first whether it is quick; then it is answered."""
    return commands.read(line, quoted)


def once(
    desk: Desk,
    message: tuple[str, str],
    work: Callable[[], Drawing | None],
    *,
    repeats: bool = True,
    keep: bool = True,
    failures: bool = True,
    sorry: Callable[[str], Text] = Text,
) -> Drawing | None:
    """Do `work` for the first (channel, message id) of its kind; a repeat gets what came of it. `keep` off: the work
    only asks; its answer is not kept, a repeat asks again. `failures` off: nor is what did not work. `sorry` says what
    went wrong."""
    if not keep and repeats:  # a question that may be asked again needs no mark: nothing is written for it at all
        desk.session.execute(_LIMITED)
        return _attempt(desk, message, work, sorry, marked=False)
    if _mark(desk, message):
        drawing = _attempt(desk, message, work, sorry, marked=failures)
    else:
        return _stored(desk, message) if repeats else None
    if drawing is not None and keep:
        sealed = desk.vault.seal(to_json(drawing), _BELONGS)
        desk.session.execute(_KEEP, {"answer": sealed, "channel": message[0], "message_id": message[1]})
    return drawing


def _attempt(
    desk: Desk, message: tuple[str, str], work: Callable[[], Drawing | None], sorry: Callable[[str], Text], *,
    marked: bool = True,
) -> Drawing | None:  # fmt: skip
    try:
        drawing = work()
        desk.session.flush()  # what the database refuses must be refused here, where it can be said
        return drawing
    except Refusal as refusal:
        said = str(refusal)
    except Exception as error:
        if not marked and _is_gone(error):
            raise  # nothing was begun: what is repeated finds a database again
        said = _apology(message, error)
    # This transaction holds nothing but this message: all of it goes, then the mark and the answer stand alone.
    desk.session.rollback()
    desk.later.clear()
    if not marked or _mark(desk, message):
        return sorry(said)
    return _stored(desk, message) or sorry(said)  # a twin that had waited for us got in, and did it


def _is_gone(error: Exception) -> bool:
    """Whether there was no connection to the database, or it broke."""
    return isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def tolerated(desk: Desk, work: Callable[[], Result]) -> Result | None:
    """What `work` gives, None where it fails: for what is only nice to have beside a change that was made."""
    try:
        with desk.session.begin_nested():
            return work()
    except Exception as error:
        log.error("embellishment_failed", **described(error))
        return None


def _work(desk: Desk, incoming: Incoming, known: list[Actor], asked: Asked | None) -> Drawing | None:
    actor = heard(desk, incoming.sender, incoming.channel)
    if actor is None:
        raise Refusal(refuse_unknown())
    known.append(actor)
    view = _run(desk, incoming, actor, asked)
    drawing = draw(view, Pen.of(desk))
    if not incoming.is_group:
        return drawing
    if drawing.private or _too_long(incoming, drawing) or (isinstance(view, HelpView) and _has_own_chat(desk)):
        return _privately(desk, incoming, drawing, actor)
    return drawing


def _run(desk: Desk, incoming: Incoming, actor: Actor, asked: Asked | None) -> View:
    if incoming.press is not None:
        return pressing.press(desk, incoming, actor)
    if incoming.file is not None:
        return TextView(received.expect(desk, actor, incoming.file))
    if incoming.pictures and not incoming.text:
        return TextView(pictures.take(desk, incoming, actor))
    view = commands.run(desk, incoming, actor, asked)
    return pictures.beside(desk, incoming, actor, view) if incoming.pictures else view


def _too_long(incoming: Incoming, drawing: Drawing) -> bool:
    """A pressed card in a group can show a few lines of an answer; a list belongs into the presser's own chat."""
    return isinstance(drawing, Text) and incoming.press is not None and drawing.markdown.count("\n") >= _LINES_ON_A_CARD


def _to_the_asker(desk: Desk, incoming: Incoming, known: Sequence[Actor], words: str) -> Text:
    """What was typed in a group and did not work is explained to the asker alone; the group is for results. What was
    pressed shows it to the presser alone anyway."""
    if not incoming.is_group or incoming.press is not None or not known or not _has_own_chat(desk):
        return Text(words)
    if _may_be_read_by_all(desk, incoming, words):
        return Text(words)
    line = _privately(desk, incoming, Text(words), known[0])
    return replace(line, markdown=f"没有办成，原因{line.markdown}")


def _may_be_read_by_all(desk: Desk, incoming: Incoming, words: str) -> bool:
    bot, asked = desk.settings.bot, _read(incoming)
    if bot is None or not bot.refusals_in_group or platform_of(incoming.channel) != "wecom":
        return False
    personal = asked is not None and asked.slug in _PERSONAL
    return not (personal or _LONG_NUMBER.search(words) or mask.phones(words) != words)


def _has_own_chat(desk: Desk) -> bool:
    return ladder.reaches(desk.settings, "staff")


def _privately(desk: Desk, incoming: Incoming, drawing: Drawing, actor: Actor) -> Text:
    """Private data never goes into a group: it is owed 1:1, and the group hears only that."""
    key, recipient = f"private:{incoming.channel}:{incoming.message_id}", str(actor.staff_id)
    sent = _with_question(incoming, drawing)
    owe(desk, [Owed(key, "staff", purpose_of(sent), "private", recipient, body_of(sent, desk.vault))])
    return Text(f"已单独发给您，请到{_own_chat(desk, incoming)}里查看。")


def _with_question(incoming: Incoming, drawing: Drawing) -> Drawing:
    """It arrives in another chat than the question: so it begins with what was asked. What may hold somebody's name or
    address is sealed with the answer."""
    said, asked = one_line(mask.phones(incoming.text)), _read(incoming)
    if incoming.press is not None or not said:
        return drawing
    line = f"您问：{cut(said, _LONGEST_ASKED)}"
    if isinstance(drawing, Card):
        return replace(drawing, quote="\n".join(part for part in (line, drawing.quote) if part), private=True)
    sealed = drawing.private or asked is None or asked.slug in _PERSONAL
    return replace(drawing, markdown=f"{line}\n{drawing.markdown}", private=sealed)


def _own_chat(desk: Desk, incoming: Incoming) -> str:
    robot = desk.settings.dingtalk
    if robot is not None and platform_of(incoming.channel) == "dingtalk":
        return f"与“{robot.name}”的单聊"
    if desk.settings.wecom is None and desk.settings.bot is not None:
        return f"与“{desk.settings.bot.name}”的单聊"
    named = desk.settings.wecom.name if desk.settings.wecom is not None else ""
    return f"与“{named or desk.settings.hub.name}”应用的会话"


def _mark(desk: Desk, message: tuple[str, str]) -> bool:
    """Whether it is new. Waits for another transaction that is at the same message."""
    values = {"channel": message[0], "message_id": message[1], "now": desk.now}
    return desk.session.execute(_MARK, values).scalar() is not None


def _stored(desk: Desk, message: tuple[str, str]) -> Drawing | None:
    seen = desk.session.get(SeenMessage, message)
    if seen is None or seen.answer is None:
        return None
    return from_json(desk.vault.open(seen.answer, _BELONGS))


def _apology(message: tuple[str, str], error: Exception) -> str:
    number = secrets.token_hex(3).upper()
    log.error("message_failed", id=number, channel=message[0], message=message[1], **described(error))
    return f"出了点问题，没有办成（编号 {number}）。请稍后再试，还不行就把编号发给管理员。"


KEEP_SEEN: Final = timedelta(days=3)  # no platform repeats a message after that long


def forget_seen(desk: Desk) -> int:
    """Remove marks that no repeat can need any more; how many."""
    gone = text("DELETE FROM seen_messages WHERE seen_at < :before RETURNING 1")
    return len(desk.session.execute(gone, {"before": desk.now - KEEP_SEEN}).all())
