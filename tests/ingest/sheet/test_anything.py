"""Whatever stands in a table or a mail, an order comes of it, or a reason: nothing else is raised."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.checks import checked
from ingest.mail.mailbox import Envelope, message_of
from ingest.mail.parse import parse as parse_mail
from ingest.mail.parse import records_of
from ingest.sheet.headings import find_heading
from ingest.sheet.limits import NoTable
from ingest.sheet.parse import parse
from ingest.sheet.rows import entries
from ingest.sheet.table import read_table
from ingest.snapshot import Unreadable
from ingest.source import Record
from texts.headings import WORDS

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
FAR = datetime(2200, 1, 1, tzinfo=UTC)
HEADINGS = st.sampled_from([word for words in WORDS.values() for word in words.split()]) | st.text(max_size=6)
CELLS = (
    st.text(max_size=20)
    | st.sampled_from(
        ["", "2.9E+18", "1e400", "46000.5", "１２３", "-", "0", "９9-13-45", "12月32日", "1,380.00元", "-5", "nan"]
    )
    | st.from_regex(r"[+\d\-*/ ,.:年月日]{0,20}", fullmatch=True)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(HEADINGS, min_size=2, max_size=12), st.lists(st.lists(CELLS, max_size=12), max_size=5))
def test_any_table_is_read_or_refused(headings: list[str], rows: list[list[str]]) -> None:
    kept = io.StringIO()
    csv.writer(kept).writerows([headings, *rows])
    try:
        table = read_table(kept.getvalue().encode("utf-8", "replace"))
    except NoTable:
        return
    heading = find_heading(table)
    for entry in entries(table, heading) if heading else ():
        with suppress(Unreadable):
            checked(parse(Record(entry.external_id, {**entry.body, "at": "2025-12-22 10:00:00"})), FAR)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_are_refused(content: bytes) -> None:
    with suppress(NoTable):
        table = read_table(content)
        heading = find_heading(table)
        assert heading is None or entries(table, heading) is not None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"Content-Type: text/html; charset=x-user\r\n\r\n", b"\r\n"]))
def test_any_mail_becomes_records_or_nothing(content: bytes, head: bytes) -> None:
    envelope = Envelope(1, NOW, len(content), "boss@qinghe.example", "", "")
    for record in records_of(message_of(head + content), envelope, find_heading):
        with suppress(Unreadable):
            parse_mail(record)
