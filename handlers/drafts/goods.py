"""Which goods of ours are meant by what a customer wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import text

from handlers import stock
from handlers.desk import Desk
from models.draft import DraftLine

MOST: Final = 5
_ENOUGH: Final = 0.6  # of the letters of what was written
_LETTERS: Final = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]")
_FILLER: Final = re.compile(r"[的那款这种]")

# As the newest order calls them. The shelf's list is short, and each name is one look into an index.
_KNOWN: Final = text("""
    SELECT s.sku, coalesce(l.title, '') AS title, coalesce(l.spec, '') AS spec FROM stock s LEFT JOIN LATERAL (
        SELECT title, spec FROM order_lines WHERE sku = s.sku ORDER BY order_id DESC LIMIT 1) l ON true
""")
_NAMED: Final = text("""
    SELECT title, spec FROM order_lines WHERE sku = :sku ORDER BY order_id DESC LIMIT 1
""")


@dataclass(frozen=True, slots=True)
class Goods:
    sku: str
    title: str = ""
    spec: str = ""

    @property
    def shown(self) -> str:
        return " ".join(part for part in (self.sku, self.title, self.spec) if part)


def settle(desk: Desk, lines: Sequence[DraftLine]) -> tuple[DraftLine, ...]:
    """The lines, each with its goods where only one can be meant."""
    return tuple(line if line.settled else _settled(desk, line) for line in lines)


def _settled(desk: Desk, line: DraftLine) -> DraftLine:
    found = candidates(desk, line.words)
    return _of(line, found[0][0]) if len(found) == 1 and found[0][1] == 1.0 else line


def _of(line: DraftLine, goods: Goods) -> DraftLine:
    return replace(line, sku=goods.sku, title=goods.title, spec=goods.spec)


def chosen(desk: Desk, line: DraftLine, number: int) -> DraftLine | None:
    """The line with the candidate of that number (from 1), or kept as it is written (0); None for no such number."""
    if number == 0:
        return replace(line, kept=True)
    found = candidates(desk, line.words)
    return _of(line, found[number - 1][0]) if number <= len(found) else None


def candidates(desk: Desk, words: str) -> list[tuple[Goods, float]]:
    """What `words` can mean and how much of them fits, best first: a SKU by its own name, else goods that are called
    so. What fits wholly leaves the others out."""
    exact = by_sku(desk, words)
    if exact is not None:
        return [(exact, 1.0)]
    wanted = _letters(words)
    scored = [(Goods(*row), _fits(wanted, " ".join(row))) for row in desk.session.execute(_KNOWN)]
    likely = sorted((one for one in scored if one[1] >= _ENOUGH), key=lambda one: (-one[1], one[0].sku))
    whole = [one for one in likely if one[1] == 1.0]
    return (whole or likely)[:MOST]


def by_sku(desk: Desk, word: str) -> Goods | None:
    """The goods of that SKU, as the newest order calls them; None where neither shelf nor order knows it."""
    sku = stock.known(desk, word)
    if sku is None:
        return None
    named = desk.session.execute(_NAMED, {"sku": sku}).one_or_none()
    return Goods(sku, named.title, named.spec) if named else Goods(sku)


def _fits(wanted: str, name: str) -> float:
    """How much of what is wanted stands in a name, in any order: 红色马克杯 is 马克杯 红色."""
    have = set(_letters(name))
    return sum(letter in have for letter in wanted) / len(wanted) if wanted else 0.0


def _letters(words: str) -> str:
    return "".join(_LETTERS.findall(_FILLER.sub("", words.lower())))
