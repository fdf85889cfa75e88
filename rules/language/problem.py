"""What is wrong with a condition, told at its place."""

from __future__ import annotations

from typing import Final
from unicodedata import east_asian_width

_WIDE: Final = "\u3000"
_LINE: Final = 44  # so much of a long condition is shown around the place


class ConditionError(ValueError):
    """`at`, `length`: where in `text`. `hint`: what to write instead, a whole sentence, or ""."""

    def __init__(self, message: str, text: str, at: int, length: int = 1, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.at = max(0, min(at, len(text)))
        self.length = max(1, length)
        self.hint = hint

    @property
    def shown(self) -> str:
        """The message, the condition with a caret under the place, and the hint. Four lines at most."""
        start = max(0, self.at - _LINE // 2)
        line = "".join(letter if letter.isprintable() else " " for letter in self.text[start : start + _LINE])
        caret = _blank(line[: self.at - start]) + "^" * min(self.length, 12)
        place = f"第 {self.at + 1} 个字：{self.message}"
        return "\n".join(part for part in (place, line, caret, self.hint) if part)


def _blank(text: str) -> str:
    """As wide as `text`."""
    return "".join(_WIDE if east_asian_width(letter) in "WF" else " " for letter in text)
