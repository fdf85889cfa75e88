"""What a marketplace is owed: that an order left, and lines for its memo; what came of it, and who hears of that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, owe, platform_moves, trail
from handlers.desk import SYSTEM, Actor, Desk, Job
from handlers.matter import Opening
from handlers.shortage import parting
from handlers.shortage.parting import Lines
from handlers.waybill import Shipment
from handlers.wording import FLAGS, customer_time
from models import Role, sources
from models.couriers import courier_name
from models.vault import fingerprint

# A source that is told of nothing is owed nothing; that a parcel left by this number is kept all the same.
_OWE: Final = text("""
    INSERT INTO write_backs (order_id, shop_id, kind, line, body, state, next_try_at, created_at, problem)
    SELECT id, shop_id, 'ship', :line, cast(:body AS jsonb), CASE WHEN untold THEN 'confirmed' ELSE 'owed' END,
        CASE WHEN NOT untold THEN cast(:now AS timestamptz) END, :now, CASE WHEN untold THEN '无需回传' ELSE '' END
    FROM (SELECT id, shop_id, platform = ANY(:untold) AS untold FROM orders WHERE id = :order_id) o
    ON CONFLICT (order_id, kind, line) DO NOTHING RETURNING state
""")
_OWE_MEMO: Final = text("""
    INSERT INTO write_backs (order_id, shop_id, kind, line, body, next_try_at, created_at)
    SELECT id, shop_id, 'memo', :line, cast(:body AS jsonb), :now, :now FROM orders WHERE id = :order_id
    ON CONFLICT (order_id, kind, line) DO NOTHING RETURNING id
""")
# Who says the same again may have seen that it is not there any more: the platform is looked at, and told if need be.
# One that is being told just now is left alone: whoever tells it holds the row and waits for the order next.
_OWE_AGAIN: Final = text("""
    UPDATE write_backs SET state = 'owed', tries = 0, body = cast(:body AS jsonb), next_try_at = :now,
        created_at = :now, problem = ''
    WHERE id IN (SELECT id FROM write_backs WHERE order_id = :order_id AND kind = 'memo' AND line = :line
        FOR UPDATE SKIP LOCKED)
""")
# A flag that is owed still must not undo the later one; one that is just being told comes before it anyway.
_FORGET_FLAGS: Final = text("""
    UPDATE write_backs SET body = body - 'flag' WHERE id IN (
        SELECT id FROM write_backs WHERE order_id = :order_id AND kind = 'memo' AND line <> :line AND state = 'owed'
        FOR UPDATE SKIP LOCKED)
""")
_ROW: Final = text("""
    SELECT w.id, w.order_id, w.kind, w.body, w.created_at, o.tag
    FROM write_backs w JOIN orders o ON o.id = w.order_id WHERE w.id = :id
""")
_LIVE: Final = text("""
    SELECT id, reason FROM cases WHERE kind = :kind AND order_id = :id AND state IN ('open', 'claimed')
""")
_AGAIN: Final = text("""
    UPDATE write_backs SET state = 'owed', next_try_at = :now, problem = ''
    WHERE order_id = :id AND kind = 'ship' AND state <> 'confirmed' RETURNING id
""")
_PUT_OFF: Final = text("""
    UPDATE write_backs SET tries = tries + 1, next_try_at = :at, problem = :problem WHERE id = :id AND state = 'owed'
""")
_TOLD: Final = text("SELECT 1 FROM notifications WHERE dedupe_key = :key")
_COURIERS: Final = text("SELECT s.couriers FROM orders o JOIN shops s ON s.id = o.shop_id WHERE o.id = :id")
_PLATFORM: Final = text("SELECT platform FROM orders WHERE id = :id")
_PAUSE: Final = timedelta(minutes=10)
BROKE: Final = "回传时程序出错，会自动再试；一直不成功请联系管理员"


def couriers_of(desk: Desk, order_id: int) -> list[str] | None:
    """The slugs of the couriers of which the order's marketplace can be told; None where any, or nobody said."""
    found: list[str] | None = desk.session.execute(_COURIERS, {"id": order_id}).scalar_one_or_none()
    return found


def platform_of(desk: Desk, order_id: int) -> str:
    return str(desk.session.execute(_PLATFORM, {"id": order_id}).scalar_one())


def platform_is_told(desk: Desk, order_id: int) -> bool:
    """Whether the order's source hears of shipments and memos at all."""
    return sources.is_told(platform_of(desk, order_id))


def owe_shipment(desk: Desk, order: Row[Any], shipment: Shipment, lines: Lines | None = None) -> None:
    """The marketplace, if it is told of anything, and the customer must hear that `order` left (`lines` of it)."""
    lines = lines or parting.lines_of(desk, order.id)
    body: dict[str, Any] = {"courier": shipment.courier.slug, "waybill": shipment.waybill}
    what, rest = parting.words_of(lines.now), ""
    if lines.later:
        body["lines"] = [line.line_key for line in lines.now]
        what, rest = f"先发 {what}", shipment.waybill
    owe_write_back(desk, order.id, body)
    values = {
        "number": order.external_id, "goods": what, "courier": shipment.courier.title,
        "waybill": shipment.waybill, "time": customer_time(desk.now),
    }  # fmt: skip
    message = platform_moves.shipped_message(order.id, order.shop_id, order.buyer_key, values)
    key = f"order:{order.id}:shipped:{rest}:customer" if rest else message.key  # the whole order is told of once
    owe.owe_customers(desk, [replace(message, key=key)])


def owe_write_back(desk: Desk, order_id: int, body: Mapping[str, Any]) -> bool:
    """The marketplace must hear of a shipment (`body`: courier slug and waybill, and the lines of a part). Whether that
    is owed now: not to a source that is told of nothing, and not twice."""
    line = body["waybill"] if body.get("lines") else ""  # an order has many parts, and each is owed once
    values = {"order_id": order_id, "line": line, "body": json.dumps(body), "now": desk.now,
              "untold": list(sources.UNTOLD)}  # fmt: skip
    owed = desk.session.execute(_OWE, values).scalar_one_or_none() == "owed"
    if owed:
        desk.ask_later(Job.WRITE_BACK)
    return owed


def owe_memo(desk: Desk, order_id: int, line: str, actor: Actor, *, flag: int | None = None) -> None:
    """The marketplace's memo for the seller, if it has one, must bear `line`, and `flag` if one is meant."""
    body = {"line": line, "by": actor.staff_id} | ({} if flag is None else {"flag": flag})
    if not platform_is_told(desk, order_id):
        return
    if flag is not None:
        desk.session.execute(_FORGET_FLAGS, {"order_id": order_id, "line": line})
    values = {"order_id": order_id, "line": line, "now": desk.now, "body": json.dumps(body, ensure_ascii=False)}
    if desk.session.execute(_OWE_MEMO, values).first() is None:
        desk.session.execute(_OWE_AGAIN, values)
    desk.ask_later(Job.WRITE_BACK)


def write_back_confirmed(desk: Desk, write_back_id: int) -> None:
    """The marketplace shows it: noted, and what was wrong with a shipment is over."""
    row = desk.session.execute(_ROW, {"id": write_back_id}).one()
    if row.kind == "memo":
        trail.write_order(desk, row.order_id, actor=SYSTEM, action="平台备注", detail=_memo(row.body))
        return
    detail = {"快递": courier_name(row.body["courier"]), "运单": row.body["waybill"]}
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="回传成功", detail=detail)
    _close(desk, row.order_id, "已回传")


def write_back_failed(desk: Desk, write_back_id: int, words: str) -> None:
    """The marketplace could not be told so far. A shipment: exception 27, with a person and a button to try again. A
    memo: whoever wrote it hears. The row's own state is the caller's: it may go on trying."""
    row = desk.session.execute(_ROW, {"id": write_back_id}).one()
    if row.kind == "memo":
        _tell_writer(desk, row, words)
        return
    reason = f"{_parcel(row.body)}：{words}"
    live = _live(desk, "writeback_fail", row.order_id)
    if any(case.reason == reason for case in live):
        return  # known, and told
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="回传失败", detail={"原因": reason})
    opening.change_many(desk, [(case.id, reason, {}) for case in live])
    opening.open_many(desk, [Opening("writeback_fail", reason, Role.WAREHOUSE, row.order_id)])


def shipped_elsewhere(desk: Desk, write_back_id: int, theirs: str) -> None:
    """The marketplace was told of another parcel, `theirs`, by somebody else: exception 26, with both numbers."""
    row = desk.session.execute(_ROW, {"id": write_back_id}).one()
    reason = platform_moves.both_numbers(theirs, _parcel(row.body))
    detail = {"平台运单": theirs or "没有单号", "这里的运单": _parcel(row.body)}
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="平台已用其他运单发货", detail=detail)
    _close(desk, row.order_id, "平台已用其他运单发货")
    live = _live(desk, "shipped_on_platform", row.order_id)
    opening.change_many(desk, [(case.id, reason, {}) for case in live if case.reason != reason])
    opening.open_many(desk, [Opening("shipped_on_platform", reason, Role.SERVICE, row.order_id)])


def put_off(desk: Desk, write_back_id: int) -> None:
    """It breaks the code: others go on, and it is tried again later."""
    desk.session.execute(_PUT_OFF, {"at": desk.now + _PAUSE, "problem": BROKE, "id": write_back_id})


def try_again(desk: Desk, order_id: int) -> bool:
    """Owe the write-back now; False when it is confirmed, or there is none."""
    found = desk.session.execute(_AGAIN, {"id": order_id, "now": desk.now}).all()
    if found:
        desk.ask_later(Job.WRITE_BACK)
    return bool(found)


def _tell_writer(desk: Desk, row: Row[Any], words: str) -> None:
    """Once for the same reason, until it is said again."""
    mark = fingerprint(words.encode()).hex()
    said = f"{row.tag} 的备注「{row.body['line']}」没有写到平台：{words}"
    told = owe.note(
        f"write_back:{row.id}:{row.created_at.isoformat()}:{mark}", row.body["by"], f"order:{row.order_id}", said
    )
    if desk.session.execute(_TOLD, {"key": told.key}).first() is not None:
        return
    detail = {**_memo(row.body), "原因": words}
    trail.write_order(desk, row.order_id, actor=SYSTEM, action="平台备注失败", detail=detail)
    owe.owe(desk, [told])


def _memo(body: Mapping[str, Any]) -> dict[str, str]:
    flag = body.get("flag")
    return {"备注": str(body["line"])} | ({} if flag is None else {"旗帜": FLAGS[flag]})


def _parcel(body: Mapping[str, str]) -> str:
    return platform_moves.parcel(body.get("courier", ""), body.get("waybill", ""))


def _close(desk: Desk, order_id: int, why: str) -> None:
    opening.close_many(desk, [(case.id, why) for case in _live(desk, "writeback_fail", order_id)])


def _live(desk: Desk, kind: str, order_id: int) -> list[Row[Any]]:
    return list(desk.session.execute(_LIVE, {"kind": kind, "id": order_id}))
