"""The table of codes, line by line as the platform's pages give it (wecom.md 7.2)."""

from __future__ import annotations

import pytest

from bot.channels.sending import Reaction, Whose
from bot.channels.wecom_app.errors import CHANGE_CODES, CODES, RECALL_CODES

LINES = {
    Reaction.REFRESH: "40001 40014 42001",
    Reaction.RETRY: "-1 6000 40093 41096 45033",
    Reaction.WAIT: "45009",
    Reaction.PERSON: (
        "40003 40050 40066 40068 40073 40096 43004 46004 50002 60111 60123 81013 82001 86001 86003 86216 301021"
    ),
    Reaction.ALERT: (
        "40013 40056 40091 41004 48002 48005 50001 50003 60011 60020 80001 81011 93000 93004 93008 301002"
    ),
    Reaction.USED: "846608",
    Reaction.GIVE_UP: (
        "40004 40005 40006 40007 40008 40029 40031 40032 40033 40058 40063 41001 41006 41011 41016 41033 41051 44001 "
        "44004 45001 45002 45008 82002 82003 84014 84015 85002 86006 830002"
    ),
}


@pytest.mark.parametrize("reaction", LINES)
def test_every_code_of_the_pages_has_its_reaction(reaction: Reaction) -> None:
    assert {code for code, found in CODES.items() if found.reaction is reaction} == set(
        map(int, LINES[reaction].split())
    )


def test_no_code_stands_outside_the_table() -> None:
    assert set(CODES) == {int(code) for codes in LINES.values() for code in codes.split()}


def test_every_code_says_what_to_do_in_words() -> None:
    for code, found in CODES.items():
        assert found.text, code
        assert found.text.isprintable(), code
        assert found.reaction is not Reaction.ALERT or found.whose in (Whose.IT, Whose.HUB), code
    assert CODES[45009].wait_seconds == 60


def test_a_code_that_is_used_up_and_a_message_that_is_gone_need_nothing_more() -> None:
    assert CHANGE_CODES[40058].reaction is Reaction.USED
    assert RECALL_CODES[40058].reaction is Reaction.USED
    assert CODES[40058].reaction is Reaction.GIVE_UP
