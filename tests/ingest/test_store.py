from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from ingest.snapshot import Effect, Kind, LineSnapshot, OrderSnapshot
from ingest.store import Batch, Item, Stored, store
from models import Order, OrderLine, RawPayload, Receiver, TrailRow, Vault
from models.trail import START, content

NOW = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)


def snapshot(number: int = 1, **changes: Any) -> OrderSnapshot:
    line = LineSnapshot("1", "QH-CUP-RED", "4900000000001", "马克杯", 2, 6900, 13800)
    made = OrderSnapshot(
        external_id=f"20000000000000{number:05d}",
        effect=Effect.ADMIT,
        platform_status="等待卖家发货",
        created_at=NOW - timedelta(hours=1),
        paid_at=NOW - timedelta(minutes=59),
        modified_at=NOW - timedelta(minutes=30),
        lines=(line,),
        paid_fen=13800,
        buyer_message="",
        seller_memo="",
        receiver=Receiver(name_mask="张**", phone_mask="*******1234", cipher={"oaid": "1abc"}),
        province="浙江省",
        city="杭州市",
        district="西湖区",
        receiver_key="1abc",
    )
    return replace(made, **changes)


def item(made: OrderSnapshot, note: str = "") -> Item:
    raw = json.dumps({"id": made.external_id, "modified": made.modified_at.isoformat(), "note": note}).encode()
    return Item(made.external_id, raw, made)


def keep(session: Session, *items: Item, shop_id: int = 1) -> Stored:
    return store(session, Batch(shop_id, "taobao", "TB", items), NOW)


def the_order(session: Session) -> Order:
    return session.scalars(select(Order).execution_options(populate_existing=True)).one()


def covered_of(row: TrailRow) -> bytes:
    """What the hash of a trail row covers."""
    return content(
        row.subject,
        row.at,
        actor=row.actor,
        actor_id=row.actor_id,
        source=row.source,
        action=row.action,
        detail=row.detail,
    )


def test_a_new_order_is_stored_with_lines_tag_raw_and_trail(session: Session, vault: Vault) -> None:
    stored = keep(session, item(snapshot()))

    order = the_order(session)
    assert stored.new == [order.id]
    assert order.tag == "TB-20251222-001"
    assert order.stage == "pending_review"
    assert order.stage_entered_at == NOW - timedelta(minutes=59), "an order that comes late is already old"
    assert order.recheck_at == NOW
    assert vault.open_receiver(order.receiver).cipher == {"oaid": "1abc"}
    assert session.scalars(select(OrderLine.quantity)).all() == [2]
    assert session.scalar(select(func.count(RawPayload.id))) == 1
    row = session.scalars(select(TrailRow)).one()
    covered = covered_of(row)
    assert (row.previous, row.hash) == (START, vault.link(START, covered))
    assert order.trail_hash == row.hash


def test_what_is_private_is_not_readable_in_the_tables(session: Session) -> None:
    receiver = Receiver(name="张三丰", phone="13800001234", address="文三路 1 号")
    keep(session, item(snapshot(receiver=receiver)))

    for table in ("orders", "raw_payloads", "trail"):
        dump = session.execute(text(f"SELECT string_agg(t::text, '') FROM {table} t")).scalar_one()
        assert "张三丰" not in dump
        assert "13800001234" not in dump
        assert "张三丰".encode().hex() not in dump


def test_it_is_found_by_phone_its_last_four_digits_and_name(session: Session, vault: Vault) -> None:
    keep(session, item(snapshot(receiver=Receiver(name="张三丰", phone="+86 138-0000-1234"))))
    order = the_order(session)
    assert order.name_hash == vault.lookup("name", "张三丰")
    assert order.phone_hash == vault.lookup("phone", "13800001234")
    assert order.phone_tail_hash == vault.lookup("tail", "1234")


def test_a_masked_phone_gives_its_visible_tail_only(session: Session, vault: Vault) -> None:
    keep(session, item(snapshot()))
    order = the_order(session)
    assert order.phone_hash is None
    assert order.phone_tail_hash == vault.lookup("tail", "1234")


def test_the_same_again_writes_nothing(session: Session) -> None:
    keep(session, item(snapshot()))
    before = session.execute(text("SELECT xmin::text, * FROM orders")).all()

    stored = keep(session, item(snapshot()))

    assert (stored.new, stored.changed, stored.unchanged) == ([], [], 1)
    assert session.execute(text("SELECT xmin::text, * FROM orders")).all() == before
    assert session.scalar(select(func.count(RawPayload.id))) == 1
    assert session.scalar(select(func.count(TrailRow.id))) == 1


def test_an_older_copy_never_overwrites_a_newer_one(session: Session) -> None:
    keep(session, item(snapshot(seller_memo="新")))
    stored = keep(session, item(snapshot(seller_memo="旧", modified_at=NOW - timedelta(hours=1))))
    assert stored.changed == []
    assert the_order(session).seller_memo == "新"


def test_another_content_at_the_same_second_is_another_version(session: Session) -> None:
    keep(session, item(snapshot(seller_memo="一")))
    stored = keep(session, item(snapshot(seller_memo="二"), note="edited"))
    assert stored.changed == [the_order(session).id]
    assert the_order(session).seller_memo == "二"


def test_a_change_replaces_lines_and_lengthens_the_trail(session: Session, vault: Vault) -> None:
    keep(session, item(snapshot()))
    tag = the_order(session).tag
    lines = (
        LineSnapshot("1", "QH-CUP-RED", "4900000000001", "马克杯", 1, 6900, 6900),
        LineSnapshot("2", "QH-CUP-BLUE", "4900000000002", "马克杯 蓝", 1, 6900, 6900),
    )
    keep(session, item(snapshot(lines=lines, seller_memo="加固", modified_at=NOW)))
    keep(session, item(snapshot(lines=lines[1:], refund="asked", modified_at=NOW + timedelta(minutes=1))))

    order = the_order(session)
    assert (order.tag, order.revision) == (tag, 3)
    assert session.scalars(select(OrderLine.line_key)).all() == ["2"]
    previous = START
    for row in session.scalars(select(TrailRow).order_by(TrailRow.id)):
        covered = covered_of(row)
        assert row.previous == previous
        previous = vault.link(previous, covered)
        assert row.hash == previous
    assert order.trail_hash == previous
    assert json.loads(session.scalars(select(TrailRow.detail).order_by(TrailRow.id.desc())).first() or "") == {
        "退款": ["", "asked"],
        "备注": ["加固", ""],
        "_revision": 3,
    }


def test_what_the_platform_shows_no_longer_is_kept(session: Session, vault: Vault) -> None:
    keep(session, item(snapshot()))
    keep(session, item(snapshot(receiver=Receiver(), receiver_key="", seller_memo=None, modified_at=NOW)))
    order = the_order(session)
    assert vault.open_receiver(order.receiver).name_mask == "张**"
    assert order.receiver_key == "1abc"


def test_what_a_person_said_of_the_kind_stands_until_the_evidence_changes(session: Session) -> None:
    hint = "备注提到“补发”"
    keep(session, item(snapshot(kind=Kind.PERHAPS_RESHIP, kind_evidence=hint)))
    session.execute(update(Order).values(kind="reship", kind_by_person=True))
    found = []
    for minutes, (kind, evidence) in enumerate(
        (
            (Kind.PERHAPS_RESHIP, hint),
            (Kind.NORMAL, ""),
            (Kind.PERHAPS_RESHIP, hint),
            (Kind.PERHAPS_EXCHANGE, "备注提到“换货”"),
            (Kind.PERHAPS_RESHIP, hint),
        )
    ):
        later = NOW + timedelta(minutes=minutes)
        keep(session, item(snapshot(kind=kind, kind_evidence=evidence, modified_at=later)))
        order = the_order(session)
        found.append((order.kind, order.kind_evidence, order.kind_by_person))

    assert found == [
        ("reship", hint, True), ("reship", hint, True), ("reship", hint, True),
        ("perhaps_exchange", "备注提到“换货”", False), ("perhaps_reship", hint, False),
    ]  # fmt: skip


def test_an_unreadable_record_is_kept_once_and_the_others_go_on(session: Session) -> None:
    broken = Item("9", b'{"id":"9"}', None, "缺少创建时间")
    first = keep(session, broken, item(snapshot()))
    again = keep(session, broken)
    assert (first.unreadable, len(first.new), again.unreadable) == (1, 1, 1)
    assert session.scalars(select(RawPayload.problem).where(RawPayload.external_id == "9")).all() == ["缺少创建时间"]


def keep_with_hours(session: Session, made: OrderSnapshot) -> Order:
    store(session, Batch(1, "jd", "JD", [item(made)], ship_hours=48), NOW)
    return the_order(session)


def test_the_shops_own_limit_runs_from_payment_where_the_platform_gives_none(session: Session) -> None:
    unpaid = snapshot(effect=Effect.UNPAID, paid_at=None)
    assert keep_with_hours(session, unpaid).ship_by_at is None
    paid = keep_with_hours(session, snapshot(paid_at=NOW, modified_at=NOW))
    assert paid.ship_by_at == NOW + timedelta(hours=48)


def test_what_the_platform_promised_is_never_replaced_by_our_own_limit(session: Session) -> None:
    promised = NOW + timedelta(hours=5)
    assert keep_with_hours(session, snapshot(ship_by_at=promised)).ship_by_at == promised
    assert keep_with_hours(session, snapshot(modified_at=NOW)).ship_by_at == promised


def test_a_promise_of_the_platform_replaces_our_own_limit(session: Session) -> None:
    keep_with_hours(session, snapshot())
    promised = NOW + timedelta(hours=5)
    assert keep_with_hours(session, snapshot(ship_by_at=promised, modified_at=NOW)).ship_by_at == promised


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({"paid_at": None, "kind": Kind.COD}, 47),
        ({"kind": Kind.PRESALE}, None),
        ({"kind": Kind.PRESALE, "not_before_at": NOW + timedelta(hours=72)}, 120),
        ({"kind": Kind.VIRTUAL}, None),
        ({"effect": Effect.SHIPPED}, None),
    ],
)
def test_our_own_limit_starts_when_the_shop_could_ship(
    session: Session, changes: dict[str, Any], hours: int | None
) -> None:
    wanted = None if hours is None else NOW + timedelta(hours=hours)
    assert keep_with_hours(session, snapshot(**changes)).ship_by_at == wanted


def test_the_stages_clock_starts_when_the_platform_lifts_its_hold(session: Session) -> None:
    keep(session, item(snapshot(hold="平台暂停发货")))
    entered = the_order(session).stage_entered_at
    at = NOW - timedelta(minutes=5)
    keep(session, item(snapshot(hold="平台暂停发货", seller_memo="催", modified_at=NOW - timedelta(minutes=9))))
    assert the_order(session).stage_entered_at == entered
    keep(session, item(snapshot(modified_at=at)))
    assert the_order(session).stage_entered_at == at
    row = session.scalars(select(TrailRow).order_by(TrailRow.id.desc())).first()
    assert row is not None
    detail = json.loads(row.detail)
    assert detail["平台限制"] == ["平台暂停发货", ""]
    assert detail["环节计时"] == "从放行起重新开始"

    keep(session, item(snapshot(modified_at=NOW, seller_memo="再催")))
    assert the_order(session).stage_entered_at == at


def test_a_hold_that_ends_with_the_order_moves_no_clock(session: Session) -> None:
    keep(session, item(snapshot(hold="平台暂停发货")))
    entered = the_order(session).stage_entered_at
    keep(session, item(snapshot(effect=Effect.CANCELLED, modified_at=NOW)))
    assert the_order(session).stage_entered_at == entered


def test_texts_that_the_database_cannot_hold_lose_only_that(session: Session) -> None:
    raw = b'{"id": "20000000000000000001", "memo": "a\\u0000b\\ud800"}'
    keep(
        session,
        Item("20000000000000000001", raw, snapshot(external_id="20000000000000000001", seller_memo="a\0b\ud800")),
    )
    assert the_order(session).seller_memo == "ab?"


def test_of_an_order_twice_on_a_page_the_newer_stands(session: Session) -> None:
    old, new = snapshot(seller_memo="旧"), snapshot(seller_memo="新", modified_at=NOW)
    keep(session, item(new), item(old))
    assert the_order(session).seller_memo == "新"


@pytest.mark.parametrize(
    ("effect", "stage"), [(Effect.UNPAID, "unpaid"), (Effect.SHIPPED, "done"), (Effect.CANCELLED, "cancelled")]
)
def test_it_enters_at_the_stage_that_the_platform_state_means(session: Session, effect: Effect, stage: str) -> None:
    keep(session, item(snapshot(effect=effect)))
    assert (the_order(session).stage, the_order(session).recheck_at) == (stage, None)


def test_tags_go_on_past_999_and_by_beijing_day(session: Session) -> None:
    session.execute(text("INSERT INTO tag_counters VALUES ('TB', '20251222', 999)"))
    late = snapshot(2, created_at=datetime(2025, 12, 22, 16, 30, tzinfo=UTC))
    keep(session, item(snapshot(1)), item(late))
    assert set(session.scalars(select(Order.tag))) == {"TB-20251222-1000", "TB-20251223-001"}


def test_tags_are_gapless_and_unique_under_concurrent_writers_and_roll_backs(sessions: sessionmaker[Session]) -> None:
    def write(writer: int) -> None:
        for turn in range(6):
            with sessions() as session:
                numbers = range(writer * 1000 + turn * 10, writer * 1000 + turn * 10 + 7)
                # Two shops share a prefix; every writer meets the other shop's and its own shop's writers.
                keep(session, *(item(snapshot(number)) for number in numbers), shop_id=1 + writer % 2)
                if turn == 3:
                    session.rollback()
                else:
                    session.commit()

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with sessions() as session:
        tags = sorted(session.scalars(select(Order.tag)))
    assert len(tags) == 8 * 5 * 7
    assert tags == [f"TB-20251222-{number:03d}" for number in range(1, len(tags) + 1)]


def test_two_pulls_of_the_same_order_store_it_once(sessions: sessionmaker[Session]) -> None:
    def write() -> None:
        with sessions() as session:
            keep(session, *(item(snapshot(number)) for number in range(20)))
            session.commit()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with sessions() as session:
        assert session.scalar(select(func.count(Order.id))) == 20
        assert session.scalar(select(func.max(Order.tag))) == "TB-20251222-020"
