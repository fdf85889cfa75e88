"""The rows of a table, joined to orders: one body of texts each, in which nothing is interpreted yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from ingest.canonical import canonical
from ingest.sheet.cells import all_cut, looks_cut, narrow, order_number
from ingest.sheet.headings import Heading, Kind
from ingest.sheet.table import Table
from ingest.snapshot import Unreadable
from ingest.source import MADE_UP
from texts.headings import normal

LINE_FIELDS: Final = (
    "goods", "spec", "sku", "platform_sku", "line_number", "quantity", "price", "line_paid", "refund",
)  # fmt: skip
_TOTALS: Final = frozenset({"合计", "总计", "小计", "合 计", "共计", "汇总"})
_PERSON: Final = ("name", "phone", "address")
_SAME_ORDER: Final = ("number", "name", "phone", "address", "created", "paid_at")
_RUNNING: Final = 8  # characters: a shorter number of a hand-made table begins anew with each table
_LABELS: Final = {"name": "收件人", "phone": "电话", "address": "地址"}

Values = dict[str, str]


@dataclass(slots=True)
class Entry:
    """One order. `rows`: as people see them numbered. `by_content`: it has no number, so the same rows are known again
    by what they say."""

    external_id: str
    body: dict[str, Any]
    rows: list[int] = field(default_factory=list)
    by_content: bool = False


def entries(table: Table, heading: Heading) -> list[Entry]:
    """Every order of the table in the order of first rows."""
    groups: dict[str, tuple[list[int], list[Values]]] = {}
    last = ""
    for row, values in _filled(table, heading):
        key = _key(values, row, last)
        rows, found = groups.setdefault(key, ([], []))
        rows.append(row)
        found.append(values)
        last = key
    cut = all_cut([key for key in groups if not key.startswith(MADE_UP)])
    seen: dict[str, int] = {}
    return [_entry(heading.kind, rows, found, seen, cut=cut) for rows, found in groups.values()]


def _filled(table: Table, heading: Heading) -> Iterator[tuple[int, Values]]:
    places = heading.places()
    names = tuple(map(normal, heading.names))
    for at, row in enumerate(table.rows[heading.at + 1 :], heading.at + 1):
        values = {name: said for name, columns in places.items() if (said := _first(row, columns))}
        if values and not _is_total(row, values) and tuple(map(normal, row)) != names:
            yield table.first + at, values


def _first(row: Sequence[str], columns: Sequence[int]) -> str:
    return next((row[column] for column in columns if row[column]), "")


def _is_total(row: Sequence[str], values: Mapping[str, str]) -> bool:
    first = next((cell for cell in row if cell), "").rstrip(":：")
    return first in _TOTALS and not ("phone" in values or "address" in values)


def _key(values: Values, row: int, last: str) -> str:
    """By its number, else a row of its own; a row with goods alone goes on with the order above (merged cells)."""
    if number := values.get("number"):
        try:
            return order_number(number)
        except Unreadable:
            return f"{MADE_UP}{row}"
    alone = not any(name in values for name in _PERSON)
    return last if alone and last and ("goods" in values or "sku" in values) else f"{MADE_UP}{row}"


def _entry(kind: Kind, rows: list[int], found: list[Values], seen: dict[str, int], *, cut: bool) -> Entry:
    order: dict[str, Any] = {"kind": str(kind)}
    for values in found:
        order |= {name: said for name, said in values.items() if name not in LINE_FIELDS and name not in order}
    order["lines"] = [{name: said for name, said in values.items() if name in LINE_FIELDS} for values in found]
    if kind is Kind.MANUAL and (torn := _torn(found)):
        order["torn"] = torn
    return identified(order, rows, seen, cut=cut)


def identified(
    order: dict[str, Any], rows: Sequence[int] = (), seen: dict[str, int] | None = None, *, cut: bool = False
) -> Entry:  # fmt: skip
    """An entry under its number; without a usable one under a number made of what it says. `seen` counts equal ones of
    one file, which are different orders."""
    try:
        number = order_number(order.get("number", ""))
    except Unreadable:
        return Entry(_made_up(order), order, list(rows))
    if cut and looks_cut(number):
        order["cut"] = "1"
    if number and not (order["kind"] == Kind.MANUAL and len(number) < _RUNNING):
        return Entry(number, {**order, "number": number}, list(rows))
    said = _content_number(order)
    seen = {} if seen is None else seen
    seen[said] = seen.get(said, 0) + 1
    own = said if seen[said] == 1 else f"{said}-{seen[said]}"
    return Entry(own, order, list(rows), by_content=True)


def _content_number(order: Mapping[str, Any]) -> str:
    """Of who gets what, as it was ordered: a memo or a state that changes leaves it as it is."""
    who = {name: "".join(narrow(order.get(name, "")).split()) for name in _SAME_ORDER}
    what = [[line.get(name, "") for name in ("goods", "spec", "sku", "quantity")] for line in order["lines"]]
    return "M" + blake2b(canonical([who, what]), digest_size=10).hexdigest()


def _made_up(order: Mapping[str, Any]) -> str:
    return MADE_UP + blake2b(canonical(order), digest_size=12).hexdigest()


def _torn(found: Sequence[Values]) -> str:
    """What differs among the rows of one number though it must not, in Chinese: then the number is no order's."""
    for name in _PERSON:
        said = {"".join(narrow(values[name]).split()) for values in found if name in values}
        if len(said) > 1:
            return _LABELS[name]
    return ""
