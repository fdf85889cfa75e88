from __future__ import annotations

import subprocess
import sys

import pytest

from handlers import commands, parse
from handlers.parse import spelt, suggestion

NAMES = commands.names()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("审合 JD-1", "审核"),
        ("深河", "审核"),
        ("看版", "看板"),
        ("陪货 001", "配货"),
        ("审 合 001", "审核"),
        ("深 河", "审核"),
        ("shenhe JD-1", "审核"),
        ("今天天气", ""),
        ("", ""),
        ("🙂", ""),
    ],
)
def test_what_sounds_like_a_command(line: str, name: str) -> None:
    assert suggestion(line, NAMES) == name


def test_the_first_slip_waits_for_no_import() -> None:
    """In a fresh process: what `warm` loads is all that a suggestion needs."""
    script = (
        "import sys; from handlers import commands, parse; parse.warm(); loaded = set(sys.modules);"
        "parse.suggestion('审合', commands.names()); print(sorted(set(sys.modules) - loaded))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"


def test_no_process_holds_the_phrases_of_a_dictionary_for_a_suggestion() -> None:
    """45 MB in each process that answers people."""
    script = "import sys; from handlers import parse; parse.warm(); print('pypinyin.phrases_dict' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "False"


@pytest.mark.parametrize(("letters", "both"), [("cx", {"undo", "find"}), ("jj", {"hand_over", "refuse_over"})])
def test_a_change_that_shares_its_initials_with_any_name_is_asked_about(letters: str, both: set[str]) -> None:
    assert {NAMES[name] for name in spelt(letters, NAMES)} == both
    assert commands.read(f"{letters} JD-20251222-001") is None
    assert commands.understanding.suggestion(f"{letters} JD-20251222-001", NAMES, commands.COMMANDS).startswith(
        f"「{letters}」可能是「"
    )


def test_a_question_that_shares_its_initials_with_an_alias_is_answered() -> None:
    assert commands.read("hs JD-20251222-001") == parse.Asked("script", "JD-20251222-001")


def test_initials_and_pinyin_name_a_command_only_where_no_other_is_written_so() -> None:
    names = parse.Words(
        {"备注": "note", "帮助": "help", "审核": "approve", "看板": "board"}, short=("备注", "帮助", "审核")
    )
    words: parse.Words[tuple[str, str]] = parse.Words({})

    assert spelt("bz", names) == ["备注", "帮助"]
    assert parse.read("bz 001", names, words) is None
    assert parse.read("sh 001", names, words) == parse.Asked("approve", "001")
    assert parse.read("SHENHE 001", names, words) == parse.Asked("approve", "001")
    assert parse.read("kb", names, words) is None  # only those of `short` have initials
    assert parse.read("kanban", names, words) == parse.Asked("board", "")
