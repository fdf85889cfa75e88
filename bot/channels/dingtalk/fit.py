"""Values that never exceed what the card service takes: 1 KB of UTF-8 each, strings only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot.channels.dingtalk.markdown import compact
from bot.phrases import cut, cut_bytes, one_line, printable

VALUE_BYTES: Final = 1024
NOTHING: Final = "[]"  # a list's value is always JSON: its type is declared in the template
_NO_TEXT: Final = "…"  # a control without words cannot be seen

Entry = Mapping[str, str]


def line(text: str, most: int) -> str:
    """One line of at most `most` characters."""
    return cut(one_line(printable(text)).strip(), most)


def words(text: str, most: int) -> str:
    """The same for what must not be empty."""
    return line(text, most) or _NO_TEXT


def block(text: str, most: int) -> str:
    """Some lines, at most `most` characters and one value long."""
    return cut_bytes(cut(printable(text).strip(), most), VALUE_BYTES)


def fits(value: str) -> bool:
    return len(value.encode()) <= VALUE_BYTES


def entries(drawn: Callable[[int], Sequence[Entry]], lengths: Sequence[int]) -> str:
    """A list as JSON: its texts at the greatest of `lengths` at which all entries fit, else at the least one with as
    many entries as fit."""
    found: Sequence[Entry] = ()
    for length in lengths:
        found = drawn(length)
        if fits(compact(found)):
            break
    return compact(found[: fitting(found)])


def fitting(found: Sequence[Entry]) -> int:
    """How many of the first entries fit into one value."""
    size = 1  # the opening bracket; each entry brings its comma or the closing one
    for number, entry in enumerate(found):
        size += len(compact(entry).encode()) + 1
        if size > VALUE_BYTES:
            return number
    return len(found)
