"""One folder of one mailbox, read only: nothing is marked, moved or deleted there."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import getaddresses
from imaplib import IMAP4
from typing import Any, Final
from urllib.parse import urlsplit

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import ProtocolError

from config import Shop
from ingest.mail.errors import error_of, refused

TIMEOUTS: Final = SocketTimeout(connect=5, read=20)
_AT_ONCE: Final = 200  # mails whose dates are asked for in one command
_PORTS: Final = {"imap": 143, "imaps": 993}
_HEAD: Final = "BODY.PEEK[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)]"
_HEAD_SAID: Final = b"BODY[HEADER.FIELDS (FROM SUBJECT MESSAGE-ID)]"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is known of a mail before it is fetched. `at`: when it came into the mailbox, by the server's clock."""

    uid: int
    at: datetime
    size: int
    sender: str
    subject: str
    message_id: str


class Mailbox:
    """`validity`: while it stays, a UID means one mail and no other one ever."""

    def __init__(self, client: IMAPClient, validity: int) -> None:
        self._client, self.validity = client, validity

    def between(self, start: datetime, end: datetime) -> Iterator[Envelope]:
        """Mails that came in the closed window. A server searches by whole days of its own zone, so a day more on
        either side is asked for. Raises PlatformError."""
        since, before = (start - timedelta(days=1)).date(), (end + timedelta(days=2)).date()
        with _asking("search"):
            uids = sorted(self._client.search(["SINCE", since, "BEFORE", before]))
        yield from self._envelopes(uids, lambda at: start <= at <= end)

    def above(self, uid: int) -> list[int]:
        """The UIDs behind `uid`, which came into the folder later, whatever their dates. Raises PlatformError."""
        with _asking("search"):
            found = self._client.search(["UID", f"{uid + 1}:*"])
        return sorted(one for one in found if one > uid)  # a range that begins behind the last one means the last one

    def envelopes(self, uids: Sequence[int]) -> Iterator[Envelope]:
        """Raises PlatformError."""
        return self._envelopes(uids, lambda _at: True)

    def _envelopes(self, uids: Sequence[int], wanted: Callable[[datetime], bool]) -> Iterator[Envelope]:
        for first in range(0, len(uids), _AT_ONCE):
            yield from self._some(uids[first : first + _AT_ONCE], wanted)

    def _some(self, uids: Sequence[int], wanted: Callable[[datetime], bool]) -> Iterator[Envelope]:
        with _asking("fetch"):
            dated = self._client.fetch(uids, ["INTERNALDATE"])
        inside = [uid for uid in uids if uid in dated and wanted(dated[uid][b"INTERNALDATE"])]
        if not inside:
            return
        with _asking("fetch"):
            found = self._client.fetch(inside, ["INTERNALDATE", "RFC822.SIZE", _HEAD])
        for uid in inside:
            if uid in found:  # one that was deleted meanwhile is gone
                yield _envelope(uid, found[uid])

    def fetch(self, uid: int) -> EmailMessage | None:
        """The mail as it was sent, None where it is gone. Raises PlatformError."""
        with _asking("fetch"):
            found = self._client.fetch([uid], ["BODY.PEEK[]"])
        raw = found.get(uid, {}).get(b"BODY[]")
        return message_of(raw) if raw is not None else None


def folder_of(shop: Shop) -> str:
    return shop.folder or "INBOX"


def message_of(raw: bytes) -> EmailMessage:
    return BytesParser(policy=default).parsebytes(raw)


def _envelope(uid: int, said: Any) -> Envelope:
    head = message_of(said.get(_HEAD_SAID) or b"")
    addresses = getaddresses([str(head.get("From", ""))])
    sender = addresses[0][1].strip().lower() if len(addresses) == 1 else ""
    return Envelope(
        uid, said[b"INTERNALDATE"], int(said[b"RFC822.SIZE"]), sender, str(head.get("Subject", "")),
        str(head.get("Message-ID", "")).strip(),
    )  # fmt: skip


@contextmanager
def opened(shop: Shop) -> Iterator[Mailbox]:
    """Connected and logged in, the shop's folder selected for reading. Raises PlatformError."""
    with _asking("network"):
        client = _connected(shop)
    try:
        with _asking("login"):
            client.login(shop.app_key, shop.app_secret)
        with _asking("folder"):
            if client.has_capability("ID"):
                client.id_({"name": "order-hub", "version": "1"})  # some servers call a client without one unsafe
            selected = client.select_folder(folder_of(shop), readonly=True)
        yield Mailbox(client, int(selected.get(b"UIDVALIDITY", 0)))
    finally:
        client.shutdown()


def _connected(shop: Shop) -> IMAPClient:
    place = urlsplit(shop.gateway)
    port = place.port or _PORTS[place.scheme]
    client = IMAPClient(place.hostname, port, use_uid=True, ssl=place.scheme == "imaps", timeout=TIMEOUTS)
    client.normalise_times = False  # aware, as the server tells them
    return client


@contextmanager
def _asking(what: str) -> Iterator[None]:
    """Every failure as a PlatformError without the server's words."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise error_of({"code": "certificate"}) from None
    except (IMAP4.abort, ProtocolError, OSError, ValueError) as error:  # it ended, or what came was no IMAP
        raise error_of({"code": "network", "message": type(error).__name__}) from None
    except IMAP4.error as error:
        if isinstance(error.__context__, IMAP4.abort | OSError):  # the library calls a cut at login a failed login
            raise error_of({"code": "network", "message": type(error).__name__}) from None
        raise refused(what, str(error)) from None
