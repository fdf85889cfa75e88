"""The trail: every change is a row in the same transaction, chained to the one before, so that an edit is found.

An order's chain ends in `orders.trail_hash`, every other subject's in `trail_heads`. Whoever extends an order's chain
holds the order's row lock, because the head must not move between reading and writing it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from handlers import mask
from handlers.desk import Actor, Desk
from handlers.views import TrailEntry, TrailView
from handlers.wording import REFUNDS
from models.session import vault_of
from models.trail import START, content, detail_text


@dataclass(frozen=True, slots=True)
class Row:
    """A trail row ready to be written; `hash` is the new head of its chain."""

    subject: str
    at: datetime
    actor: str
    actor_id: int | None
    source: str
    action: str
    detail: str
    previous: bytes
    hash: bytes


_INSERT: Final = text("""
    INSERT INTO trail (subject, at, actor, actor_id, source, action, detail, previous, hash)
    SELECT * FROM unnest(
        cast(:subject AS text[]), cast(:at AS timestamptz[]), cast(:actor AS text[]), cast(:actor_id AS int[]),
        cast(:source AS text[]), cast(:action AS text[]), cast(:detail AS text[]), cast(:previous AS bytea[]),
        cast(:hash AS bytea[]))
""")

_HEAD: Final = text("""
    INSERT INTO trail_heads (subject, hash) VALUES (:subject, :start)
    ON CONFLICT (subject) DO UPDATE SET hash = trail_heads.hash RETURNING hash
""")  # the update that changes nothing takes the row's lock

_HEADS: Final = text("""
    INSERT INTO trail_heads (subject, hash) SELECT * FROM unnest(cast(:subjects AS text[]), cast(:hashes AS bytea[]))
""")

_ORDER: Final = text("SELECT shop_id, external_id, trail_hash FROM orders WHERE id = :id FOR NO KEY UPDATE")


_CHAIN: Final = text("""
    SELECT at, actor, actor_id, source, action, detail, previous, hash FROM trail WHERE subject = :s ORDER BY id
""")

_NAMED: Final = text("SELECT tag, shop_id, external_id FROM orders WHERE id = :id")


def order_subject(shop_id: int, external_id: str) -> str:
    return f"order:{shop_id}:{external_id}"


def row(
    desk: Desk, subject: str, previous: bytes, *, actor: Actor, action: str, detail: Mapping[str, Any]
) -> Row:  # fmt: skip
    """The next row of a chain whose head is `previous`. Nothing is written yet."""
    said = detail_text(detail)
    covered = content(
        subject, desk.now, actor=actor.name, actor_id=actor.staff_id, source=actor.source, action=action, detail=said
    )
    return Row(
        subject, desk.now, actor.name, actor.staff_id, actor.source, action, said, previous,
        desk.vault.link(previous, covered),
    )  # fmt: skip


def insert(desk: Desk, rows: Sequence[Row]) -> None:
    """Write rows whose chains' heads the caller moves."""
    if rows:
        columns = {name: [getattr(one, name) for one in rows] for name in Row.__dataclass_fields__}
        desk.session.execute(_INSERT, columns)


def write(desk: Desk, subject: str, actor: Actor, *, action: str, detail: Mapping[str, Any]) -> None:
    """A row about something that is not an order: "case:12", "staff:3", "shop:1"."""
    previous = bytes(desk.session.execute(_HEAD, {"subject": subject, "start": START}).scalar_one())
    made = row(desk, subject, previous, actor=actor, action=action, detail=detail)
    insert(desk, [made])
    desk.session.execute(
        text("UPDATE trail_heads SET hash = :hash WHERE subject = :subject"), {"subject": subject, "hash": made.hash}
    )


def begin_many(desk: Desk, actor: Actor, action: str, details: Mapping[str, Mapping[str, Any]]) -> None:
    """The first rows of subjects that are new and no orders: subject → detail."""
    made = [row(desk, subject, START, actor=actor, action=action, detail=said) for subject, said in details.items()]
    insert(desk, made)
    heads = {"subjects": [one.subject for one in made], "hashes": [one.hash for one in made]}
    desk.session.execute(_HEADS, heads)


def write_order(desk: Desk, order_id: int, *, actor: Actor, action: str, detail: Mapping[str, Any]) -> None:
    """A row about an order that is not changed otherwise."""
    shop_id, external_id, head = desk.session.execute(_ORDER, {"id": order_id}).one()
    subject = order_subject(shop_id, external_id)
    made = row(desk, subject, bytes(head), actor=actor, action=action, detail=detail)
    insert(desk, [made])
    desk.session.execute(
        text("UPDATE orders SET trail_hash = :hash WHERE id = :id"), {"id": order_id, "hash": made.hash}
    )


def verify(session: Session, subject: str) -> bool:
    """Whether the chain of `subject` is whole: no row changed, added, or missing, the last one included."""
    vault = vault_of(session)
    head = START
    found = session.execute(_CHAIN, {"s": subject})
    for one in found:
        covered = content(
            subject, one.at, actor=one.actor, actor_id=one.actor_id, source=one.source, action=one.action,
            detail=one.detail,
        )  # fmt: skip
        if bytes(one.previous) != head or bytes(one.hash) != vault.link(head, covered):
            return False
        head = bytes(one.hash)
    return head == _stored_head(session, subject)


def of_order(desk: Desk, order_id: int, limit: int = 20) -> TrailView:
    """An order's last `limit` entries, newest first, and whether its chain is unbroken."""
    order = desk.session.execute(_NAMED, {"id": order_id}).one()
    subject = order_subject(order.shop_id, order.external_id)
    shown, total = entries(desk.session, subject, limit)
    return TrailView(order.tag, tuple(shown), total, whole=verify(desk.session, subject))


def _stored_head(session: Session, subject: str) -> bytes:
    kind, _, rest = subject.partition(":")
    if kind == "order":
        shop_id, _, external_id = rest.partition(":")
        statement = text("SELECT trail_hash FROM orders WHERE shop_id = :shop AND external_id = :number")
        found = session.execute(statement, {"shop": int(shop_id), "number": external_id}).scalar_one_or_none()
    else:
        found = session.execute(
            text("SELECT hash FROM trail_heads WHERE subject = :s"), {"s": subject}
        ).scalar_one_or_none()
    return bytes(found) if found is not None else START


def entries(session: Session, subject: str, limit: int = 20) -> tuple[list[TrailEntry], int]:
    """The last `limit` entries, oldest first, safe to show, and how many there are."""
    found = session.execute(
        text("""
            SELECT at, actor, action, detail, count(*) OVER () AS total
            FROM trail WHERE subject = :s ORDER BY id DESC LIMIT :n
        """),
        {"s": subject, "n": limit},
    ).all()
    shown = [TrailEntry(one.at, one.actor, one.action, _shown(one.detail)) for one in reversed(found)]
    return shown, found[0].total if found else 0


def _shown(detail: str) -> str:
    """A detail as people read it: 备注：旧 → 新；…"""
    parts = []
    for label, value in json.loads(detail).items():
        if label.startswith("_"):
            continue  # for the hub itself
        said = [str(one) for one in (value if isinstance(value, list) else [value])]
        words = [(REFUNDS.get(one, one) if label == "退款" else one) or "无" for one in said]
        parts.append(f"{label}：{' → '.join(words)}")
    return mask.phones("；".join(parts))
