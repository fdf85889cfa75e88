"""What a shipment owes: the marketplace must be told, the customer hears, and a person when it will not work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, platform_moves, trail
from handlers.desk import SYSTEM, Desk, Job
from handlers.opening import Opening
from handlers.waybill import Shipment
from handlers.wording import customer_time, goods
from models import Role
from models.couriers import courier_name

_OWE: Final = text("""
    INSERT INTO write_backs (order_id, shop_id, kind, body, next_try_at, created_at)
    VALUES (:order_id, :shop_id, 'ship', cast(:body AS jsonb), :now, :now) ON CONFLICT (order_id, kind) DO NOTHING
""")
_LINES: Final = text("SELECT title, spec, quantity FROM order_lines WHERE order_id = :id ORDER BY position")
_ROW: Final = text("SELECT order_id, body FROM write_backs WHERE id = :id")
_LIVE: Final = text("""
    SELECT id, reason FROM cases WHERE kind = 'writeback_fail' AND order_id = :id AND state IN ('open', 'claimed')
""")
_AGAIN: Final = text("""
    UPDATE write_backs SET state = 'owed', next_try_at = :now, problem = ''
    WHERE order_id = :id AND kind = 'ship' AND state <> 'confirmed' RETURNING id
""")
_PUT_OFF: Final = text("""
    UPDATE write_backs SET tries = tries + 1, next_try_at = :at, problem = :problem WHERE id = :id AND state = 'owed'
""")
_PAUSE: Final = timedelta(minutes=10)
BROKE: Final = "回传时程序出错，会自动再试；一直不成功请联系管理员"


def owe_shipment(desk: Desk, order: Row[Any], shipment: Shipment) -> None:
    """The marketplace and the customer must hear that `order` left."""
    body = {"courier": shipment.courier.slug, "waybill": shipment.waybill}
    desk.session.execute(
        _OWE, {"order_id": order.id, "shop_id": order.shop_id, "body": json.dumps(body), "now": desk.now}
    )
    desk.ask_later(Job.WRITE_BACK)
    lines = [(row.title, row.spec, row.quantity) for row in desk.session.execute(_LINES, {"id": order.id})]
    values = {
        "number": order.external_id, "goods": goods(lines), "courier": shipment.courier.title,
        "waybill": shipment.waybill, "time": customer_time(desk.now),
    }  # fmt: skip
    owe.owe_customers(desk, [platform_moves.shipped_message(order.id, order.shop_id, order.buyer_key, values)])


def write_back_confirmed(desk: Desk, write_back_id: int) -> None:
    """The marketplace shows the shipment: noted, and what was wrong with it is over."""
    row = desk.session.execute(_ROW, {"id": write_back_id}).one()
    detail = {"快递": courier_name(row.body["courier"]), "运单": row.body["waybill"]}
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="回传成功", detail=detail)
    opening.close_many(desk, [(case.id, "已回传") for case in _live(desk, row.order_id)])


def write_back_failed(desk: Desk, write_back_id: int, words: str) -> None:
    """The marketplace could not be told so far: exception 27, with a person and a button to try again. The row's own
    state is the caller's: it may go on trying."""
    row = desk.session.execute(_ROW, {"id": write_back_id}).one()
    reason = f"{_parcel(row.body)}：{words}"
    live = _live(desk, row.order_id)
    if any(case.reason == reason for case in live):
        return  # known, and told
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="回传失败", detail={"原因": reason})
    opening.change_many(desk, [(case.id, reason, {}) for case in live])
    opening.open_many(desk, [Opening("writeback_fail", reason, Role.WAREHOUSE, row.order_id)])


def _parcel(body: Mapping[str, str]) -> str:
    return f"{courier_name(body.get('courier', ''))} {body.get('waybill') or '没有运单号'}".strip()


def put_off(desk: Desk, write_back_id: int) -> None:
    """It breaks the code: others go on, and it is tried again later."""
    desk.session.execute(_PUT_OFF, {"at": desk.now + _PAUSE, "problem": BROKE, "id": write_back_id})


def try_again(desk: Desk, order_id: int) -> bool:
    """Owe the write-back now; False when it is confirmed, or there is none."""
    found = desk.session.execute(_AGAIN, {"id": order_id, "now": desk.now}).scalar_one_or_none()
    if found is not None:
        desk.ask_later(Job.WRITE_BACK)
    return found is not None


def _live(desk: Desk, order_id: int) -> list[Row[Any]]:
    return list(desk.session.execute(_LIVE, {"id": order_id}))
