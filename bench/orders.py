"""Made-up orders: as Taobao sends them (the golden shape), as snapshots, and a million at once by SQL."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Engine, text

from bench.harness import NOW, Bench, autocommitted
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot
from ingest.store import Item
from models.vault import Receiver

T = TypeVar("T")

LINES: Final = (1, 2, 2, 3, 3, 2, 4, 3, 1, 4)  # 2.5 on average
PLACES: Final = (
    ("浙江省", "杭州市", "西湖区"), ("江苏省", "苏州市", "吴中区"), ("广东省", "深圳市", "南山区"),
    ("四川省", "成都市", "武侯区"), ("湖北省", "武汉市", "洪山区"), ("新疆维吾尔自治区", "喀什地区", "喀什市"),
)  # fmt: skip
GOODS: Final = ("青禾 陶瓷马克杯 大容量办公室水杯", "青禾 纯棉四件套 全棉床单被套", "青禾 亚麻抱枕 客厅沙发靠垫")
TODAY: Final = NOW - timedelta(hours=10)  # midnight in Beijing
SKUS: Final = 300
FIRST_TID: Final = 4_100_000_000_000_000_000


def chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def created_at(number: int) -> datetime:
    """Orders of the last ninety minutes: none is stale when it comes in."""
    return NOW - timedelta(seconds=number * 7 % 5_400 + 120)


def record(number: int, *, memo: str = "", edited: int = 0) -> dict[str, Any]:
    """A trade as `taobao.trade.fullinfo.get` shows it, about 2 KB. `edited` counts its later versions (seconds)."""
    created = created_at(number)
    seed = hashlib.shake_128(f"{number}".encode()).digest(84)
    province, city, district = PLACES[number % len(PLACES)]
    lines = [_line(number, position) for position in range(LINES[number % len(LINES)])]
    total = sum(6900 * line["num"] for line in lines)
    row = {
        "tid": FIRST_TID + number * 1009, "status": "WAIT_SELLER_SEND_GOODS", "type": "fixed", "trade_from": "WAP,WAP",
        "seller_nick": "青禾家居旗舰店", "buyer_nick": f"t**{number % 10}",
        "buyer_open_uid": "AA" + base64.urlsafe_b64encode(seed[:18]).decode(),
        "created": _text(created), "pay_time": _text(created + timedelta(minutes=1)),
        "modified": _text(created + timedelta(minutes=1, seconds=edited)),
        "seller_flag": 0, "has_buyer_message": False, "payment": _yuan(total), "total_fee": _yuan(total),
        "post_fee": "0.00", "discount_fee": "0.00", "adjust_fee": "0.00", "received_payment": "0.00",
        "num": lines[0]["num"] if len(lines) == 1 else 0, "shipping_type": "free", "no_shipping": False,
        "receiver_name": "张**", "receiver_mobile": f"*******{number % 10_000:04d}", "receiver_country": "",
        "receiver_state": province, "receiver_city": city, "receiver_district": district, "receiver_address": "***",
        "receiver_zip": "000000", "oaid": "1" + base64.urlsafe_b64encode(seed[18:]).decode(),
        "orders": {"order": lines},
    }  # fmt: skip
    if memo:
        row["seller_memo"] = memo
    return row


def varied(number: int) -> dict[str, Any]:
    """A record of a usual day: one in twenty is to be sent later, one in forty is asked back."""
    body = record(number, memo="买家要求过几天再发" if number % 20 == 7 else "")
    if number % 40 == 3:
        body["orders"]["order"][0]["refund_status"] = "WAIT_SELLER_AGREE"
    return body


def stock() -> dict[str, int]:
    """Every SKU is counted; one in a hundred is short."""
    return {f"QH-{number}": 5 if number % 100 == 0 else 10_000_000 for number in range(SKUS)}


def _line(number: int, position: int) -> dict[str, Any]:
    good, sku = (number + position) % len(GOODS), (number + position) % SKUS
    return {
        "oid": FIRST_TID + number * 1009 + 1 + position, "status": "WAIT_SELLER_SEND_GOODS",
        "refund_status": "NO_REFUND", "title": GOODS[good], "num_iid": 600_000_000_000 + good,
        "sku_id": f"{4_900_000_000_000 + sku}", "outer_iid": f"QH-{good:03d}",
        "outer_sku_id": f"QH-{sku}", "sku_properties_name": "颜色分类:雾霾蓝",
        "num": 1 + number % 2, "price": "69.00", "total_fee": _yuan(6900 * (1 + number % 2)),
        "payment": _yuan(6900 * (1 + number % 2)), "discount_fee": "0.00", "adjust_fee": "0.00",
        "divide_order_fee": _yuan(6900 * (1 + number % 2)), "part_mjz_discount": "0.00",
        "estimate_con_time": _text(created_at(number) + timedelta(hours=48)), "is_oversold": False,
    }  # fmt: skip


def _text(at: datetime) -> str:
    return f"{at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def snapshot(body: dict[str, Any], number: int) -> OrderSnapshot:
    """What a parser makes of `record(number)`, without needing one."""
    created = created_at(number)
    total = round(float(body["payment"]) * 100)
    lines = tuple(
        LineSnapshot(str(line["oid"]), line["outer_sku_id"], line["sku_id"], line["title"], line["num"], 6900,
                     6900 * line["num"], spec=line["sku_properties_name"])
        for line in body["orders"]["order"]
    )  # fmt: skip
    return OrderSnapshot(
        external_id=str(body["tid"]), effect=Effect.ADMIT, platform_status=body["status"], created_at=created,
        paid_at=created + timedelta(minutes=1), modified_at=created + timedelta(minutes=1),
        ship_by_at=created + timedelta(hours=48), lines=lines, paid_fen=total, goods_fen=total,
        buyer_key=body["buyer_open_uid"], buyer_message="", seller_memo=body.get("seller_memo", ""),
        province=body["receiver_state"], city=body["receiver_city"], district=body["receiver_district"],
        receiver=Receiver(name_mask=body["receiver_name"], phone_mask=body["receiver_mobile"],
                          address_mask=body["receiver_address"], cipher={"oaid": body["oaid"]}),
        receiver_key=body["oaid"],
    )  # fmt: skip


def items(first: int, many: int) -> list[Item]:
    """Prepared input of `ingest.store.store`: numbers `first` onwards."""
    made = []
    for number in range(first, first + many):
        body = record(number)
        made.append(Item(str(body["tid"]), canonical(body), snapshot(body, number)))
    return made


_ORDERS: Final = """
    INSERT INTO orders (shop_id, platform, external_id, tag, stage, stage_entered_at, effect, platform_status,
        paid_fen, goods_fen, created_at, paid_at, modified_at, ship_by_at, buyer_key, province, city, district,
        receiver, receiver_key, phone_tail_hash, name_hash, content_hash, recheck_at, trail_hash, stored_at)
    SELECT 1 + n % 3, (ARRAY['taobao', 'jd', 'pdd'])[1 + n % 3], (3000000000000000000 + n * 1009)::text,
        (ARRAY['TB', 'JD', 'PDD'])[1 + n % 3] || '-' || to_char(made AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-'
            || CASE WHEN number < 1000 THEN lpad(number::text, 3, '0') ELSE number::text END,
        CASE WHEN open THEN (ARRAY['pending_review', 'pending_pick', 'pending_ship'])[1 + n / 100 % 3] ELSE 'done' END,
        CASE WHEN open THEN CAST(:now AS timestamptz) - interval '3 hours' ELSE made END,
        CASE WHEN open THEN 'admit' ELSE 'shipped' END, 'WAIT_SELLER_SEND_GOODS',
        13800, 13800, made, made + interval '1 minute', made + interval '2 minutes', made + interval '48 hours',
        'AA' || substr(hash, 1, 24), '浙江省', '杭州市', '西湖区',
        decode(hash || hash || hash || hash || hash || hash || hash || hash || hash || hash, 'hex'), '1' || hash,
        decode(md5((n % 10000)::text), 'hex'), decode(md5((n % 50000)::text), 'hex'), decode(hash, 'hex'),
        CASE WHEN open THEN CAST(:now AS timestamptz) - interval '1 minute' END, decode(hash || hash, 'hex'), made
    FROM (SELECT n, n % 100 = 0 AS open, md5(n::text) AS hash, 1 + n % :a_day AS number,
                 CAST(:today AS timestamptz) - interval '365 days' + interval '1 day' * (n / :a_day)
                     + interval '1 day' * (n % :a_day) / :a_day AS made
          FROM generate_series(0, CAST(:many AS bigint) - 1) n) AS raw
"""
"""A year of orders, oldest first; one in a hundred is open and due."""

_LINES: Final = """
    INSERT INTO order_lines (order_id, line_key, position, sku, platform_sku, title, quantity, price_fen, paid_fen,
        shipped)
    SELECT o.id, p::text, p, 'QH-' || (o.id + p) % 300, '4900000000' || (o.id + p) % 300,
        '青禾 陶瓷马克杯 大容量办公室水杯', 1, 6900, 6900, o.stage = 'done'
    FROM orders o, generate_series(0, (ARRAY[0, 1, 1, 2, 2, 1, 3, 2, 0, 3])[1 + o.id % 10]) p
"""


def filled(bench: Bench) -> str:
    """The name of the database with a year of orders (`bench.million`), shared by the subjects that want one."""
    if not bench.has("filled"):
        fill(bench.engine("filled"), bench.million)
    return "filled"


def fill(engine: Engine, many: int, *, lines_of: str = "true") -> None:
    """`many` orders with lines (of those that `lines_of` tells) into empty tables: without indexes, which follow."""
    autocommitted(engine, "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET max_wal_size = '16GB'",
                  "SELECT pg_reload_conf()")  # fmt: skip
    with engine.begin() as connection:
        rebuild = _without_indexes(connection, ("orders", "order_lines"))
        connection.execute(text(_ORDERS), {"now": NOW, "today": TODAY, "many": many, "a_day": -(-many // 365)})
        connection.execute(text(f"{_LINES} WHERE {lines_of}"))
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        for statement in rebuild:
            connection.exec_driver_sql(statement)
    # The checkpoint belongs to the filling, not to what is measured after it.
    autocommitted(engine, "VACUUM (ANALYZE) orders, order_lines, waiting_lines, sku_needs", "ALTER SYSTEM RESET fsync",
                  "ALTER SYSTEM RESET max_wal_size", "SELECT pg_reload_conf()", "CHECKPOINT")  # fmt: skip


def _without_indexes(connection: Any, tables: tuple[str, ...]) -> list[str]:
    """Drops all indexes and keys of `tables`; returns the statements that make them again."""
    keys = connection.execute(
        text("SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
             "WHERE conrelid::regclass::text = ANY(:tables) AND contype IN ('p', 'u')"), {"tables": list(tables)}
    ).all()  # fmt: skip
    for table, name, _ in keys:
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    others = connection.execute(
        text("SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables)"), {"tables": list(tables)}
    ).all()
    for name, _ in others:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    made = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}" for table, name, definition in keys]
    return made + [definition for _, definition in others]
