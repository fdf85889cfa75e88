"""A first look at a table: what it is, which column is what, and what is still to be said before it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.sheet.headings import TITLES, Heading, Kind, find_heading
from ingest.sheet.limits import NoTable
from ingest.sheet.table import Table, read_table
from models import Headings
from models.fields import SKIP, lacking
from texts import order as order_text
from texts.headings import field_of, normal

SHOWN = 5
_REMEMBERED = 500  # tables


@dataclass(frozen=True, slots=True)
class Look:
    """`kind`: in Chinese. `columns`: (heading, field or "") as they stand. `missing`: fields that no column has.
    `sample`: the first rows under the headings, as wide as `columns`. `rows`: how many there are."""

    kind: str
    mark: bytes
    columns: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    rows: int
    whole_address: bool = False


def look_at(session: Session, content: bytes) -> Look:
    """Raises NoTable."""
    table = read_table(content)
    heading = heading_of(session, table)
    if heading is None:
        raise NoTable("表格里没有内容，请检查后重新发")
    below = [row for row in table.rows[heading.at + 1 :] if any(row)]
    if not below:
        raise NoTable("表格只有表头，没有订单")
    whole = has_whole_address(heading, below)
    columns = tuple((name, field) for name, field in zip(heading.names, heading.columns, strict=True) if name)
    shown = tuple(tuple(cell for cell, name in zip(row, heading.names, strict=True) if name) for row in below[:SHOWN])
    return Look(TITLES[heading.kind], heading.mark, columns, missing(heading, whole=whole), shown, len(below), whole)


def missing(heading: Heading, *, whole: bool) -> tuple[str, ...]:
    """Taobao's 宝贝报表 names nobody and needs not: the 订单报表 does."""
    if heading.kind is Kind.TAOBAO_GOODS:
        return ()
    return lacking(heading.fields, whole_address=whole)


def has_whole_address(heading: Heading, rows: list[tuple[str, ...]]) -> bool:
    """Whether the address column holds the person and the phone too, as its first filled cell does."""
    columns = heading.places().get("address", [])
    first = next((row[column] for row in rows for column in columns if row[column]), "")
    return order_text.holds_receiver(first)


def heading_of(session: Session, table: Table) -> Heading | None:
    """With what was said of these headings before; of headings that stand together for the first time with what was
    said of each of them in other tables."""
    heading = find_heading(table)
    if heading is None:
        return None
    said: Mapping[str, str] | None = session.scalar(select(Headings.columns).where(Headings.mark == heading.mark))
    if said:
        return heading.with_said(said)
    return heading if all(map(field_of, filter(None, heading.names))) else heading.with_hints(_hints(session))


def _hints(session: Session) -> dict[str, str]:
    """Heading → what was said of it last."""
    lately = select(Headings.columns).order_by(Headings.said_at.desc(), Headings.mark).limit(_REMEMBERED)
    hints: dict[str, str] = {}
    for said in session.scalars(lately):
        for name, field in said.items():
            hints.setdefault(normal(name), field)
    return {name: field for name, field in hints.items() if name and field != SKIP}
