"""A mail becomes records: the rows of its spreadsheets and tables, else the order that its text is. The body is a
hand-made order's (ingest/sheet/parse.py) with the moment at which the mail came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from hashlib import blake2b
from typing import Any, Final

from ingest.beijing import beijing_text
from ingest.canonical import canonical
from ingest.mail import contents
from ingest.mail.mailbox import Envelope
from ingest.sheet.headings import Heading, Kind
from ingest.sheet.html import html_tables
from ingest.sheet.limits import NoTable
from ingest.sheet.look import has_whole_address, missing
from ingest.sheet.parse import parse as parse_order
from ingest.sheet.rows import Entry, entries
from ingest.sheet.table import Table, read_table, table_of
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import MADE_UP, Record
from models.fields import title
from texts import order as order_text

Known = Callable[[Table], Heading | None]
"""The headings of a table, with what people said of them."""
_PERSON: Final = frozenset({"name", "phone", "address"})
_LONGEST: Final = 20_000  # characters that are kept of a text which nobody can read
_QUOTED: Final = (
    "-----原始邮件-----",
    "------------------ 原始邮件",
    "-----Original Message-----",
    "发件人：",
    "发件人:",
)


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    if record.body.get("broken"):
        raise Unreadable(str(record.body["broken"]))
    return parse_order(record)


def records_of(mail: EmailMessage, envelope: Envelope, known: Known) -> list[Record]:
    """Empty for a mail that is no order. What looks like orders and cannot be read is a record with the reason."""
    made = _Made(envelope)
    for attached in contents.tables_attached(mail):
        made.add_attached(attached, known)
    if not made.records:
        made.add_tables(contents.pages(mail), known)
    if not made.records:
        made.add_text(contents.words(mail))
    return made.records


def too_large(envelope: Envelope) -> Record:
    megabytes = envelope.size / 1048576
    return _Made(envelope).broken(f"邮件有 {megabytes:.0f} MB，太大，没有读取：请让对方分开发", "")


class _Made:
    """The records of one mail. Those without a number of their own have the mail's, and their place in it."""

    def __init__(self, envelope: Envelope) -> None:
        said = envelope.message_id or f"{envelope.uid} {envelope.at.isoformat()} {envelope.sender}"
        self._number = "E" + blake2b(said.encode("utf-8", "replace"), digest_size=10).hexdigest()
        self._envelope = envelope
        self.records: list[Record] = []

    def add_attached(self, attached: contents.Attached, known: Known) -> None:
        try:
            table = read_table(attached.content)
        except NoTable as error:
            self.records.append(self.broken(f"附件 {attached.name}：{error}", ""))
            return
        heading = known(table)
        lacks = _lacks(table, heading)
        if heading is not None and heading.fields and not heading.fields & _PERSON:
            return  # a list of prices, of stock …
        if heading is None or lacks:
            said = "、".join(title(field) for field in lacks) or "表头"
            why = f"附件 {attached.name} 的表头认不全，缺「{said}」：请把附件发给机器人，它会问哪一列是什么"
            self.records.append(self.broken(why, ""))
            return
        for entry in entries(table, heading):
            self._add(entry, f"附件 {attached.name} 第 {entry.rows[0]} 行")

    def add_tables(self, pages: Sequence[str], known: Known) -> None:
        """Tables of a page that hold orders; the others are signatures and layout."""
        for page in pages:
            try:
                tables = [table_of(rows) for rows in html_tables(page)]
            except NoTable as error:
                self.records.append(self.broken(f"邮件正文：{error}", ""))
                continue
            for table in tables:
                heading = known(table)
                if heading is not None and not _lacks(table, heading):
                    for entry in entries(table, heading):
                        self._add(entry, f"正文表格第 {entry.rows[0]} 行")

    def add_text(self, words: str) -> None:
        own = _without_quoted(words)
        found = order_text.read(own)
        placed = found.phone and (found.region or found.address)
        filled_in = order_text.begins_with_label(own) and (found.phone or found.address)
        if not (found.goods and placed) and not filled_in and not order_text.is_order(own):
            return  # no order, however much it is about one
        person = {"name": found.name, "phone": found.phone, "address": f"{found.region}{found.address}"}
        order: dict[str, Any] = {"kind": str(Kind.MANUAL), **{key: said for key, said in person.items() if said}}
        if found.paid_fen is not None:
            order["paid"] = f"{found.paid_fen / 100:.2f}"
        if found.remark:
            order["memo"] = found.remark
        order["lines"] = [{"goods": one.words, "quantity": str(one.quantity)} for one in found.goods]
        self._add(Entry(self._number, order, by_content=True), "正文")

    def broken(self, why: str, text: str) -> Record:
        body = {**self._mail(), "broken": why, "text": text[:_LONGEST]}
        return Record(MADE_UP + blake2b(canonical(body), digest_size=12).hexdigest(), body)

    def _add(self, entry: Entry, where: str) -> None:
        number = entry.external_id
        if entry.by_content:
            place = sum(record.external_id.startswith(self._number) for record in self.records)
            number = f"{self._number}-{place + 1}" if place else self._number
        self.records.append(Record(number, {**entry.body, **self._mail(), "where": where}))

    def _mail(self) -> dict[str, Any]:
        envelope = self._envelope
        return {"at": beijing_text(envelope.at), "mail": envelope.message_id, "subject": envelope.subject}


def _lacks(table: Table, heading: Heading | None) -> tuple[str, ...]:
    if heading is None:
        return ()
    whole = has_whole_address(heading, [row for row in table.rows[heading.at + 1 :] if any(row)])
    return missing(heading, whole=whole)


def _without_quoted(words: str) -> str:
    """An answer repeats below itself what it answers; that was read when it came."""
    ends = [at for mark in _QUOTED if (at := words.find(mark)) > 0]
    own = words[: min(ends)] if ends else words
    return "\n".join(line for line in own.splitlines() if not line.lstrip().startswith(">"))
