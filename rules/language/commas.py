"""Where a comma may stand in a condition: between the values of a list or of a function. Anywhere else something was
meant by it, and what to write for that is told."""

from __future__ import annotations

import re
from typing import Final

from rules.language.problem import ConditionError
from rules.language.reading import Kind, Piece, Source

_LISTED: Final = ("in", "not in", "is", "is not")
"""What a list in round brackets may stand behind."""
_COMMA: Final = "[,，]"
_THOUSANDS: Final = re.compile(rf"\d{{1,3}}(?:{_COMMA}\d{{3}})+(?!\d)")


def check(source: Source) -> None:
    """Raises ConditionError."""
    opened: list[bool] = []  # of each bracket, whether it holds values
    before = None
    for place, piece in enumerate(source.pieces):
        if piece.kind is Kind.OPEN:
            opened.append(piece.code == "[" or (before is not None and _takes_values(before)))
        elif piece.kind is Kind.CLOSE:
            opened.pop()
        elif piece.kind is Kind.COMMA and not (opened and opened[-1]):
            raise _meant(source, place)
        before = piece


def _takes_values(piece: Piece) -> bool:
    return piece.kind is Kind.CALL or piece.code in _LISTED


def _meant(source: Source, place: int) -> ConditionError:
    comma, behind = source.pieces[place], source.pieces[place + 1]
    numbers = (found[0] for found in _THOUSANDS.finditer(source.text) if found.start() < comma.start < found.end())
    if number := next(numbers, ""):
        message, hint = "数字中间不能写逗号", f"请写：{re.sub(_COMMA, '', number)}"
    elif behind.kind is Kind.VALUE and behind.code[0] in "'\"":
        words = source.text[behind.start : behind.end]
        message, hint = "几个值要放在方括号里", f"例如：省 属于 ['新疆', {words}]"
    else:
        message, hint = "两个条件之间不能写逗号", "都要满足写「且」，满足一个就行写「或」"
    return ConditionError(message, source.text, comma.start, hint=hint)
