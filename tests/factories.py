"""Valid things, short to make: override by keyword what the test is about."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from handlers.incoming import Incoming, Press
from models import Case, Customer, Order, OrderLine, Receiver, Shop, Stock
from models.session import vault_of
from models.trail import START
from models.vault import phone_digits

NOW: Final = datetime(2025, 12, 22, 2, 0, tzinfo=UTC)
"""Monday, 10:00 in Beijing: the moment of the `now` fixture."""

_numbers = itertools.count(1)


def make_shop(session: Session, **changes: Any) -> Shop:
    slug = changes.get("slug", "tb")
    values = {"slug": slug, "platform": "taobao", "prefix": "TB", "name": "青禾淘宝店", "ship_hours": 48}
    shop = Shop(**{**values, **changes})
    session.add(shop)
    session.flush()
    return shop


def make_order(
    session: Session, *, lines: list[OrderLine] | None = None, receiver: Receiver | None = None, **changes: Any
) -> Order:
    """A paid order of ten minutes ago, nothing wrong with it, waiting for review; each goes to a door of its own."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "shop_id": 1, "platform": "taobao", "external_id": f"20000000000000{number:05d}",
        "tag": f"TB-20251222-{number:03d}", "stage": "pending_review", "stage_entered_at": NOW - timedelta(minutes=10),
        "effect": "admit", "platform_status": "等待卖家发货", "paid_fen": 13800,
        "created_at": NOW - timedelta(minutes=12), "paid_at": NOW - timedelta(minutes=10),
        "modified_at": NOW - timedelta(minutes=10), "ship_by_at": NOW + timedelta(hours=48), "buyer_key": "buyer-1",
        "province": "浙江省", "city": "杭州市", "district": "西湖区", "town": "三墩镇", "content_hash": b"\0" * 16,
        "recheck_at": NOW, "trail_hash": START, "stored_at": NOW,
    }  # fmt: skip
    order = Order(
        **{**values, **_sealed(session, receiver or someone(address=f"紫金花路 88 号 {number} 幢 1201")), **changes}
    )
    session.add(order)
    session.flush()
    for position, line in enumerate(lines if lines is not None else [make_line()]):
        line.order_id, line.position, line.line_key = order.id, position, str(position)
        session.add(line)
    session.flush()
    return order


def someone(**changes: Any) -> Receiver:
    return Receiver(**{"name": "王小明", "phone": "13800001234", "address": "紫金花路 88 号 3 幢 1201", **changes})


def masked() -> Receiver:
    """A receiver of whom the platform shows masks only."""
    return Receiver(name_mask="王**", phone_mask="*******1234", address_mask="***", cipher={"oaid": "1abc"})


def _sealed(session: Session, receiver: Receiver) -> dict[str, Any]:
    vault = vault_of(session)
    phone = phone_digits(receiver.phone) or ""
    tail = phone[-4:] or receiver.phone_mask[-4:]
    return {
        "receiver": vault.seal_receiver(receiver),
        "phone_hash": vault.lookup("phone", phone) if phone else None,
        "phone_tail_hash": vault.lookup("tail", tail) if tail.isdigit() else None,
        "name_hash": vault.lookup("name", receiver.name) if receiver.name else None,
    }


def make_line(sku: str = "QH-CUP-RED", **changes: Any) -> OrderLine:
    values = {
        "sku": sku, "platform_sku": "4900000000001", "title": "马克杯", "spec": "红色", "quantity": 1,
        "price_fen": 6900, "paid_fen": 13800, "shipped": False, "refund": "",
    }  # fmt: skip
    return OrderLine(**{**values, **changes})


def make_stock(session: Session, sku: str, on_hand: int) -> None:
    session.add(Stock(sku=sku, on_hand=on_hand, updated_at=NOW))
    session.flush()


def make_customer(session: Session, **changes: Any) -> Customer:
    values = {"shop_id": 1, "buyer_key": "buyer-1", "openid": "oCustomer1", "state": "following", "bound_at": NOW}
    customer = Customer(**{**values, **changes})
    session.add(customer)
    session.flush()
    return customer


def make_case(session: Session, order: Order | None = None, **changes: Any) -> Case:
    values: dict[str, Any] = {
        "kind": "address_vague", "order_id": order.id if order else None, "role": "service", "reason": "缺区县",
        "evidence": {"mark": "缺区县"}, "blocks": True, "opened_at": NOW, "steps": [], "step": 1,
    }  # fmt: skip
    case = Case(**{**values, **changes})
    session.add(case)
    session.flush()
    return case


def typed(text: str, *, sender: str = "xiaoli", is_group: bool = True, **changes: Any) -> Incoming:
    """A line typed in the home group, or 1:1."""
    values: dict[str, Any] = {
        "channel": "wecom_bot", "message_id": f"m{next(_numbers)}", "sender": sender,
        "chat": "wrDEMO01" if is_group else sender, "is_group": is_group, "at": NOW, "text": text,
    }  # fmt: skip
    return Incoming(**{**values, **changes})


def pressed(action: str, subject: str, *, revision: int = 1, value: str = "", **selected: str) -> Incoming:
    """A press in the home group; keywords are choices made in drop-downs."""
    press = Press(action, subject, revision, value, {key: (chosen,) for key, chosen in selected.items()})
    return typed("", press=press)
