"""Which goods a reship or an exchange sends, as people write them behind the order's number: "QH-CUP-RED ×2 破损"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from sqlalchemy import text

from handlers.desk import Desk, Refusal
from handlers.drafts import goods as drafts_goods
from handlers.parse import tag_in
from models.draft import DraftLine
from texts.goods import COUNT, MOST_PIECES, UNITS, count_of

_LINES: Final = text("""
    SELECT sku, title, spec, quantity FROM order_lines
    WHERE order_id = :id AND refund <> 'refunded' ORDER BY position
""")
_SHELF: Final = text("SELECT sku FROM stock")
_GAPS: Final = " ,，、:：;；"
_EDGE: Final = rf"(?=$|[{_GAPS}])"
_CODE: Final = r"(?<![A-Za-z0-9_-])[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*"
_GLUED: Final = re.compile(r"[xX]\d{1,4}$")  # QH-CUP-REDx2
_AFTER: Final = re.compile(rf" *[×xX*]? *([-−–负]?\d+(?:\.\d+)?|{COUNT})(?: *(?:{UNITS})| *{_EDGE})")
_BEFORE: Final = re.compile(rf"{COUNT} *(?:{UNITS}) *$")
_WAYBILL: Final = re.compile(r"[A-Za-z]{0,5}\d{9,}")
_CHANGE: Final = re.compile(r"换成|换为|换|改成|改为|→")
_ALIKE: Final = 0.75
_SHORTEST: Final = 4  # of what can be a SKU misspelt: A4 is paper


@dataclass(frozen=True, slots=True)
class Named:
    """`lines` are empty where the words name no goods; `reason` is all that is no goods."""

    lines: tuple[DraftLine, ...]
    reason: str


def lines_of(desk: Desk, order_id: int) -> tuple[DraftLine, ...]:
    """All that the order has, without what was refunded."""
    return tuple(DraftLine(row.title, row.quantity, row.sku, row.title, row.spec, kept=not row.sku)
                 for row in desk.session.execute(_LINES, {"id": order_id}))  # fmt: skip


def named_in(desk: Desk, had: Sequence[DraftLine], words: str) -> Named:
    """The goods that `words` name by SKU, of the order's own lines `had` or of the shelf's. Raises Refusal for a number
    of pieces that is none, and for what looks like a SKU and is not known: a slip would send other goods."""
    lines: list[DraftLine] = []
    reason, left, pattern = "", words, _pattern(had)
    while (found := pattern.search(left)) is not None:
        before, code, after = left[: found.start()], found[0], left[found.end() :]
        if (glued := _GLUED.search(code)) is not None and _line(desk, had, code) is None:
            code, after = code[: glued.start()], glued[0] + after
        line = _line(desk, had, code)
        if line is None:
            _refuse_a_slip(desk, had, code, first=not (reason + before).strip(_GAPS), after=after)
            reason, left = reason + before + code, after
            continue
        quantity, reason, after = _quantity(reason + before, after)
        lines.append(replace(line, quantity=quantity))
        reason, left = f"{reason} ", after
    return Named(tuple(lines), _tidy(reason + left))


def exchanged_in(desk: Desk, had: Sequence[DraftLine], words: str) -> Named:
    """As `named_in`; of "A 换成 B" it is B that is sent."""
    change = next(reversed(list(_CHANGE.finditer(words))), None)
    if change is not None and named_in(desk, had, words[: change.start()]).lines:
        then = named_in(desk, had, words[change.end() :]).lines
        if then:
            return Named(then, _tidy(words))
    return named_in(desk, had, words)


def _pattern(had: Sequence[DraftLine]) -> re.Pattern[str]:
    """The order's own SKUs, whatever their letters, where they stand apart; anything else only where it is a code."""
    own = "|".join(re.escape(line.sku) for line in sorted(had, key=lambda line: -len(line.sku)) if line.sku)
    apart = rf"(?:^|(?<=[{_GAPS}]))(?:{own})(?=$|[{_GAPS}×*])|" if own else ""
    return re.compile(f"{apart}{_CODE}", re.IGNORECASE)


def _line(desk: Desk, had: Sequence[DraftLine], code: str) -> DraftLine | None:
    """A line of the order by its SKU, else goods of ours by theirs."""
    own = next((line for line in had if line.sku and line.sku.lower() == code.lower()), None)
    if own is not None or (code.isdigit() and len(code) < len("690123456789")):
        return own  # a bare number may be a SKU, but is far more often a count, a date, a phone's end
    found = drafts_goods.by_sku(desk, code)
    return DraftLine(code, 1, found.sku, found.title, found.spec) if found else None


def _quantity(before: str, after: str) -> tuple[int, str, str]:
    """How many, by the count behind the SKU, else by the one before it; and what is left of both."""
    if (found := _AFTER.match(after)) is not None:
        said, after = found[1], after[found.end() :]
    elif (found := _BEFORE.search(before)) is not None:
        said, before = found[1], before[: found.start()]
    else:
        return 1, before, after
    quantity = count_of(said) if said.isalnum() else 0
    if not 1 <= quantity <= MOST_PIECES:
        raise Refusal(f"{said} 件不对，请核对数量")
    return quantity, before, after


def _refuse_a_slip(desk: Desk, had: Sequence[DraftLine], code: str, *, first: bool, after: str) -> None:
    known = [line.sku for line in had if line.sku] + list(desk.session.execute(_SHELF).scalars())
    spelt = {sku.upper(): sku for sku in known}
    alike = get_close_matches(code.upper(), spelt, 1, _ALIKE) if len(code) >= _SHORTEST else []
    if not alike and not _is_like_a_sku(code, first=first, after=after):
        return
    meant = f"，是 {spelt[alike[0]]} 吗？" if alike else "。"
    raise Refusal(f"没有 SKU「{code[:40]}」{meant}请核对后重发；只是说明原因的话，请不要写这个编码")


def _is_like_a_sku(code: str, *, first: bool, after: str) -> bool:
    """A code with letters (12-20 is a date) and two dashes, or a dash and a digit. Where goods are expected, right
    behind the order, also one with a digit in it or with a count behind it."""
    if not any(letter.isalpha() for letter in code) or tag_in(code) or _WAYBILL.fullmatch(code):
        return False
    dashes, digit = len(re.findall(r"[-_.]", code)), any(letter.isdigit() for letter in code)
    if dashes >= 2 or (dashes and digit):
        return True
    return first and len(code) >= len("A10") and (digit or _AFTER.match(after) is not None)


def _tidy(words: str) -> str:
    return re.sub(r" {2,}", " ", words).strip(_GAPS)[:100].rstrip()
