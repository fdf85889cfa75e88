"""Orders from one mailbox over IMAP, by the moments at which mails came into it. The mailbox is only looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar, Final, NoReturn

from config import Shop
from ingest.mail import marks
from ingest.mail.mailbox import Envelope, Mailbox, folder_of, opened
from ingest.mail.marks import Place
from ingest.mail.parse import parse, records_of, too_large
from ingest.means import Means
from ingest.sheet.headings import Heading
from ingest.sheet.kept_bodies import kept_bodies
from ingest.sheet.look import heading_of
from ingest.sheet.table import Table
from ingest.snapshot import OrderSnapshot, Unreadable
from ingest.source import MADE_UP, Memo, Record, Shipment, Windows, WriteBackRefused
from ingest.taking import PARSE_FAILURES

MOST_BYTES: Final = 30 * 1024 * 1024


class Mail:
    """Implements ingest.source.Marketplace."""

    platform = "mail"
    api = "imap"
    # A server's clock may be some minutes off, and a rule may move a mail only after it came.
    windows = Windows(span=timedelta(hours=24), overlap=timedelta(minutes=15), lag=timedelta(0))
    needs: ClassVar[tuple[str, ...]] = ("gateway", "app_key", "app_secret", "senders")
    sweep_every: timedelta | None = None
    told = False

    def __init__(self, shop: Shop, means: Means) -> None:
        self._shop, self._sessions, self._now = shop, means.sessions, means.now
        self._senders = frozenset(sender.lower() for sender in shop.senders)

    def measure_clock(self) -> float:
        """IMAP has no question for the time; the overlap allows for some minutes."""
        return 0.0

    def records(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """A page is a mail: what came in the window, and what came into the folder since it was last read and is older:
        somebody has moved it here."""
        with opened(self._shop) as mailbox:
            place = Place(self._shop.slug, folder_of(self._shop), mailbox.validity)
            with self._sessions() as session:
                read_to = marks.read_to(session, place, self.api, self._now())
            new = mailbox.above(read_to or 0)
            strangers: set[int] = set()
            for envelope in mailbox.envelopes(new if read_to is not None else []):
                if not self._is_allowed(envelope.sender):
                    strangers.add(envelope.uid)
                elif envelope.at < start:
                    yield self._read(mailbox, envelope)
            for envelope in mailbox.between(start, end):
                if self._is_allowed(envelope.sender):
                    yield self._read(mailbox, envelope)
                elif read_to is None:
                    strangers.add(envelope.uid)
            with self._sessions() as session:
                next_to = max(new, default=read_to or 0)
                marks.note(session, place, next_to=next_to, next_at=end, strangers=len(strangers))

    def created(self, start: datetime, end: datetime) -> Iterator[list[Record]]:
        """What is mailed is created by that. What cannot be read is no part of it: it is shown where it was pulled."""
        with opened(self._shop) as mailbox:
            for envelope in mailbox.between(start, end):
                if self._is_allowed(envelope.sender):
                    yield [record for record in self._read(mailbox, envelope) if _is_readable(record)]

    def count_created(self, start: datetime, end: datetime) -> int | None:
        return None

    def order(self, external_id: str) -> Record | None:
        """As it was read last."""
        with self._sessions() as session:
            bodies = kept_bodies(session, self._shop.slug, external_id)
        return Record(external_id, bodies[0]) if bodies else None

    def parse(self, record: Record) -> OrderSnapshot:
        return parse(record)

    def detail(self, record: Record) -> Record:
        """The same record: a mail tells all."""
        return record

    def ship(self, shipment: Shipment) -> NoReturn:
        raise WriteBackRefused("邮件没有平台可以回传")

    def write_memo(self, memo: Memo) -> NoReturn:
        raise WriteBackRefused("邮件没有平台可以写备注")

    def refresh_session(self) -> bool:
        return False

    def authorised_until(self) -> datetime | None:
        return None

    def _read(self, mailbox: Mailbox, envelope: Envelope) -> list[Record]:
        if envelope.size > MOST_BYTES:
            return [too_large(envelope)]
        mail = mailbox.fetch(envelope.uid)
        return records_of(mail, envelope, self._known) if mail is not None else []

    def _is_allowed(self, sender: str) -> bool:
        return bool(sender) and (sender in self._senders or f"@{sender.rpartition('@')[2]}" in self._senders)

    def _known(self, table: Table) -> Heading | None:
        with self._sessions() as session:
            return heading_of(session, table)


def _is_readable(record: Record) -> bool:
    try:
        parse(record)
    except (Unreadable, *PARSE_FAILURES):
        return False
    return not record.external_id.startswith(MADE_UP)
