"""The worker's part of files that people hand in: fetch one from the chat, look at it, and tell what became of it.

A part of the worker's door: each step wires, calls one room, and commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import structlog
from sqlalchemy import select

import handlers.received.bad_rows
import handlers.received.doubled
import handlers.received.look
import handlers.received.pictures
import handlers.received.received
import handlers.received.report
import handlers.received.stock
from bot.files import NoFile, fetch
from handlers.desk import Desk
from ingest.canonical import canonical
from ingest.sheet.client import entries_of
from ingest.sheet.limits import NoTable
from ingest.sheet.look import heading_of, look_at
from ingest.sheet.rows import Entry
from ingest.sheet.table import read_table
from ingest.source import MADE_UP
from models import Received, Shop
from models.received import State
from models.vault import CannotOpen, fingerprint
from wire import Hub

log = structlog.get_logger()
_LOST = "文件打不开了（存放时的密钥不在配置里），请重新发一次"


def read(here: Hub, file_id: int) -> str:
    """Bring a file as far as it goes without people; the state it then has."""
    _fetch(here, file_id)
    with here.open_desk() as desk:
        file = handlers.received.received.locked(desk, file_id, State.UNREAD)
        if file is not None:
            look(desk, file)
    with here.sessions() as session:
        return session.scalar(select(Received.state).where(Received.id == file_id)) or "gone"


def _fetch(here: Hub, file_id: int) -> None:
    """Nothing is locked while the file comes; it is noted only if nobody was faster."""
    with here.open_desk() as desk:
        file = handlers.received.received.locked(desk, file_id, State.FETCHING)
        if file is None:
            return
        attached = handlers.received.received.address_of(desk, file)
        is_picture = file.kind == handlers.received.received.PICTURE
    most = handlers.received.pictures.MOST_BYTES if is_picture else handlers.received.received.MOST_BYTES
    why, again, name, content = "", False, "", b""
    try:
        name, content = fetch(attached, most, here.settings, here.redis)
    except NoFile as error:
        why, again = str(error), error.again
        log.warning("file_not_fetched", file=file_id, why=why)
    with here.open_desk() as desk:
        file = handlers.received.received.locked(desk, file_id, State.FETCHING)
        if file is None or again:  # the clock's sweep asks again while the address holds
            return
        if why:
            handlers.received.received.refuse(desk, file, why)
        elif is_picture:
            handlers.received.pictures.kept(desk, file, content)
        else:
            handlers.received.received.fetched(desk, file, name, content)


def look(desk: Desk, file: Received) -> None:
    """A first look at a file that is here, and what it leads to."""
    try:
        content = handlers.received.received.content_of(desk, file)
        if handlers.received.stock.take_in(desk, file, read_table(content).rows):
            return
        found = look_at(desk.session, content)
    except NoTable as error:
        handlers.received.received.refuse(desk, file, str(error))
    except CannotOpen:
        handlers.received.received.refuse(desk, file, _LOST)
    else:
        handlers.received.look.looked(desk, file, found)


def ask_again(here: Hub) -> None:
    """For files that should have been read by now; and whether what was handed in has come by an interface too."""
    with here.open_desk() as desk:
        handlers.received.received.overdue(desk)
    with here.open_desk() as desk:
        handlers.received.doubled.sweep(desk)


def settle(here: Hub, slug: str) -> int:
    """Tell what became of the shop's files that were just read; how many are done."""
    ready = select(Received.id).join(Shop, Shop.id == Received.shop_id)
    ready = ready.where(Shop.slug == slug, Received.state == State.READY)
    with here.sessions() as session:
        waiting = list(session.scalars(ready.order_by(Received.ready_at, Received.id)))
    return sum(_settle(here, file_id) for file_id in waiting)


def _settle(here: Hub, file_id: int) -> bool:
    with here.open_desk() as desk:
        file = handlers.received.received.locked(desk, file_id, State.READY)
        if file is None:
            return False
        try:
            found = entries_of(desk.session, file)
        except NoTable as error:
            handlers.received.received.refuse(desk, file, str(error))
        except CannotOpen:
            handlers.received.received.refuse(desk, file, _LOST)
        else:
            orders = [_Standing(entry) for entry in found]
            return handlers.received.report.settle(desk, file, orders, lambda: _cells(desk, file))
    return False


def _cells(desk: Desk, file: Received) -> handlers.received.bad_rows.Sheet:
    """What stands in the file, read once more: only a report that sends rows back wants it."""
    table = read_table(handlers.received.received.content_of(desk, file))
    heading = heading_of(desk.session, table)
    rows = {table.first + at: row for at, row in enumerate(table.rows)}
    return handlers.received.bad_rows.Sheet(heading.names if heading else (), rows)


@dataclass
class _Standing:
    """An order of a file as the report asks for it."""

    entry: Entry

    @property
    def external_id(self) -> str:
        return self.entry.external_id

    @cached_property
    def mark(self) -> bytes:
        return fingerprint(canonical(self.entry.body))

    @property
    def unreadable_id(self) -> str:
        return f"{MADE_UP}{self.mark.hex()}"

    @property
    def rows(self) -> list[int]:
        return self.entry.rows

    @property
    def by_content(self) -> bool:
        return self.entry.by_content
