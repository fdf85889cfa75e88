"""A labelled list of lines: how many are read as a colleague would, and that none becomes a change by a guess."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import commands, parse
from handlers.commands import understanding
from handlers.commands.command import Command
from handlers.parse import Asked, Reference
from tests.handlers.parse.lines import EXACT, GUESSED, QUOTING

ORDERS_FIRST = {"find", "order", "map", "resume"}
ONE_ALONE = ("note", "reship", "exchange", "reveal", "withdraw", "ship", "assign", "trail", "order")


def shown(one: Reference) -> str:
    """JD-20251222-001, JD#1, jd#1-20, 店TB, 全部."""
    match one.kind:
        case "short":
            return f"{one.prefix or one.platform}#{one.number}"
        case "day_number":
            return f"{one.platform}{one.day}#{one.number}"
        case "range":
            return f"{one.prefix or one.platform}{one.day}#{one.number}-{one.last}"
        case "shop":
            return f"店{one.prefix or one.platform}"
        case _:
            return one.text


def reading(asked: Asked | None) -> str:
    if asked is None:
        return "?"
    command = commands.COMMANDS[asked.slug]
    rest = asked.rest
    found: list[Reference] = []
    if command.about_order or asked.slug in ORDERS_FIRST:
        named = parse.without_label(asked.rest) if asked.slug == "find" else asked.rest
        found, rest = parse.references(named, many=True)
        alone = parse.reference(named) if asked.slug in ONE_ALONE or not found else None
        if alone is not None and (alone[0].kind != "name" or asked.slug == "find"):
            found, rest = [alone[0]], alone[1].strip(" ，,")
    words = [asked.slug, asked.code, *(shown(one) for one in found)]
    return " ".join(word for word in words if word) + (f" | {rest}" if rest else "")


def guessed(line: str) -> str:
    asked = understanding.guess(line, commands.names(), commands.COMMANDS)
    if asked is not None:
        return f"guess {reading(asked)}"
    said = understanding.suggestion(line, commands.names(), commands.COMMANDS)
    found = re.match("您是想说「(.+?)」吗", said)
    return f"suggest {found[1]}" if found else "?"


def test_lines_are_read_as_a_colleague_would(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        *((line, "", wanted, reading(commands.read(line))) for line, wanted in EXACT),
        *((line, card, wanted, reading(commands.read(line, card))) for line, card, wanted in QUOTING),
        *((line, "", wanted, guessed(line)) for line, wanted in GUESSED),
    ]
    missed = [
        (line, wanted, found)
        for line, _, wanted, found in lines
        if (found != wanted if wanted is not None else found == "?")
    ]
    with capsys.disabled():
        print(f"\n  {len(lines) - len(missed)} of {len(lines)} lines read as labelled")  # noqa: T201

    assert len(lines) >= 200
    assert not missed, "\n".join(f"{line!r}: wanted {wanted!r}, read {found!r}" for line, wanted, found in missed)


@pytest.mark.parametrize("line", [line for line, wanted in GUESSED if wanted.startswith("suggest")])
def test_a_change_that_is_misspelt_is_no_command(line: str) -> None:
    assert commands.read(line) is None


WORDS = (
    "审核 发货 查 看板 001 JD-20251222-001 京东 零零一 全部 - 到 别 不 吗 完成 A7F2 sh 帮我 一下 谢谢 ， +2h"
    " 转 王五 😀 撤销 备注 审合 看版 ？"
)
PIECES = st.lists(st.sampled_from([*WORDS.split(" "), " ", "\n"]), max_size=9).map("".join)
CARDS = st.sampled_from(["", "订单中枢 · A7F2\nJD-20251222-001 待审核", "TB-20251222-004 待审核", "你好"])


def changes(command: Command) -> bool:
    return not command.asks


@given(PIECES | st.text(max_size=60), CARDS)
def test_nothing_that_changes_is_done_by_a_guess(line: str, card: str) -> None:
    asked = commands.read(line, card)

    assert asked is None or not asked.guess or not changes(commands.COMMANDS[asked.slug])
    if asked is None:
        guess = understanding.guess(line, commands.names(), commands.COMMANDS)
        assert guess is None or (guess.guess and not changes(commands.COMMANDS[guess.slug]))
        assert understanding.suggestion(line, commands.names(), commands.COMMANDS)


@given(PIECES)
def test_a_change_is_named_in_the_line_itself(line: str) -> None:
    asked = commands.read(line)

    if asked is None or not changes(commands.COMMANDS[asked.slug]) or asked.slug in ("case", "order"):
        return
    said = parse.normal(line).lower().replace(" ", "")
    names = commands.COMMANDS[asked.slug].names
    spelt = asked.letters and set(parse.spelt(asked.letters, commands.names())) & set(names)
    assert spelt or any(name in said for name in names)


@given(PIECES)
def test_what_is_said_no_to_is_not_done(line: str) -> None:
    for no in ("别", "不要", "先不", "不用"):
        asked = commands.read(f"{no}{line}")
        assert asked is None or not asked.named or line.startswith(("\n", "，", " "))
