"""The mail server, spoken to by a plain client."""

from __future__ import annotations

import imaplib
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import requests

from sandbox.clock import Clock
from sandbox.company import load_company
from sandbox.mail import Mailbox, mailbox_of
from sandbox.server import running

NOW = datetime(2025, 12, 22, 17, 30, tzinfo=UTC)  # the 23rd in Beijing
RAW = b"From: boss@qinghe.example\r\nSubject: new\r\n orders\r\nX-Other: 1\r\n\r\nwords\r\n"


@pytest.fixture
def box() -> Iterator[tuple[Mailbox, str]]:
    company = load_company(world={"orders_before": 0, "orders_a_minute": 0.0})
    with running(company, clock=Clock(standing_at=NOW)) as (base_url, state):
        yield mailbox_of(state), base_url


def connected(box: Mailbox) -> imaplib.IMAP4:
    place = urlsplit(box.serve())
    assert place.hostname is not None
    return imaplib.IMAP4(place.hostname, place.port or 0, timeout=5)


def logged_in(box: Mailbox) -> imaplib.IMAP4:
    client = connected(box)
    client.login(box.settings.user, box.settings.password)
    client.select(box.settings.folder, readonly=True)
    return client


def test_nothing_is_shown_before_a_login_with_the_right_password(box: tuple[Mailbox, str]) -> None:
    client = connected(box[0])
    client.state = "AUTH"  # a client that forgets to log in
    with pytest.raises(imaplib.IMAP4.error, match="not logged in"):
        client.select("INBOX", readonly=True)
    client.state = "NONAUTH"
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(box[0].settings.user, "wrong")
    client.login(box[0].settings.user, box[0].settings.password)
    assert client.select("elsewhere", readonly=True)[0] == "NO"


def test_days_are_those_of_the_server(box: tuple[Mailbox, str]) -> None:
    box[0].deliver(RAW, NOW)
    client = logged_in(box[0])
    assert client.uid("SEARCH", "SINCE", "23-Dec-2025")[1] == [b"1"]
    assert client.uid("SEARCH", "BEFORE", "23-Dec-2025")[1] == [b""]
    with pytest.raises(imaplib.IMAP4.error, match="unknown search key"):
        client.uid("SEARCH", "FROM", "boss")


def test_a_mail_is_shown_whole_or_by_its_head_and_never_marked(box: tuple[Mailbox, str]) -> None:
    box[0].deliver(RAW, NOW)
    client = logged_in(box[0])
    assert client.uid("FETCH", "1", "(BODY.PEEK[])")[1][0][1] == RAW
    head = client.uid("FETCH", "1", "(INTERNALDATE BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0]
    assert b"23-Dec-2025 01:30:00 +0800" in head[0]
    assert head[1] == b"Subject: new\r\n orders\r\n\r\n"
    with pytest.raises(imaplib.IMAP4.error, match="must not mark"):
        client.uid("FETCH", "1", "(BODY[])")
    with pytest.raises(imaplib.IMAP4.error, match="unknown command"):
        client.uid("STORE", "1", "+FLAGS", "(\\Seen)")


def test_a_mail_is_delivered_by_the_control_page(box: tuple[Mailbox, str]) -> None:
    assert requests.post(f"{box[1]}/control/mail", data=RAW, timeout=5).json() == {"uid": 1}
    assert [letter.raw for letter in box[0].letters] == [RAW]
