"""What can become of orders that are short: 等货, 换同款, 拆单先发, 退款; each with the sentence for its buyer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe
from handlers.desk import Desk
from handlers.wording import customer_time, day, moment
from models.people import customer_key
from models.sources import DELAY_REPORT, why_whole

WAIT: Final = "wait"
SWAP: Final = "swap"
SPLIT: Final = "split"
REFUND: Final = "refund"

TITLES: Final = {WAIT: "等货", SWAP: "换同款", SPLIT: "拆单先发", REFUND: "退款"}

_ORDERS: Final = text("""
    SELECT o.id, o.shop_id, o.external_id, o.buyer_key, o.tag, o.platform,
        greatest(o.ship_by_at, o.not_before_at) AS ship_by_at, c.id AS case_id,
        c.evidence -> 'choice' AS choice, c.evidence ->> 'later' = 'true' AS later, c.evidence -> 'skus' AS skus,
        (SELECT string_agg(btrim(l.title || ' ' || l.spec), '、' ORDER BY l.position) FROM order_lines l
            WHERE l.order_id = o.id AND c.evidence -> 'skus' ? l.sku) AS lacking,
        (SELECT string_agg(btrim(l.title || ' ' || l.spec), '、' ORDER BY l.position) FROM order_lines l
            WHERE l.order_id = o.id AND NOT c.evidence -> 'skus' ? l.sku AND NOT l.shipped
                AND l.refund <> 'refunded' AND l.parting = '') AS here,
        (SELECT max(s.incoming_at) FROM stock s WHERE c.evidence -> 'skus' ? s.sku) AS arrives_at
    FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.order_id = ANY(:ids) AND c.kind = 'short_stock' AND c.state IN ('open', 'claimed')
""")
_KEEP: Final = text("""
    UPDATE cases c SET revision = c.revision + 1,
        evidence = CASE WHEN x.choice IS NULL THEN c.evidence - 'choice'
            ELSE c.evidence || jsonb_build_object('choice', x.choice) END
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, choice jsonb)
    WHERE c.id = x.id AND c.state IN ('open', 'claimed') RETURNING c.id, c.revision
""")
_CHOSEN: Final = text("""
    SELECT DISTINCT ON (order_id) order_id, id, evidence -> 'choice' AS choice FROM cases
    WHERE order_id = ANY(:ids) AND kind IN ('short_stock', 'refund_wait') AND state IN ('open', 'claimed')
    ORDER BY order_id, kind = 'short_stock', id
""")
# From the shelf, which is short beside all lines that were ever ordered; each SKU is called as its newest order has it.
_SAME_GOODS: Final = text("""
    SELECT s.sku, btrim(l.title || ' ' || l.spec) AS title,
        s.on_hand - s.locked - coalesce((SELECT sum(pieces) FROM sku_needs w WHERE w.sku = s.sku), 0) AS free
    FROM stock s
        CROSS JOIN LATERAL (SELECT title, spec FROM order_lines WHERE sku = s.sku ORDER BY order_id DESC LIMIT 1) l
    WHERE s.sku <> :sku AND s.on_hand > s.locked
        AND l.title = (SELECT title FROM order_lines WHERE sku = :sku ORDER BY order_id DESC LIMIT 1)
    ORDER BY free DESC, s.sku LIMIT 20
""")

_NAMED: Final = text("""
    SELECT n.title, n.spec, n.price_fen,
        coalesce((SELECT s.on_hand - s.locked FROM stock s WHERE s.sku = :sku), 0)
            - coalesce((SELECT sum(pieces) FROM sku_needs w WHERE w.sku = :sku), 0) AS free
    FROM (SELECT) one LEFT JOIN LATERAL (
        SELECT title, spec, price_fen FROM order_lines WHERE sku = :sku
        ORDER BY order_id DESC LIMIT 1) n ON true
""")


@dataclass(frozen=True, slots=True)
class Other:
    """Goods of the same listing: `free` pieces of it are there for nobody yet."""

    sku: str
    title: str
    free: int


def orders(desk: Desk, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Of these the ones that are short now: what they lack, what else of them is here, when goods come."""
    return {row.id: row for row in desk.session.execute(_ORDERS, {"ids": list(ids)})}


def keep(desk: Desk, made: Mapping[int, Mapping[str, Any] | None]) -> dict[int, int]:
    """Case id → what was decided, None for nothing. Returns the cases' new revisions."""
    rows = json.dumps([{"id": case_id, "choice": one} for case_id, one in made.items()], ensure_ascii=False)
    return {row.id: row.revision for row in desk.session.execute(_KEEP, {"rows": rows})}


def live_cases(desk: Desk, ids: Sequence[int]) -> dict[int, int]:
    """Of these orders the case on which a choice is shown: of the shortness, or of the refund that is waited for."""
    return {row.order_id: row.id for row in desk.session.execute(_CHOSEN, {"ids": list(ids)})}


def chosen(desk: Desk, order_id: int) -> Mapping[str, Any] | None:
    """What was decided of an order and holds; None for nothing."""
    row = desk.session.execute(_CHOSEN, {"ids": [order_id]}).one_or_none()
    return row.choice if row is not None else None


def same_goods(desk: Desk, sku: str) -> list[Other]:
    """What is sold under the same title and lies there, the most of it first."""
    found = desk.session.execute(_SAME_GOODS, {"sku": sku})
    return [Other(row.sku, row.title, int(row.free)) for row in found if row.free > 0]


@dataclass(frozen=True, slots=True)
class Named:
    """Goods as their newest order has them (all "" and None where there is none); `free` pieces are there for nobody
    yet."""

    sku: str
    title: str
    spec: str
    price_fen: int | None
    free: int

    @property
    def name(self) -> str:
        return f"{self.title} {self.spec}".strip() or self.sku


def named(desk: Desk, sku: str) -> Named:
    row = desk.session.execute(_NAMED, {"sku": sku}).one()
    return Named(sku, row.title or "", row.spec or "", row.price_fen, int(row.free))


def hinder(what: str, row: Row[Any] | None) -> str:
    """Why that cannot be decided of an order (`orders`)."""
    if row is None:
        return "现在不缺货"
    if what != SPLIT:
        return ""
    if row.later:
        return "已经定了拆单先发"
    return why_whole(row.platform) if row.here else "没有其他有货的商品，不能拆单先发"


def sentence(what: str, row: Row[Any], swap: str = "") -> str:
    """For the buyer, to be pasted as it is. `swap`: what the goods could be exchanged for. Nothing is promised that
    nobody said."""
    goods = row.lacking or "商品"
    when = f"预计 {day(row.arrives_at)} 到货" if row.arrives_at else "到货时间确定后马上告诉您"
    return {
        WAIT: f"亲，非常抱歉，您购买的{goods}暂时缺货，{when}，到货后优先为您发出，给您带来不便请谅解。",
        SWAP: f"亲，非常抱歉，您购买的{goods}暂时缺货。同款的{swap}有现货，您看换成它可以吗？"
              "您同意后我们马上为您安排；不方便换也请告诉我们。",
        SPLIT: f"亲，您购买的{goods}暂时缺货，我们先为您发出{row.here or '其他商品'}，缺的{when}，到货后再补发给您。",
        REFUND: f"亲，非常抱歉，您购买的{goods}缺货，短时间内补不上。麻烦您在订单里申请退款，我们收到后马上处理。",
    }[what]  # fmt: skip


def reason(what: str, row: Row[Any], swap: str = "") -> str:
    """In a few words, for a template's field."""
    return {
        WAIT: f"缺货，预计 {day(row.arrives_at)} 到货" if row.arrives_at else "缺货，等待到货",
        SWAP: f"缺货，可换{swap}",
        SPLIT: "部分缺货，有货的先发",
        REFUND: "缺货，可申请退款",
    }[what]


def message(desk: Desk, what: str, row: Row[Any], swap: str = "") -> owe.CustomerMessage:
    """What the buyer of an order (`orders`) is told of it, once for each moment at which it is said."""
    at = row.arrives_at or row.ship_by_at or desk.now
    values = {
        "number": row.external_id, "goods": row.lacking or "", "time": customer_time(at),
        "reason": reason(what, row, swap), "words": sentence(what, row, swap),
    }  # fmt: skip
    key = f"order:{row.id}:short:{what}:{int(desk.now.timestamp())}:customer"
    known = customer_key(row.buyer_key, row.external_id)
    return owe.CustomerMessage(key, row.shop_id, known, f"order:{row.id}", "stock", values)


def doubts(what: str, rows: Sequence[Row[Any]]) -> list[str]:
    """What whoever decides so must know of these orders first."""
    if what != WAIT or not rows:
        return []
    if all(row.arrives_at is None for row in rows):
        return ["还不知道什么时候到货，请采购先答复；买家会收到“到货时间确定后马上告诉您”"]
    late = [row for row in rows if row.arrives_at and row.ship_by_at and row.arrives_at > row.ship_by_at]
    if not late:
        return []
    first = min(late, key=lambda row: row.ship_by_at)
    by = f"{first.tag} 最晚 {moment(first.ship_by_at)} 要发"
    said = (f"{len(late)} 单等不及：预计 {day(first.arrives_at)} 到货，{by}，"
            "超时可能被平台扣罚；也可以换同款、拆单先发或退款")  # fmt: skip
    reports = {DELAY_REPORT[row.platform] for row in late if row.platform in DELAY_REPORT}
    return [said, *sorted(reports)]


def advice(evidence: Mapping[str, Any]) -> tuple[str, ...]:
    """What an order's card says of what was decided, with the sentence for its buyer."""
    made = evidence.get("choice")
    if not made:
        return ()
    first = f"，先发 {made['here']}" if made["what"] == SPLIT and made.get("here") else ""
    to = f"，换成 {made['to']}，等买家答复" if made["what"] == SWAP and made.get("to") else ""
    said = f"{made['by']} {moment(datetime.fromisoformat(made['at']))} 定：{TITLES[made['what']]}{first}{to}"
    return said, f"发给买家：{made['text']}"
