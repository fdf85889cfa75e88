"""`flask chat --as 陈姐`: the conversation with the hub in a terminal. A line in, an answer out, the buttons of the
last card by their numbers. What is done here is done, recorded and queued as in every other chat."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator, Mapping
from typing import Final

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.card import Card
from bot.mishap import described
from bot.payload import Payload
from bot.pen import button_key
from bot.phrases import printable
from bot.router import answer, log
from handlers import people
from handlers.desk import Refusal
from handlers.incoming import Incoming, Press
from handlers.people import Person
from operators.chat_card import Pad, drawn
from wire import Hub

CHANNEL: Final = "terminal"
_BYE: Final = frozenset({"退出", "exit", "quit"})
_AS_WORDS: Final = "说 "
_HOW: Final = (
    "输入命令（如 看板、我的、帮助），卡片上的按钮和选项按编号输入；要把编号当作一句话，写「说 2」；退出请输 退出。"
)
_NO_DATABASE: Final = "数据库暂时没有应答，这一句没有办，请稍后再试。"


def commands(here: Hub) -> Mapping[str, click.Command]:
    who = click.Option(["--as", "who"], default="", metavar="NAME", help="Whom of the staff you speak for.")
    return {"chat": click.Command("chat", callback=lambda who: talk(here, who), params=[who])}


def talk(here: Hub, name: str) -> None:
    """Until 退出 or the end of what comes in. Raises ClickException where nobody, or more than one, has that name."""
    person = _person(here, name)
    conversation = Conversation(here, person)
    for line in _lines(person.name):
        if line in _BYE:
            return
        if line:
            click.echo(conversation.hear(line))


class Conversation:
    """What one person says, and the card that can be pressed: the last that was shown."""

    def __init__(self, here: Hub, person: Person) -> None:
        self._hub = here
        self._sender = str(person.id)  # whatever they are called on a platform, and whoever else is called so
        self._pad: Pad | None = None

    def hear(self, line: str) -> str:
        """The answer to a line, drawn."""
        try:
            return self._heard(line)
        except SQLAlchemyError as error:
            log.error("message_failed", channel=CHANNEL, **described(error))
            return _NO_DATABASE

    def _heard(self, line: str) -> str:
        control = self._pad.control(line) if self._pad is not None else None
        if self._pad is None or control is None:
            return self._answered(text=line.removeprefix(_AS_WORDS).strip())
        if not control.payload:
            self._pad.choose(control)
            return "\n".join(self._pad.lines())
        payload = Payload.unpack(control.payload, button_key(self._hub.settings.security.button_key))
        return self._answered(press=payload.press(self._pad.selected()))

    def _answered(self, *, text: str = "", press: Press | None = None) -> str:
        with self._hub.open_desk() as desk:
            drawing = answer(desk, Incoming(
                channel=CHANNEL, message_id=secrets.token_hex(16), sender=self._sender, chat=self._sender,
                is_group=False, at=desk.now, text=text, press=press,
            ))  # fmt: skip
        if drawing is None:
            return ""
        if isinstance(drawing, Card):
            self._pad = Pad.of(drawing)
        return drawn(drawing, self._pad)


def _person(here: Hub, name: str) -> Person:
    try:
        with here.open_desk() as desk:
            return people.one_named(people.staff(desk), name, ask="用 --as 扮作")
    except Refusal as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except SQLAlchemyError as error:
        log.error("chat_not_begun", **described(error))
        raise click.ClickException("数据库没有应答，请先启动中枢，再执行 hub prepare") from None


def _lines(name: str) -> Iterator[str]:
    """What is typed, or what comes by a pipe: then each line is repeated, and the output reads as a conversation."""
    prompt = f"{name}> "
    if not sys.stdin.isatty():
        for line in sys.stdin:
            said = _clean(line)
            if said:
                click.echo(f"{prompt}{said}")
            yield said
        return
    click.echo(_HOW)
    while True:
        try:
            yield _clean(input(prompt))
        except (EOFError, KeyboardInterrupt):
            click.echo()
            return


def _clean(line: str) -> str:
    """What is no UTF-8 becomes a question mark."""
    return printable(line.encode(errors="replace").decode()).strip()
