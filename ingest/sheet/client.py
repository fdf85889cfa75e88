"""An inbox of spreadsheets. What was handed in lies in `received`; a pull's window finds the files that became ready
in it, and their rows are records like any other marketplace's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, NoReturn

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Shop
from ingest.beijing import beijing_text
from ingest.means import Means
from ingest.sheet.headings import Kind
from ingest.sheet.kept_bodies import kept_bodies
from ingest.sheet.limits import NoTable
from ingest.sheet.look import heading_of
from ingest.sheet.parse import parse
from ingest.sheet.rows import Entry, entries
from ingest.sheet.table import read_table
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import MADE_UP, Memo, Record, Shipment, Windows, WriteBackRefused
from ingest.taking import PARSE_FAILURES
from models import Received
from models import Shop as ShopRow
from models.received import State
from models.session import vault_of
from models.vault import CannotOpen

log = structlog.get_logger()
BELONGS: Final = b"received.content"
_PAGE: Final = 500
_ADDED: Final = frozenset({"file", "rows", "at", "other"})  # what `detail` adds to what a table says
_LATER: Final = timedelta(days=31)
_HALVES: Final = {Kind.TAOBAO: Kind.TAOBAO_GOODS, Kind.TAOBAO_GOODS: Kind.TAOBAO}


class Sheet:
    """Implements ingest.source.Marketplace."""

    platform = "sheet"
    api = "received"
    # A file is in `received` before its pull is asked for; what another transaction commits later lies in the overlap.
    windows = Windows(span=timedelta(hours=6), overlap=timedelta(minutes=5), lag=timedelta(0))
    needs: ClassVar[tuple[str, ...]] = ()
    sweep_every: timedelta | None = None
    told = False

    def __init__(self, shop: Shop, means: Means) -> None:
        self._slug, self._sessions = shop.slug, means.sessions
        self._from: dict[str, dict[str, Any]] = {}  # number → where it stands, and the half that was read before
        self._id: int | None = None

    def measure_clock(self) -> float:
        """It is the hub's own."""
        return 0.0

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """A file that cannot be read any more is left out; what became of it is told where it is settled."""
        for file_id in self._ready(start, end):
            found, at = self._read(file_id)
            for first in range(0, len(found), _PAGE):
                yield [self._noted(entry, file_id, at) for entry in found[first : first + _PAGE]]

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """Orders whose own day it is, in whatever file of the month after they stand. What cannot be read is no part of
        it: whoever handed it in was told."""
        for file_id in self._ready(start, end + _LATER):
            found, at = self._read(file_id)
            yield [self._noted(entry, file_id, at) for entry in found if _is_created(entry, at, start, end)]

    def count_created(self, start: datetime, end: datetime) -> int | None:
        return None

    def order(self, external_id: str) -> Record | None:
        """As it was read last."""
        with self._sessions() as session:
            bodies = kept_bodies(session, self._slug, external_id)
        return Record(external_id, _said(bodies[0])) if bodies else None

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """With where it stands and when that was handed in; of Taobao's two reports with what the other one told."""
        added = {name: value for name, value in self._from.get(record.external_id, {}).items() if name in _ADDED}
        half = _HALVES.get(Kind(str(record.body.get("kind", Kind.MANUAL))))
        if half is not None and "other" not in added:
            with self._sessions() as session:
                bodies = kept_bodies(session, self._slug, record.external_id)
            added["other"] = next((other for body in bodies if (other := _half(body, half))), None)
        return Record(record.external_id, {**record.body, **added})

    def ship(self, shipment: Shipment) -> NoReturn:
        raise WriteBackRefused("表格没有平台可以回传")

    def write_memo(self, memo: Memo) -> NoReturn:
        raise WriteBackRefused("表格没有平台可以写备注")

    def refresh_session(self) -> bool:
        return False

    def authorised_until(self) -> datetime | None:
        return None

    def _ready(self, start: datetime, end: datetime) -> list[int]:
        wanted = select(Received.id).where(
            Received.shop_id == self._shop_id(), Received.ready_at.between(start, end),
            Received.state.in_((State.READY, State.DONE)),
        )  # fmt: skip
        with self._sessions() as session:
            return list(session.scalars(wanted.order_by(Received.ready_at, Received.id)))

    def _read(self, file_id: int) -> tuple[list[Entry], datetime]:
        with self._sessions() as session:
            file = session.get_one(Received, file_id)
            assert file.ready_at is not None
            try:
                return entries_of(session, file), file.ready_at
            except (NoTable, CannotOpen) as error:
                log.warning("received_unreadable", file=file_id, error=type(error).__name__)
                return [], file.ready_at

    def _noted(self, entry: Entry, file_id: int, at: datetime) -> Record:
        before = self._from.get(entry.external_id, {})
        half = _HALVES.get(Kind(str(entry.body["kind"])))
        other = _half(before.get("body", {}), half) if half else None
        self._from[entry.external_id] = {
            "file": file_id, "rows": entry.rows, "at": beijing_text(at), **({"other": other} if other else {}),
            **({"body": entry.body} if half else {}),
        }  # fmt: skip
        return Record(entry.external_id, entry.body)

    def _shop_id(self) -> int:
        if self._id is None:
            with self._sessions() as session:
                self._id = session.scalars(select(ShopRow.id).where(ShopRow.slug == self._slug)).one()
        return self._id


def entries_of(session: Session, file: Received) -> list[Entry]:
    """The orders of a file, by what is known of its headings now; none where they are not all known. Raises NoTable,
    CannotOpen."""
    table = read_table(vault_of(session).open(bytes(file.content), BELONGS))
    heading = heading_of(session, table)
    return entries(table, heading) if heading is not None else []


def _is_created(entry: Entry, at: datetime, start: datetime, end: datetime) -> bool:
    try:
        found = parse(Record(entry.external_id, {**entry.body, "at": beijing_text(at)}))
    except (Unreadable, *PARSE_FAILURES):
        return False
    return not entry.external_id.startswith(MADE_UP) and start <= found.created_at <= end


def _half(body: dict[str, Any], kind: Kind) -> dict[str, Any] | None:
    """The part of a kept record that is of this report."""
    for one in (body, body.get("other")):
        if isinstance(one, dict) and one.get("kind") == kind:
            return _said(one)
    return None


def _said(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in _ADDED}
