from __future__ import annotations

from handlers.commands import COMMANDS
from operators.commands_doc import PLACE, page
from operators.commands_english import ENGLISH


def test_every_command_is_told_in_english_and_nothing_else_is() -> None:
    assert list(COMMANDS) == [slug for slug in COMMANDS if slug in ENGLISH], "add its line to commands_english.py"
    assert set(ENGLISH) == set(COMMANDS)


def test_the_page_is_up_to_date() -> None:
    assert PLACE.read_text(encoding="utf-8") == page(), "run: python -m operators.commands_doc"


def test_the_page_names_every_command_with_its_example() -> None:
    written = page()

    for command in COMMANDS.values():
        assert f"`{command.usage.replace('|', chr(92) + '|')}`" in written
        assert f"`{command.example}`" in written
