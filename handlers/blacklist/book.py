"""The list of buyers who are not trusted as it holds in this transaction, read once, and who of an order stands in
it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.wording import day
from models import Vault
from rules.facts import Listed

_KEPT: Final = "blacklist"
_TITLES: Final = {"phone": "收件电话", "buyer": "买家", "receiver": "收件人"}
_FROM_ANYWHERE: Final = ("sheet", "mail")
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


@dataclass(frozen=True)
class Book:
    entries: Mapping[Mark, Sequence[Entry]] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """By what the list knows anybody."""
        return frozenset(kind for kind, _ in self.entries)

    def is_blind(self, row: Row[Any]) -> bool:
        """Whether somebody of the list could stand behind an order and nobody would see it: platforms hide phones."""
        known = {"phone": row.phone_hash is not None, "buyer": is_key(row.buyer_key), "receiver": row.receiver_key}
        return bool(self.kinds) and (("phone" in self.kinds and not known["phone"]) or not any(known.values()))

    def of(self, vault: Vault, row: Row[Any]) -> tuple[Listed, ...]:
        """The lines that an order's row (platform, shop_id, buyer_key, receiver_key, phone_hash) stands in, each
        once."""
        found: dict[int, Listed] = {}
        for mark in known_by(vault, row) if self.entries else ():
            for entry in self.entries.get(mark, ()):
                found.setdefault(entry.id, Listed(entry.id, _words(entry, mark[0])))
        return tuple(found[number] for number in sorted(found))


def marks_of(vault: Vault, row: Row[Any]) -> list[Mark]:
    """What is kept of an order's people. A buyer's id is known where it was given: another platform, and another
    table, may call somebody else so."""
    found: list[Mark] = []
    where = scope(row.platform, row.shop_id)
    if row.phone_hash is not None:
        found.append(("phone", bytes(row.phone_hash)))
    if is_key(row.buyer_key):
        found.append(("buyer", buyer_mark(vault, row.buyer_key, where)))
    if row.receiver_key:
        found.append(("receiver", _receiver_mark(vault, row.receiver_key, where)))
    return found


def known_by(vault: Vault, row: Row[Any]) -> list[Mark]:
    """All by which an order's people may stand in the list: also ids that somebody typed without saying whose."""
    found = marks_of(vault, row)
    if is_key(row.buyer_key):
        found.append(("buyer", buyer_mark(vault, row.buyer_key)))
    if row.receiver_key:
        found.append(("receiver", _receiver_mark(vault, row.receiver_key)))
    return found


def is_key(buyer: str) -> bool:
    """t**9 may be anybody's."""
    return bool(buyer) and "*" not in buyer


def scope(platform: str, shop_id: int) -> str:
    """Where an id means the same person: a platform; of tables and mail, which may come from anywhere, the shop."""
    return f"{platform}:{shop_id}:" if platform in _FROM_ANYWHERE else f"{platform}:"


def buyer_mark(vault: Vault, buyer_key: str, where: str = "") -> bytes:
    return vault.lookup("blacklist-buyer", f"{where}{buyer_key}")


def _receiver_mark(vault: Vault, receiver_key: str, where: str = "") -> bytes:
    return vault.lookup("blacklist-receiver", f"{where}{receiver_key}")


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
