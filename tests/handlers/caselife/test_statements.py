"""Where many cases change in one statement, it names the states that it leaves, and the table of a case's life knows
each of these changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from models.case_life import CHANGES, ENDS, Life

_HANDLERS: Final = Path(__file__).parents[3] / "handlers"
_STATE: Final = {Life.OPENED: "open", Life.ASSIGNED: "open", Life.CLAIMED: "claimed", Life.WAITING: "claimed"}
_TABLE: Final = {(_STATE.get(before, str(before)), _STATE.get(after, str(after)))
                 for (before, _), after in CHANGES.items()}  # fmt: skip
_BACK: Final = {(str(end), _STATE[before]) for (before, turn), end in CHANGES.items() if turn in ENDS}
_UPDATE: Final = re.compile(r'"""((?:(?!""").)*?UPDATE cases.*?)"""', re.DOTALL)
_SET: Final = re.compile(r"\bstate = (?:'(\w+)'|CASE (.*?) END)", re.DOTALL)
_REACHED: Final = re.compile(r"(?:THEN|ELSE) '(\w+)'")
_LEFT: Final = re.compile(r"\bstate (?:IN \(([^)]*)\)|= '(\w+)')")


def changes_of(statement: str) -> set[tuple[str, str]]:
    """(state left, state reached) of a statement; empty where it sets none by name."""
    changed, _, where = statement.partition("UPDATE cases")[2].partition("WHERE")
    reached = {
        one for name, case in _SET.findall(changed) for one in (name, *re.findall(r"(?:THEN|ELSE) '(\w+)'", case))
    }
    where = re.split(r"\bNOT EXISTS\b", where)[0]
    left = {one for many, name in _LEFT.findall(where) for one in (name, *re.findall(r"'(\w+)'", many))}
    reached, left = reached - {""}, left - {""}
    assert not reached or left, f"it does not say which states it leaves: {statement}"
    return {(before, after) for before in left for after in reached}


def statements() -> list[tuple[str, str]]:
    found = []
    for path in sorted(_HANDLERS.rglob("*.py")):
        found += [(path.relative_to(_HANDLERS).as_posix(), one) for one in _UPDATE.findall(path.read_text())]
    return found


def test_they_are_found() -> None:
    assert len(statements()) > 10
    assert {"opening.py", "stages.py", "holding/lock.py", "holding/hold.py", "cases.py"} <= {
        file for file, _ in statements()
    }


@pytest.mark.parametrize(("file", "statement"), statements())
def test_the_table_knows_what_it_does(file: str, statement: str) -> None:
    assert changes_of(statement) <= _TABLE | _BACK, file


def test_one_that_the_table_does_not_know_is_seen() -> None:
    wrong = "UPDATE cases SET state = 'claimed' WHERE id = 1 AND state IN ('solved', 'open')"
    assert changes_of(wrong) == {("solved", "claimed"), ("open", "claimed")}
    assert not changes_of("UPDATE cases SET state = 'solved' WHERE state = 'dismissed'") <= _TABLE | _BACK
    with pytest.raises(AssertionError, match="which states it leaves"):
        changes_of("UPDATE cases SET state = 'solved' WHERE id = 1")
