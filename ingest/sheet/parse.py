"""A body of texts becomes a snapshot: of a row, of several joined, or of a message (texts/order.py).

The list's body is what the table says; `detail` adds `at` (when the file was ready), and `other`: of Taobao's two
reports, which tell half each, what the other one told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ingest.beijing import moment
from ingest.couriers import slug_of
from ingest.fields import receiver, text
from ingest.kinds import by_words
from ingest.sheet import cells
from ingest.sheet.goods import lines_of
from ingest.sheet.headings import Kind
from ingest.sheet.status import effect_of, hold_of
from ingest.snapshot import Effect, LineSnapshot, OrderSnapshot, Unreadable
from ingest.snapshot import Kind as OrderKind
from ingest.source import Record
from models.vault import Receiver
from texts import order as order_text
from texts import regions

Row = Mapping[str, Any]
_NEEDED: Final = {"name": "收件人", "phone": "电话", "address": "地址"}
_NUMBER_SIGN: Final = re.compile(r"^\s*no\s*[:.]\s*", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"[*＊]")
_FAR: Final = datetime(2100, 1, 1, tzinfo=UTC)


def parse(record: Record) -> OrderSnapshot:
    """Raises Unreadable."""
    row = _whole(record.body)
    _refuse_broken(row)
    at = _at(row)
    created, paid_at = _when(row, "created", "下单时间", at), _when(row, "paid_at", "付款时间", at)
    effect = effect_of(text(row.get("status")), waybill=bool(row.get("waybill")))
    lines, paid, post = lines_of(row, shipped=effect is Effect.SHIPPED)
    region, person = _place(row)
    kind, evidence = _kind(row)
    created = created or paid_at or at
    if effect is not Effect.UNPAID and kind is not OrderKind.COD:  # which is paid at the door
        paid_at = paid_at or created
    return OrderSnapshot(
        external_id=record.external_id,
        effect=effect,
        platform_status=text(row.get("status")) or ("已发货" if effect is Effect.SHIPPED else "待发货"),
        created_at=created,
        modified_at=at,
        lines=lines,
        paid_fen=paid,
        goods_fen=cells.money(text(row.get("goods_total")), "商品总价") or 0,
        post_fen=post,
        discount_fen=cells.money(text(row.get("discount")), "优惠") or 0,
        paid_at=None if effect is Effect.UNPAID else paid_at,
        ship_by_at=_when(row, "ship_by", "承诺发货时间", at),
        shipped_at=_when(row, "shipped_at", "发货时间", at) if effect is Effect.SHIPPED else None,
        kind=kind,
        kind_evidence=evidence,
        hold=_hold(row) if effect is Effect.ADMIT else "",
        refund=_refund(lines),
        buyer_key=_buyer(row),
        buyer_message=_said(row, "message"),
        seller_memo=_said(row, "memo"),
        province=region.province,
        city=region.city,
        district=region.district,
        town=region.town,
        receiver=person,
        waybill=_waybill(row),
        courier=slug_of(text(row.get("courier"))),
    )


def _whole(body: Row) -> Row:
    """Of Taobao's two reports together: the lines of the one that has them, all else of the other."""
    other = body.get("other")
    if not isinstance(other, dict):
        return body
    goods, order = (body, other) if body.get("kind") == Kind.TAOBAO_GOODS else (other, body)
    return {**order, "status": body.get("status", ""), "at": body.get("at"), "lines": goods.get("lines", [])}


def _refuse_broken(row: Row) -> None:
    if row.get("cut"):
        raise Unreadable("单号已被表格截断（后几位变成了 0）：请把单号一列设为文本格式，重新导出后再导入")
    cells.order_number(text(row.get("number")))
    if row.get("torn"):
        raise Unreadable(f"同一个单号下的{row['torn']}不一样：不是同一单的请用不同的单号")


def _at(row: Row) -> datetime:
    """When the file was ready; a list's body alone does not know."""
    at = moment(row.get("at"), "导入时间")
    if at is None:
        at = _when(row, "created", "下单时间", _FAR) or _when(row, "paid_at", "付款时间", _FAR)
    if at is None:
        raise Unreadable("缺少导入时间")
    return at


def _when(row: Row, name: str, label: str, near: datetime) -> datetime | None:
    return cells.when(text(row.get(name)), label, near=near)


def _said(row: Row, name: str) -> str | None:
    """A table without that column, or with nothing in it, does not say that there is none."""
    return text(row.get(name)) or None


def _waybill(row: Row) -> str:
    """The first of several; Taobao's exports write "No:" before it."""
    return _NUMBER_SIGN.sub("", cells.narrow(text(row.get("waybill"))).split(",")[0]).strip()


def _buyer(row: Row) -> str:
    """Nothing where the export hides letters of it: many people are t**9."""
    said = text(row.get("buyer"))
    return "" if _HIDDEN.search(said) else said


def _hold(row: Row) -> str:
    """Why the platform forbids shipping now; Pinduoduo looks into some orders after they were paid."""
    under_review = cells.narrow(text(row.get("under_review"))) in ("是", "审核中")
    return hold_of(text(row.get("status"))) or ("平台正在审核" if under_review else "")


def _kind(row: Row) -> tuple[OrderKind, str]:
    for name, label in (("order_type", "订单类型"), ("payment", "支付方式")):
        if "货到付款" in text(row.get(name)):
            return OrderKind.COD, f"表格里的{label}为货到付款"
    return by_words(text(row.get("memo")))


# -- who gets it


@dataclass(frozen=True, slots=True)
class _Place:
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    detail: str = ""


def _place(row: Row) -> tuple[_Place, Receiver]:
    said = {name: text(row.get(name)) for name in _NEEDED}
    if not said["phone"] and said["address"]:
        said = _apart(said)
    said["phone"] = cells.phone(said["phone"])
    if row.get("kind") == Kind.MANUAL:
        for name, label in _NEEDED.items():
            if not said[name]:
                raise Unreadable(f"{label}空着，请补上")
    place = _region(row, said["address"])
    return place, receiver(name=said["name"], phone=said["phone"], address=place.detail or said["address"])


def _apart(said: dict[str, str]) -> dict[str, str]:
    """Newer exports put all three into one cell."""
    found = order_text.read(said["address"])
    if not found.phone:
        return said
    return {"name": said["name"] or found.name, "phone": found.phone, "address": f"{found.region}{found.address}"}


def _region(row: Row, address: str) -> _Place:
    """By its own columns where there are some, which the address then may repeat."""
    found = _split(address)
    own = [text(row.get(name)) for name in ("province", "city", "district", "town")]
    if not any(own):
        return found
    detail = address.strip()
    for part in own:
        detail = detail.removeprefix(part).lstrip()
    return _Place(
        own[0] or found.province, own[1] or found.city, own[2] or found.district, own[3] or found.town, detail
    )  # fmt: skip


def _split(address: str) -> _Place:
    found = regions.find(address)
    if found is None:
        return _Place(detail=address.strip())
    detail = f"{address[: found.start]} {address[found.end :]}".strip(" ,，-/")
    return _Place(found.province, found.city, found.district, found.town, detail)


def _refund(lines: Sequence[LineSnapshot]) -> str:
    states = {line.refund for line in lines}
    if "asked" in states:
        return "asked"
    if states == {"refunded"}:
        return "refunded"
    return "part" if "refunded" in states else ""
