"""The list of buyers who are not trusted as it holds in this transaction, read once, and who of an order stands in
it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.wording import day
from models import Vault
from rules.facts import Listed

_KEPT: Final = "blacklist"
_TITLES: Final = {"phone": "收件电话", "buyer": "买家", "receiver": "收件人"}
_READ: Final = text("""
    SELECT m.kind, m.mark, b.id, b.reason, b.added_by, b.added_at
    FROM blacklist b JOIN blacklist_marks m ON m.entry_id = b.id WHERE b.removed_at IS NULL ORDER BY b.id, m.kind
""")

Mark = tuple[str, bytes]
"""A kind (models/blacklist.py) and a keyed hash."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: int
    reason: str
    added_by: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Book:
    entries: Mapping[Mark, Sequence[Entry]] = field(default_factory=dict)

    def of(self, vault: Vault, row: Row[Any]) -> tuple[Listed, ...]:
        """The lines that an order's row (buyer_key, receiver_key, phone_hash) stands in, each once."""
        found: dict[int, Listed] = {}
        for mark in marks_of(vault, row) if self.entries else ():
            for entry in self.entries.get(mark, ()):
                found.setdefault(entry.id, Listed(entry.id, _words(entry, mark[0])))
        return tuple(found[number] for number in sorted(found))


def marks_of(vault: Vault, row: Row[Any]) -> list[Mark]:
    """By what an order's people are known again. A platform's ids are opaque and its own: nobody else uses the same."""
    found: list[Mark] = []
    if row.phone_hash is not None:
        found.append(("phone", bytes(row.phone_hash)))
    if row.buyer_key:
        found.append(("buyer", buyer_mark(vault, row.buyer_key)))
    if row.receiver_key:
        found.append(("receiver", vault.lookup("blacklist-receiver", row.receiver_key)))
    return found


def buyer_mark(vault: Vault, buyer_key: str) -> bytes:
    return vault.lookup("blacklist-buyer", buyer_key)


def book(desk: Desk) -> Book:
    session = desk.session
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        known: Book = kept[1]
        return known
    entries: dict[Mark, list[Entry]] = defaultdict(list)
    for row in session.execute(_READ):
        entries[row.kind, bytes(row.mark)].append(Entry(row.id, row.reason, row.added_by, row.added_at))
    found = Book(entries)
    session.info[_KEPT] = (session.get_transaction(), found)
    return found


def forget(desk: Desk) -> None:
    """The list was changed in this transaction."""
    desk.session.info.pop(_KEPT, None)


def _words(entry: Entry, kind: str) -> str:
    """黑名单第 3 条（收件电话）：恶意退款，陈姐 12-22 加入"""
    return f"黑名单第 {entry.id} 条（{_TITLES[kind]}）：{entry.reason}，{entry.added_by} {day(entry.added_at)} 加入"
