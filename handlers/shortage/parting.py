"""拆单先发 and what waits for its refund, in the order's own lines: what is here leaves now in a parcel of its own,
what is short leaves later or not at all. Reading the order anew changes none of it (models/order.py)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Row, text

from handlers.desk import Desk, Refusal
from handlers.wording import goods
from models.couriers import same_number

How = Literal["", "later", "refund"]

# The lines of what a case says is short, as far as they are still here.
_SET: Final = text("""
    UPDATE order_lines l SET parting = :how FROM cases c
    WHERE c.id = ANY(:cases) AND l.order_id = c.order_id AND c.evidence -> 'skus' ? l.sku
        AND NOT l.shipped AND l.refund <> 'refunded' AND l.parting NOT IN ('gone', :how) AND :sku IN ('', l.sku)
""")
_STOOD: Final = text("""
    SELECT order_id, line_key, parting FROM order_lines WHERE order_id = ANY(:ids) AND NOT shipped
""")
_RESTORE: Final = text("""
    UPDATE order_lines l SET parting = x.parting
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(id bigint, key text, parting text)
    WHERE l.order_id = x.id AND l.line_key = x.key AND l.parting <> x.parting
""")
_LINES: Final = text("""
    SELECT order_id, line_key, title, spec, quantity, refund, shipped, parting FROM order_lines
    WHERE order_id = :id ORDER BY position
""")
_APART: Final = text("SELECT DISTINCT order_id FROM order_lines WHERE order_id = ANY(:ids) AND parting <> ''")
_OWING: Final = text("""
    SELECT DISTINCT order_id FROM order_lines WHERE order_id = ANY(:ids) AND parting <> 'gone' AND refund <> 'refunded'
""")
# It left with its last parcel.
_FINISH: Final = text("""
    UPDATE orders o SET shipped_at = coalesce((SELECT max(created_at) FROM write_backs w
        WHERE w.order_id = o.id AND w.kind = 'ship'), o.stage_entered_at)
    WHERE o.id = ANY(:ids) AND EXISTS (SELECT FROM order_lines l WHERE l.order_id = o.id AND l.parting = 'gone')
        AND NOT EXISTS (SELECT FROM order_lines l
            WHERE l.order_id = o.id AND l.parting <> 'gone' AND l.refund <> 'refunded')
    RETURNING o.id
""")
_LEFT: Final = text("""
    UPDATE order_lines SET parting = CASE parting WHEN 'later' THEN '' ELSE 'gone' END
    WHERE order_id = :id AND parting IN ('', 'later') AND NOT shipped AND refund <> 'refunded'
""")


def set_apart(desk: Desk, case_ids: Sequence[int], how: How, sku: str = "") -> None:
    """What is short leaves so: with the others (""), "later", or it waits for its "refund". `sku`: of what is
    short this alone, "" for all."""
    desk.session.execute(_SET, {"cases": list(case_ids), "how": how, "sku": sku})


def stood(desk: Desk, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """How the lines of these orders leave now, for whoever takes a change back: order id → line key → parting."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for row in desk.session.execute(_STOOD, {"ids": list(ids)}):
        found[row.order_id][row.line_key] = row.parting
    return found


def restore(desk: Desk, before: Mapping[int, Mapping[str, str]]) -> None:
    """As `stood` told it."""
    rows = [{"id": id_, "key": key, "parting": how} for id_, lines in before.items() for key, how in lines.items()]
    desk.session.execute(_RESTORE, {"rows": json.dumps(rows, ensure_ascii=False)})


@dataclass(frozen=True, slots=True)
class Lines:
    """What an order's next parcel holds (`now`), what leaves after it, and what left in one before."""

    now: tuple[Row[Any], ...]
    later: tuple[Row[Any], ...]
    gone: tuple[Row[Any], ...]

    @property
    def parted(self) -> bool:
        return bool(self.later or self.gone)

    @property
    def said(self) -> dict[str, str]:
        """For the trail."""
        if self.later:
            return {"先发": words_of(self.now), "后发": words_of(self.later)}
        return {"补发": words_of(self.now)} if self.gone else {}


def lines_of(desk: Desk, order_id: int) -> Lines:
    found = list(desk.session.execute(_LINES, {"id": order_id}))
    gone = tuple(line for line in found if line.parting == "gone")
    here = [line for line in found if line not in gone and line.refund != "refunded"]
    later = tuple(line for line in here if line.parting == "later" and not line.shipped)
    now = tuple(line for line in here if line not in later and not (line.shipped and (later or gone)))
    return Lines(now, later, gone)


def owing(desk: Desk, ids: Iterable[int]) -> set[int]:
    """Of orders of which a part left those of which something is still here."""
    return set(desk.session.execute(_OWING, {"ids": list(ids)}).scalars())


def finish(desk: Desk, ids: Sequence[int]) -> set[int]:
    """Of these orders (locked, still open) those of which a part left and the rest is paid back: nothing else leaves,
    and whoever asks brings their stage in line with that."""
    return set(desk.session.execute(_FINISH, {"ids": list(ids)}).scalars()) if ids else set()


def words_of(lines: Sequence[Row[Any]]) -> str:
    return goods([(line.title, line.spec, line.quantity) for line in lines])


def apart(desk: Desk, ids: Sequence[int]) -> set[int]:
    """Of these orders those of which something leaves apart from the rest."""
    return set(desk.session.execute(_APART, {"ids": list(ids)}).scalars())


def check(order: Row[Any], lines: Lines, waybill: str) -> None:
    """Whether the next parcel can leave by this number. Raises Refusal."""
    if lines.later and not lines.now:
        raise Refusal(f"{order.tag} 先发的商品都已退款，剩下的还缺货，没有可以发的")
    if lines.gone and not lines.now:
        raise Refusal(f"{order.tag} 先发的已发出，其余都已退款，没有要发的了")
    if lines.gone and any(same_number(number, waybill) for number in order.waybill.split(",")):
        raise Refusal(f"运单 {waybill} 是先发的那一包，请填这一包的单号")


def waybills(order: Row[Any], lines: Lines, waybill: str) -> str:
    """All numbers by which the order has left with this one."""
    return f"{order.waybill},{waybill}" if lines.gone and order.waybill else waybill


def left(desk: Desk, order_id: int) -> None:
    """The first parcel is gone: what was to leave later is what the order waits for now."""
    desk.session.execute(_LEFT, {"id": order_id})
