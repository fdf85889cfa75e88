"""What can become of orders that are short: 等货, 换同款, 拆单先发, 退款; each with the sentence for its buyer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
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

SHORT: Final = "short_stock"
GIVEN_UP: Final = "refund_wait"
"""The kinds of the cases on which a choice is shown."""
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

TITLES: Final = {WAIT: "等货", SWAP: "换同款", SPLIT: "拆单先发", REFUND: "退款"}

# Goods come when the last of them does: while one has no day, or one that has passed, nobody knows when.
_ORDERS: Final = text("""
    SELECT o.id, o.shop_id, o.external_id, o.buyer_key, o.tag, o.platform,
        greatest(o.ship_by_at, o.not_before_at) AS ship_by_at, c.id AS case_id,
        c.evidence -> 'choice' AS choice, c.evidence ->> 'later' = 'true' AS later, c.evidence -> 'skus' AS skus,
        (SELECT string_agg(btrim(l.title || ' ' || l.spec), '、' ORDER BY l.position) FROM order_lines l
            WHERE l.order_id = o.id AND c.evidence -> 'skus' ? l.sku) AS lacking,
        (SELECT string_agg(btrim(l.title || ' ' || l.spec), '、' ORDER BY l.position) FROM order_lines l
            WHERE l.order_id = o.id AND NOT c.evidence -> 'skus' ? l.sku AND NOT l.shipped
                AND l.refund <> 'refunded' AND l.parting = '') AS here,
        (SELECT jsonb_agg(jsonb_build_array(l.sku, btrim(l.title || ' ' || l.spec)) ORDER BY l.position)
            FROM order_lines l WHERE l.order_id = o.id AND c.evidence -> 'skus' ? l.sku) AS lines,
        (SELECT string_agg(btrim(l.title || ' ' || l.spec), '、' ORDER BY l.position) FROM order_lines l
            WHERE l.order_id = o.id AND l.parting = 'refund' AND NOT l.shipped
                AND l.refund NOT IN ('asked', 'refunded')) AS given_up,
        coming.arrives_at, coming.overdue_at
    FROM cases c JOIN orders o ON o.id = c.order_id CROSS JOIN LATERAL (
        SELECT CASE WHEN bool_and(coalesce(s.incoming_at > :now, false)) THEN max(s.incoming_at) END AS arrives_at,
            max(s.incoming_at) FILTER (WHERE s.incoming_at <= :now) AS overdue_at
        FROM jsonb_array_elements_text(c.evidence -> 'skus') AS lacks (sku) LEFT JOIN stock s ON s.sku = lacks.sku
    ) coming
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
    SELECT order_id, kind, id, evidence -> 'choice' AS choice FROM cases
    WHERE order_id = ANY(:ids) AND kind IN ('short_stock', 'refund_wait') AND state IN ('open', 'claimed')
    ORDER BY order_id, kind, id
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
    """Of these the ones that are short now: what they lack (`lines`: SKU and name), what else of them is here, what of
    them waits for its refund (`given_up`), when goods come (`arrives_at`), or should have (`overdue_at`)."""
    return {row.id: row for row in desk.session.execute(_ORDERS, {"ids": list(ids), "now": desk.now})}


def keep(desk: Desk, made: Mapping[int, Mapping[str, Any] | None]) -> dict[int, int]:
    """Case id → what was decided, None for nothing. Returns the cases' new revisions."""
    rows = json.dumps([{"id": case_id, "choice": one} for case_id, one in made.items()], ensure_ascii=False)
    return {row.id: row.revision for row in desk.session.execute(_KEEP, {"rows": rows})}


def shown_on(what: str) -> str:
    """The kind of the case on which such a choice is shown."""
    return GIVEN_UP if what == REFUND else SHORT


def live_cases(desk: Desk, ids: Sequence[int]) -> dict[tuple[int, str], Row[Any]]:
    """(order id, kind) → the case's id and what was decided: of the shortness, of the refund that is waited for."""
    return {(row.order_id, row.kind): row for row in desk.session.execute(_CHOSEN, {"ids": list(ids)})}


def chosen(desk: Desk, order_id: int) -> Mapping[str, Any] | None:
    """What was decided of an order and holds, the newest of it; None for nothing."""
    made = [row.choice for row in live_cases(desk, [order_id]).values() if row.choice]
    return max(made, key=lambda one: datetime.fromisoformat(one["at"]), default=None)


def words_now(desk: Desk, order_id: int) -> str:
    """For the buyer of an order, what was decided of it, as it stands now: a day that has passed is promised no more,
    a new one is. "" where nothing is decided."""
    made = chosen(desk, order_id)
    row = orders(desk, [order_id]).get(order_id)
    renewed = _renewed(made, row) if made is not None and row is not None else made
    return str(renewed["text"]) if renewed is not None else ""


def renew(desk: Desk, ids: Sequence[int]) -> dict[int, int]:
    """A part of what these orders lacked is given up: what was decided before names the rest alone. Returns the cases'
    new revisions."""
    decided = {row.case_id: (row.choice, _renewed(row.choice, row)) for row in orders(desk, ids).values() if row.choice}
    return keep(desk, {case_id: after for case_id, (before, after) in decided.items() if after != before})


def _renewed(made: Mapping[str, Any], row: Row[Any]) -> Mapping[str, Any] | None:
    """None for an exchange of goods that are not short any more."""
    what = made["what"]
    if what == WAIT or (what == SPLIT and row.here):
        return {**made, "text": sentence(what, row)}
    return None if what == SWAP and made.get("from", row.skus[0]) not in row.skus else made


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


def _goods(what: str, row: Row[Any], sku: str) -> str:
    """Of what a choice is: an order waits, or is parted, with all that it lacks; what is exchanged or given up is one
    SKU (beside what is given up already)."""
    named = "、".join(name for one, name in row.lines or () if one == sku)
    if what not in (SWAP, REFUND) or not named:
        return row.lacking or "商品"
    return f"{row.given_up}、{named}" if what == REFUND and row.given_up else named


def sentence(what: str, row: Row[Any], of: Mapping[str, Any] = NOTHING) -> str:
    """For the buyer, to be pasted as it is. `of`: the `sku` that was asked about ("": all that is short), and what it
    could be exchanged for (`swap`). Nothing is promised that nobody said."""
    goods = _goods(what, row, of.get("sku", ""))
    when = f"预计 {day(row.arrives_at)} 到货" if row.arrives_at else "到货时间确定后马上告诉您"
    said = {
        WAIT: f"亲，非常抱歉，您购买的{goods}暂时缺货，{when}，到货后优先为您发出，给您带来不便请谅解。",
        SWAP: f"亲，非常抱歉，您购买的{goods}暂时缺货。同款的{of.get('swap', '')}有现货，您看换成它可以吗？"
              "您同意后我们马上为您安排；不方便换也请告诉我们。",
        SPLIT: f"亲，您购买的{goods}暂时缺货，我们先为您发出{row.here or '其他商品'}，缺的{when}，到货后再补发给您。",
        REFUND: f"亲，非常抱歉，您购买的{goods}缺货，短时间内补不上。麻烦您在订单里申请退款，我们收到后马上处理。",
    }[what]  # fmt: skip
    return said if what == REFUND or not row.given_up else f"{said}另外{row.given_up}补不上货，麻烦您在订单里申请退款。"


def sample(what: str, rows: Sequence[Row[Any]], of: Mapping[str, Any]) -> str:
    """What the buyers of these orders will read, before it goes out; of the first where it is not the same for all."""
    said = [sentence(what, row, of) for row in rows]
    if not said:
        return ""
    whose = f"（以 {rows[0].tag} 为例）" if len(set(said)) > 1 else ""
    return f"发给买家{whose}：{said[0]}"


def reason(what: str, row: Row[Any], swap: str = "") -> str:
    """In a few words, for a template's field."""
    return {
        WAIT: f"缺货，预计 {day(row.arrives_at)} 到货" if row.arrives_at else "缺货，等待到货",
        SWAP: f"缺货，可换{swap}",
        SPLIT: "部分缺货，有货的先发",
        REFUND: "缺货，可申请退款",
    }[what]


def message(desk: Desk, what: str, row: Row[Any], of: Mapping[str, Any] = NOTHING) -> owe.CustomerMessage:
    """What the buyer of an order (`orders`) is told of it, once for each moment at which it is said. `of`: as for
    `sentence`."""
    at = row.arrives_at or row.ship_by_at or desk.now
    values = {
        "number": row.external_id, "goods": _goods(what, row, of.get("sku", "")), "time": customer_time(at),
        "reason": reason(what, row, of.get("swap", "")), "words": sentence(what, row, of),
    }  # fmt: skip
    key = f"order:{row.id}:short:{what}:{int(desk.now.timestamp())}:customer"
    known = customer_key(row.buyer_key, row.external_id)
    return owe.CustomerMessage(key, row.shop_id, known, f"order:{row.id}", "stock", values)


def doubts(what: str, rows: Sequence[Row[Any]], sku: str) -> list[str]:
    """What whoever decides so of a SKU must know of these orders first."""
    if what in (SWAP, REFUND):
        return _beside(rows, sku)
    if what != WAIT or not rows:
        return []
    if all(row.arrives_at is None for row in rows):
        return [_no_day(rows)]
    late = [row for row in rows if row.arrives_at and row.ship_by_at and row.arrives_at > row.ship_by_at]
    if not late:
        return []
    first = min(late, key=lambda row: row.ship_by_at)
    by = f"{first.tag} 最晚 {moment(first.ship_by_at)} 要发"
    said = (f"{len(late)} 单等不及：预计 {day(first.arrives_at)} 到货，{by}，"
            "超时可能被平台扣罚；也可以换同款、拆单先发或退款")  # fmt: skip
    reports = {DELAY_REPORT[row.platform] for row in late if row.platform in DELAY_REPORT}
    return [said, *sorted(reports)]


def _no_day(rows: Sequence[Row[Any]]) -> str:
    passed = [row.overdue_at for row in rows if row.overdue_at]
    asks = (
        f"原定 {day(max(passed))} 到货，还没有到，请采购先更新日期" if passed else "还不知道什么时候到货，请采购先答复"
    )
    return f"{asks}；买家会收到“到货时间确定后马上告诉您”"


def _beside(rows: Sequence[Row[Any]], sku: str) -> list[str]:
    """What else orders are short of, of which nothing is decided here."""
    others = {row.tag: [name for one, name in row.lines or () if one != sku] for row in rows}
    named = [f"{tag} {'、'.join(goods)}" for tag, goods in others.items() if goods]
    more = " 等" if len(named) > 1 else ""
    return [f"{len(named)} 单还缺别的商品，这次不动：{named[0]}{more}"] if named else []


def advice(desk: Desk, case: Row[Any]) -> tuple[str, ...]:
    """What an order's card (of its live case) says of what was decided, with the sentence for its buyer as of now."""
    made = case.evidence.get("choice")
    if not made:
        return ()
    row = orders(desk, [case.order_id]).get(case.order_id) if made["what"] in (WAIT, SPLIT) else None
    made = (_renewed(made, row) if row is not None else None) or made
    first = f"，先发 {made['here']}" if made["what"] == SPLIT and made.get("here") else ""
    to = f"，换成 {made['to']}，等买家答复" if made["what"] == SWAP and made.get("to") else ""
    said = f"{made['by']} {moment(datetime.fromisoformat(made['at']))} 定：{TITLES[made['what']]}{first}{to}"
    return said, f"发给买家：{made['text']}"
