"""The plain way in, for comparison: objects of the ORM, one order per transaction, nothing in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.harness import NOW, stopwatch
from ingest.canonical import canonical, read_json
from ingest.rows import RowMaker
from ingest.snapshot import OrderSnapshot
from ingest.source import Record
from ingest.taobao.parse import parse
from models import Case, Order, OrderLine, RawPayload, TagCounter, TrailRow
from models.beijing import BEIJING
from models.session import vault_of
from models.stages import Stage
from models.vault import fingerprint
from rules import RULES
from rules.facts import LineFacts, OrderFacts
from rules.judge import judge
from rules.verdict import Outcome
from wire import Hub


def read(hub: Hub, bodies: Sequence[bytes]) -> float:
    """Seconds for these records: parse, look up, number, store, judge, commit; then the next."""
    with stopwatch() as taken:
        for text in bodies:
            body = read_json(text)
            with hub.sessions() as session:
                _take(session, parse(Record(str(body["tid"]), body)), canonical(body))
                session.commit()
    return taken[0]


def _take(session: Session, made: OrderSnapshot, raw: bytes) -> None:
    known = select(Order).where(Order.shop_id == 1, Order.external_id == made.external_id)
    assert session.scalars(known).one_or_none() is None
    mark = fingerprint(raw)
    maker = RowMaker(vault_of(session), 1, "taobao", now=NOW, marks={made.external_id: mark})
    tag = _tag(session, made)
    *seen, previous, link = maker.trail(made, "收单", {"编号": tag})
    order = _order(maker, made, tag, mark, link)
    session.add(order)
    session.flush()  # the lines need its id
    session.add(RawPayload(
        shop_id=1, external_id=made.external_id, content_hash=mark, payload=maker.raw(made.external_id, raw, "")[3],
        received_at=NOW,
    ))  # fmt: skip
    names = ("subject", "at", "actor", "source", "action", "detail")
    session.add(TrailRow(**dict(zip(names, seen, strict=True)), previous=previous, hash=link))
    session.add_all(_lines(order, made))
    session.add_all(_cases(order, made))


def _tag(session: Session, made: OrderSnapshot) -> str:
    day = f"{made.created_at.astimezone(BEIJING):%Y%m%d}"
    counter = session.get(TagCounter, ("PL", day), with_for_update=True)
    if counter is None:
        counter = TagCounter(prefix="PL", day=day, last=0)
        session.add(counter)
    counter.last += 1
    return f"PL-{day}-{counter.last:03d}"


def _order(maker: RowMaker, made: OrderSnapshot, tag: str, mark: bytes, link: bytes) -> Order:
    sealed, phone, tail, name = maker._receiver(made.receiver)
    return Order(
        shop_id=1, platform="taobao", external_id=made.external_id, tag=tag, kind=made.kind,
        stage=Stage.PENDING_REVIEW, stage_entered_at=made.paid_at, effect=made.effect,
        platform_status=made.platform_status, hold=made.hold, refund=made.refund, paid_fen=made.paid_fen,
        goods_fen=made.goods_fen, created_at=made.created_at, paid_at=made.paid_at, modified_at=made.modified_at,
        ship_by_at=made.ship_by_at, buyer_key=made.buyer_key, buyer_message=made.buyer_message or "",
        seller_memo=made.seller_memo or "", province=made.province, city=made.city, district=made.district,
        receiver=sealed, receiver_key=made.receiver_key, phone_hash=phone, phone_tail_hash=tail, name_hash=name,
        content_hash=mark, recheck_at=NOW + timedelta(hours=2), trail_hash=link, stored_at=NOW,
    )  # fmt: skip


def _lines(order: Order, made: OrderSnapshot) -> list[OrderLine]:
    return [
        OrderLine(
            order_id=order.id, line_key=line.line_key, position=position, sku=line.sku, platform_sku=line.platform_sku,
            title=line.title, spec=line.spec, quantity=line.quantity, price_fen=line.price_fen, paid_fen=line.paid_fen,
            refund=line.refund, shipped=line.shipped,
        )
        for position, line in enumerate(made.lines)
    ]  # fmt: skip


def _cases(order: Order, made: OrderSnapshot) -> list[Case]:
    """A case row for each hit; without the shelf, and nobody is told."""
    facts = OrderFacts(
        order.id, Stage.PENDING_REVIEW, order.stage_entered_at, order.created_at,
        tuple(LineFacts(line.sku, line.title, line.quantity) for line in made.lines), refund=made.refund,
        province=made.province, city=made.city, district=made.district, address_seen=made.receiver.address_mask,
        seller_memo=order.seller_memo,
    )  # fmt: skip
    return [
        Case(kind=kind, order_id=order.id, role=RULES[kind].owner(facts), reason=verdict.reason,
             evidence=dict(verdict.evidence), blocks=RULES[kind].blocks, opened_at=NOW, due_at=NOW)
        for kind, verdict in judge(facts, NOW).items()
        if verdict.outcome is Outcome.HIT
    ]  # fmt: skip
