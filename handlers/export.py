"""Orders handed out whole: for a spreadsheet, another program, a proof. Batch by batch, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import mask, permissions, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.fields.living import Field, living, values
from handlers.gather import receiver_of
from handlers.permissions import Permit
from models import Role, Vault
from models.beijing import BEIJING, day_start

PRIVATE: Final = Permit("导出收件信息", frozenset({Role.SUPERVISOR}))
BATCH: Final = 1000
_SHORTEST_REASON: Final = 4

TIMES: Final = ("created_at", "paid_at", "modified_at", "ship_by_at", "not_before_at", "shipped_at")
PLAIN: Final = (
    "platform", "platform_number", "tag", "shop", "shop_name", "kind", "kind_evidence", "original_number", "stage",
    "platform_status", "paid_fen", "goods_fen", "post_fen", "discount_fen", *TIMES, "courier", "waybill", "province",
    "city", "district", "town", "flags",
)  # fmt: skip
"""The columns of an order that hold nothing private, in the order in which they are shown."""
LINE: Final = (
    "platform_line_id", "sku", "platform_sku", "title", "spec", "quantity", "price_fen", "paid_fen", "refund",
    "shipped",
)  # fmt: skip
PERSONAL: Final = ("receiver_name", "receiver_phone", "receiver_address", "buyer_message", "seller_memo")
"""Only with a right and a reason. What the platform hides is a mask here too."""

OWN: Final = "field:"
"""Before the name of a field of the company's own."""

_WHERE: Final = """
    FROM orders o JOIN shops s ON s.id = o.shop_id
    WHERE (cast(:shop AS text) IS NULL OR s.slug = :shop) AND (cast(:stage AS text) IS NULL OR o.stage = :stage)
        AND (cast(:since AS timestamptz) IS NULL OR o.created_at >= :since)
        AND (cast(:until AS timestamptz) IS NULL OR o.created_at < :until)
"""
_COUNT: Final = text(f"SELECT count(*) {_WHERE}")
_ORDERS: Final = text(f"""
    SELECT o.*, s.slug AS shop, s.name AS shop_name {_WHERE} AND o.id > :after ORDER BY o.id LIMIT :many
""")
_LINES: Final = text("""
    SELECT order_id, line_key AS platform_line_id, sku, platform_sku, title, spec, quantity, price_fen, paid_fen,
        refund, shipped
    FROM order_lines WHERE order_id = ANY(:ids) ORDER BY order_id, position
""")
_CASES: Final = text("""
    SELECT DISTINCT order_id, kind FROM cases WHERE order_id = ANY(:ids) AND state IN ('open', 'claimed')
    ORDER BY order_id, kind
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders: of a shop (slug), in a stage, created on the platform on Beijing days `since` to `until`, both
    included. None: all."""

    shop: str | None = None
    stage: str | None = None
    since: date | None = None
    until: date | None = None

    def parameters(self) -> dict[str, Any]:
        since = day_start(self.since) if self.since else None
        until = day_start(self.until + timedelta(days=1)) if self.until else None
        return {"shop": self.shop, "stage": self.stage, "since": since, "until": until}


def count(desk: Desk, wanted: Wanted) -> int:
    return int(desk.session.execute(_COUNT, wanted.parameters()).scalar_one())


def permit_private(desk: Desk, wanted: Wanted, actor: Actor, reason: str) -> None:
    """Whether `actor` may have the private columns; that and why stands on the trail before anything is handed out.
    Raises Refusal."""
    permissions.check(desk, PRIVATE, actor)
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Refusal(f"请写明导出收件信息的原因，至少 {_SHORTEST_REASON} 个字")
    chosen = {name: str(value) for name, value in asdict(wanted).items() if value is not None}
    detail = {"原因": reason.strip()[:100], "单数": count(desk, wanted), "范围": chosen or "全部"}
    trail.write(desk, "export:orders", actor, action="导出收件信息", detail=detail)


def own_columns(desk: Desk) -> dict[str, str]:
    """field:礼盒 → as it is called in a spreadsheet, of each of the company's own fields; money is fen there too."""
    return {f"{OWN}{one.name}": one.name + ("（分）" if one.kind == "money" else "") for one in living(desk)}


def orders(desk: Desk, wanted: Wanted, *, private: bool = False) -> Iterator[dict[str, Any]]:
    """Every order as it stands, oldest in the hub first: the columns of PLAIN, those of `own_columns` (None where
    nobody filled it; phone numbers in words are masked unless `private`), PERSONAL behind them where `private`, and
    `lines`, a list of what LINE names. Money is fen, times are Beijing time with their offset, flags are slugs."""
    asked, columns = wanted.parameters() | {"after": 0, "many": BATCH}, own_columns(desk)
    while rows := desk.session.execute(_ORDERS, asked).all():
        ids = [row.id for row in rows]
        lines, cases, own = _lines(desk, ids), _cases(desk, ids), values(desk, ids)
        for row in rows:
            order = _order(row, cases.get(row.id, ()))
            order |= _own(columns, own.get(row.id, {}), private=private)
            if private:
                order |= _personal(row, desk.vault)
            yield order | {"lines": lines.get(row.id, [])}
        asked["after"] = ids[-1]


def _lines(desk: Desk, ids: Sequence[int]) -> Mapping[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in desk.session.execute(_LINES, {"ids": list(ids)}):
        found[row.order_id].append({name: getattr(row, name) for name in LINE})
    return found


def _cases(desk: Desk, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for row in desk.session.execute(_CASES, {"ids": list(ids)}):
        found[row.order_id].append(row.kind)
    return found


def _order(row: Row[Any], cases: Sequence[str]) -> dict[str, Any]:
    made = {"platform_number": row.external_id, "original_number": row.original_id, "flags": _flags(row, cases)}
    made |= {name: _beijing(getattr(row, name)) for name in TIMES}
    return {name: made[name] if name in made else getattr(row, name) for name in PLAIN}


def _own(columns: Iterable[str], kept: Mapping[str, tuple[Field, Any]], *, private: bool) -> dict[str, Any]:
    made = {f"{OWN}{name}": value for name, (_, value) in kept.items()}
    return {name: _safe(made.get(name), private=private) for name in columns}


def _safe(value: Any, *, private: bool) -> Any:
    return mask.phones(value) if isinstance(value, str) and not private else value


def _flags(row: Row[Any], cases: Sequence[str]) -> list[str]:
    """Why it is not clean: locked here, held or in refund on the platform, and the kinds of its live cases."""
    said = {"locked": bool(row.lock_reason), "held": bool(row.hold), f"refund_{row.refund}": bool(row.refund)}
    return [name for name, true in said.items() if true] + list(cases)


def _beijing(at: datetime | None) -> str | None:
    return at.astimezone(BEIJING).isoformat() if at else None


def _personal(row: Row[Any], vault: Vault) -> dict[str, str]:
    receiver = receiver_of(vault, row.receiver)
    return {
        "receiver_name": receiver.name or receiver.name_mask,
        "receiver_phone": receiver.phone or receiver.phone_mask,
        "receiver_address": receiver.address or receiver.address_mask,
        "buyer_message": row.buyer_message,
        "seller_memo": row.seller_memo,
    }
