from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ingest.kept import Kept, solve, standing, unread
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot
from ingest.store import Batch, Item, store
from models import RawPayload
from models.vault import fingerprint

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
BROKEN = Item("9", b'{"id":"9"}', None, "缺少创建时间")


def readable(number: str = "1", *, raw: bytes = b'{"id":"1"}', kept: int | None = None) -> Item:
    line = LineSnapshot("1", "QH-CUP-RED", "1", "马克杯", 1, 100, 100)
    return Item(number, raw, OrderSnapshot(number, Effect.ADMIT, "OPEN", NOW, NOW, (line,), 100), kept=kept)


def keep(session: Session, *items: Item) -> None:
    store(session, Batch(1, "taobao", "TB", items), NOW)


def problems(session: Session) -> list[str | None]:
    return list(session.scalars(select(RawPayload.problem).order_by(RawPayload.id)))


def test_records_are_known_without_parsing_them(session: Session) -> None:
    keep(session, readable(), BROKEN)
    marks = {"1": fingerprint(b'{"id":"1"}'), "9": fingerprint(BROKEN.raw), "8": fingerprint(b"{}")}
    found = standing(session, 1, marks)
    assert found.unchanged == {"1"}
    assert {number: (kept.raw, kept.mark, kept.problem) for number, kept in found.unread.items()} == {
        "9": (BROKEN.raw, marks["9"], "缺少创建时间")
    }
    other = standing(session, 1, {"1": fingerprint(b"else"), "9": fingerprint(b"else")})
    assert (other.unchanged, other.unread) == (set(), {})
    assert standing(session, 2, marks).unread == {}


def test_the_unread_of_a_shop_come_in_pages_oldest_first(session: Session) -> None:
    keep(session, *(Item(str(number), b"%d" % number, None, "缺少金额") for number in range(5)))
    seen: list[Kept] = []
    last = 0
    while True:
        found, last = unread(session, 1, after=last, many=2)
        if not last:
            break
        assert len(found) <= 2
        seen += found
    assert [kept.external_id for kept in seen] == ["0", "1", "2", "3", "4"]
    assert unread(session, 2, after=0, many=2) == ([], 0)


def test_a_record_that_does_not_open_is_passed_over(session: Session) -> None:
    keep(session, BROKEN, Item("8", b"8", None, "缺少金额"))
    session.execute(text("UPDATE raw_payloads SET payload = 'x' WHERE external_id = '9'"))
    found, last = unread(session, 1, after=0, many=9)
    assert [kept.external_id for kept in found] == ["8"]
    assert last
    assert standing(session, 1, {"9": fingerprint(BROKEN.raw)}).unread == {}


def test_an_order_that_stands_has_no_unread_versions_any_more(session: Session) -> None:
    keep(session, BROKEN)
    keep(session, readable("9", raw=b'{"id":"9","mended":1}'))
    assert problems(session) == [None, None]


def test_a_later_version_that_is_unread_stays_so_when_an_older_one_is_read(session: Session) -> None:
    keep(session, BROKEN)
    keep(session, Item("9", b'{"id":"9","later":1}', None, "缺少金额"))
    first = session.scalars(select(RawPayload.id).order_by(RawPayload.id)).first()
    keep(session, readable("9", raw=BROKEN.raw, kept=first))
    assert problems(session) == [None, "缺少金额"], "and what was read from a kept row is not kept twice"


def test_nothing_read_solves_nothing(session: Session) -> None:
    keep(session, BROKEN)
    solve(session, 1, [])
    solve(session, 2, [("9", None)])
    assert problems(session) == ["缺少创建时间"]
