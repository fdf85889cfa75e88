"""A shop whose orders are made in chat. A draft that its maker confirmed is a record like any other marketplace's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, NoReturn

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from config import Shop
from ingest.beijing import beijing_text
from ingest.chat.parse import parse
from ingest.means import Means
from ingest.snapshot import OrderSnapshot
from ingest.source import Memo, Record, Shipment, Windows, WriteBackRefused
from models import Draft
from models import Shop as ShopRow
from models.draft import as_json, draft_of, number_of, opened
from models.session import vault_of

_PAGE: Final = 200


class Chat:
    """Implements ingest.source.Marketplace."""

    platform = "chat"
    api = "drafts"
    # A draft is confirmed before its pull is asked for; what another transaction commits later lies in the overlap.
    windows = Windows(span=timedelta(hours=24), overlap=timedelta(minutes=5), lag=timedelta(0))
    needs: ClassVar[tuple[str, ...]] = ()
    sweep_every: timedelta | None = None
    told = False

    def __init__(self, shop: Shop, means: Means) -> None:
        self._slug, self._sessions = shop.slug, means.sessions
        self._id: int | None = None

    def measure_clock(self) -> float:
        """It is the hub's own."""
        return 0.0

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        return self._pages(or_(Draft.confirmed_at.between(start, end), Draft.withdrawn_at.between(start, end)))

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """What is confirmed is created by that."""
        return self._pages(Draft.confirmed_at.between(start, end))

    def count_created(self, start: datetime, end: datetime) -> int | None:
        confirmed = (Draft.shop_id == self._shop_id(), Draft.confirmed_at.between(start, end))
        with self._sessions() as session:
            return session.scalar(select(func.count(Draft.id)).where(*confirmed))

    def order(self, external_id: str) -> Record | None:
        draft_id = draft_of(external_id)
        if draft_id is None:
            return None
        with self._sessions() as session:
            draft = session.get(Draft, draft_id)
            if draft is None or draft.shop_id != self._shop_id() or draft.confirmed_at is None:
                return None
            return _record(session, draft)

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        return record

    def ship(self, shipment: Shipment) -> NoReturn:
        raise WriteBackRefused("聊天下的单没有平台可以回传")

    def write_memo(self, memo: Memo) -> NoReturn:
        raise WriteBackRefused("聊天下的单没有平台可以写备注")

    def refresh_session(self) -> bool:
        return False

    def authorised_until(self) -> datetime | None:
        return None

    def _pages(self, within: ColumnElement[bool]) -> Iterator[list[Record]]:
        """By the drafts' ids, so that none slips from page to page when another one changes meanwhile."""
        after = 0
        while found := self._page(within, after):
            after = found[-1][0]
            yield [record for _, record in found]

    def _page(self, within: ColumnElement[bool], after: int) -> list[tuple[int, Record]]:
        wanted = select(Draft).where(Draft.shop_id == self._shop_id(), within, Draft.id > after)
        with self._sessions() as session:
            page = session.scalars(wanted.order_by(Draft.id).limit(_PAGE)).all()
            return [(draft.id, _record(session, draft)) for draft in page]

    def _shop_id(self) -> int:
        if self._id is None:
            with self._sessions() as session:
                self._id = session.scalars(select(ShopRow.id).where(ShopRow.slug == self._slug)).one()
        return self._id


def _record(session: Session, draft: Draft) -> Record:
    assert draft.confirmed_at is not None
    number = number_of(draft.id)
    said: dict[str, Any] = {"number": number, "kind": draft.kind, "at": beijing_text(draft.confirmed_at)}
    if draft.withdrawn_at is not None:
        said["withdrawn_at"] = beijing_text(draft.withdrawn_at)
    return Record(number, as_json(opened(vault_of(session), draft.content)) | said)
