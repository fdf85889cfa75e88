"""Snapshots as rows for COPY. The dicts give each table's columns and types, in the order of the values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from isal import isal_zlib

from ingest.snapshot import Effect, Kind, OrderSnapshot
from models.stages import Stage
from models.trail import START, content, detail_text
from models.vault import Receiver, Vault, phone_digits

ORDER: Final[dict[str, str]] = {
    "id": "int8", "shop_id": "int4", "platform": "text", "external_id": "text", "tag": "text", "kind": "text",
    "kind_evidence": "text", "original_id": "text", "stage": "text", "stage_entered_at": "timestamptz",
    "effect": "text", "platform_status": "text", "hold": "text", "refund": "text",
    "paid_fen": "int8", "goods_fen": "int8", "post_fen": "int8", "discount_fen": "int8",
    "created_at": "timestamptz", "paid_at": "timestamptz", "modified_at": "timestamptz", "ship_by_at": "timestamptz",
    "not_before_at": "timestamptz", "shipped_at": "timestamptz",
    "buyer_key": "text", "buyer_message": "text", "seller_memo": "text", "seller_flag": "int2",
    "province": "text", "city": "text", "district": "text", "town": "text", "receiver": "bytea",
    "receiver_key": "text", "phone_hash": "bytea", "phone_tail_hash": "bytea", "name_hash": "bytea",
    "waybill": "text", "courier": "text", "after_sale": "text", "promised": "text",
    "urged_at": "timestamptz", "content_hash": "bytea", "recheck_at": "timestamptz",
    "trail_hash": "bytea", "stored_at": "timestamptz",
}  # fmt: skip

LINE: Final[dict[str, str]] = {
    "order_id": "int8", "line_key": "text", "position": "int2", "sku": "text", "platform_sku": "text", "title": "text",
    "spec": "text", "quantity": "int4", "price_fen": "int8", "paid_fen": "int8", "refund": "text", "shipped": "bool",
}  # fmt: skip

RAW: Final[dict[str, str]] = {
    "shop_id": "int4", "external_id": "text", "content_hash": "bytea", "payload": "bytea",
    "received_at": "timestamptz", "problem": "text",
}  # fmt: skip

TRAIL: Final[dict[str, str]] = {
    "subject": "text", "at": "timestamptz", "actor": "text", "source": "text", "action": "text", "detail": "text",
    "previous": "bytea", "hash": "bytea",
}  # fmt: skip

CHANGING: Final = (
    "original_id", "effect", "platform_status", "hold", "refund", "paid_fen", "goods_fen",
    "post_fen", "discount_fen", "modified_at", "buyer_key", "seller_flag", "province", "city", "district", "town",
    "after_sale", "promised", "urged_at", "content_hash", "recheck_at", "trail_hash",
)  # fmt: skip
"""Columns of orders that a newer version simply replaces. The stage is not among them: it is the hub's own."""

_FIRST_STAGE: Final = {
    Effect.UNPAID: Stage.UNPAID,
    Effect.ADMIT: Stage.PENDING_REVIEW,
    Effect.SHIPPED: Stage.DONE,
    Effect.CANCELLED: Stage.CANCELLED,
}


class Before(Protocol):
    """What is known of an order before a change."""

    @property
    def platform_status(self) -> str: ...
    @property
    def hold(self) -> str: ...
    @property
    def refund(self) -> str: ...
    @property
    def seller_memo(self) -> str: ...
    @property
    def buyer_message(self) -> str: ...
    @property
    def receiver_key(self) -> str: ...
    @property
    def paid_fen(self) -> int: ...


_COMPARED: Final = {
    "platform_status": "平台状态",
    "hold": "平台限制",
    "refund": "退款",
    "seller_memo": "备注",
    "buyer_message": "留言",
    "paid_fen": "实付(分)",
}


def differences(snapshot: OrderSnapshot, before: Before) -> dict[str, Any]:
    """What a newer version changes, in Chinese labels: [old, new]; a changed receiver is named, never shown."""
    found: dict[str, Any] = {}
    for name, label in _COMPARED.items():
        old, new = getattr(before, name), getattr(snapshot, name)
        if new is not None and new != old:
            found[label] = [old, new]
    if snapshot.receiver_key and before.receiver_key and snapshot.receiver_key != before.receiver_key:
        found["收件信息"] = "已变更"
    if before.hold and not snapshot.hold and snapshot.effect is Effect.ADMIT:
        found["环节计时"] = "从放行起重新开始"  # as ingest/store.py does
    return found


_NO_CLOCK: Final = frozenset({Kind.VIRTUAL, Kind.PICKUP, Kind.PRICE_DIFFERENCE})
"""Nothing is shipped, so nothing is late."""


def own_ship_by(order: OrderSnapshot, ship_hours: int | None) -> datetime | None:
    """The deadline that a shop sets itself where its platform gives none (domain sheet 2.1): payment plus its hours.

    A presale's clock starts at its day, and one that names no day has none; nor has an order that is not to ship."""
    if ship_hours is None or order.effect is not Effect.ADMIT or order.kind in _NO_CLOCK:
        return None
    paid = order.paid_at or order.created_at  # 货到付款 is not paid before it has left
    if order.kind is Kind.PRESALE and order.not_before_at is None:
        return None
    return max(paid, order.not_before_at or paid) + timedelta(hours=ship_hours)


def _said(text: str | None, unsaid: str | None) -> str | None:
    return unsaid if text is None else text


class RowMaker:
    """Makes the rows of one batch: same shop, same moment."""

    def __init__(  # what a batch has in common, each by its name
        self, vault: Vault, shop_id: int, platform: str, *, now: datetime, marks: Mapping[str, bytes],
        ship_hours: int | None = None,
    ) -> None:  # fmt: skip
        """`marks`: platform number → fingerprint of the record; `ship_hours`: the shop's own limit."""
        self._vault, self._shop_id, self._platform, self._now, self._marks = vault, shop_id, platform, now, marks
        self._ship_hours = ship_hours

    def raw(self, external_id: str, raw: bytes, problem: str) -> Sequence[Any]:
        # zlib's format at a tenth of zlib's time, for a fifth more bytes (bench/README.md, bar 1).
        sealed = self._vault.seal(isal_zlib.compress(raw, 0), b"raw_payloads.payload")
        return (self._shop_id, external_id, self._marks[external_id], sealed, self._now, problem or None)

    def trail(
        self, snapshot: OrderSnapshot, action: str, detail: Mapping[str, Any], previous: bytes = START
    ) -> Sequence[Any]:
        """A row of the order's trail; its last value is the chain's new head."""
        subject, said = f"order:{self._shop_id}:{snapshot.external_id}", detail_text(detail)
        covered = content(subject, self._now, actor="系统", actor_id=None, source="pull", action=action, detail=said)
        return (subject, self._now, "系统", "pull", action, said, previous, self._vault.link(previous, covered))

    def order(
        self, order_id: int, tag: str, order: OrderSnapshot, *, trail_hash: bytes, known_ship_by: datetime | None = None
    ) -> Sequence[Any]:
        """A row of orders. Without a tag it is a newer version of one: what the source cannot tell stays None."""
        unsaid = "" if tag else None
        entered = order.paid_at or order.created_at if order.effect is Effect.ADMIT else order.modified_at
        sealed, phone, tail, name = self._receiver(order.receiver)
        open_now = order.effect is Effect.ADMIT
        return (
            order_id, self._shop_id, self._platform, order.external_id, tag, str(order.kind),
            order.kind_evidence, order.original_id, str(_FIRST_STAGE[order.effect]), entered,
            str(order.effect), order.platform_status, order.hold, order.refund,
            order.paid_fen, order.goods_fen, order.post_fen, order.discount_fen,
            order.created_at, order.paid_at, order.modified_at,
            order.ship_by_at or known_ship_by or own_ship_by(order, self._ship_hours),
            order.not_before_at, order.shipped_at,
            order.buyer_key, _said(order.buyer_message, unsaid), _said(order.seller_memo, unsaid), order.seller_flag,
            order.province, order.city, order.district, order.town, sealed,
            order.receiver_key, phone, tail, name,
            order.waybill, order.courier, order.after_sale, order.promised, order.urged_at,
            self._marks[order.external_id], self._now if open_now else None,
            trail_hash, self._now,
        )  # fmt: skip

    def lines(self, order_id: int, order: OrderSnapshot) -> list[Sequence[Any]]:
        return [
            (order_id, line.line_key, position, line.sku, line.platform_sku, line.title, line.spec, line.quantity,
             line.price_fen, line.paid_fen, line.refund, line.shipped)
            for position, line in enumerate(order.lines)
        ]  # fmt: skip

    def _receiver(self, receiver: Receiver) -> tuple[bytes | None, bytes | None, bytes | None, bytes | None]:
        """Sealed receiver and the hashes of phone, its last four digits, and name; None where unknown."""
        if receiver.is_empty():
            return None, None, None, None
        phone = phone_digits(receiver.phone)
        tail = phone[-4:] if len(phone) >= 4 else receiver.phone_mask[-4:]
        if len(tail) != 4 or not (tail.isascii() and tail.isdigit()):
            tail = ""
        hashed = self._vault.lookup
        return (
            self._vault.seal_receiver(receiver),
            hashed("phone", phone) if phone else None,
            hashed("tail", tail) if tail else None,
            hashed("name", receiver.name) if receiver.name else None,
        )
