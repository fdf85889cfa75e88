"""Finds orders by whatever people call them: tag, part of a tag, platform number, phone, its last digits, name,
waybill; a range of tags, or several named together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import listing
from handlers.desk import Desk, Refusal
from handlers.parse import Reference, another, leading, references, tag
from handlers.views import OrderListView
from handlers.wording import day_of

_BACK_DAYS: Final = 14  # how far "001" looks back for the latest day that has one
_MOST: Final = 51
MOST_IN_RANGE: Final = 1000

# One box: indexed arms, those without a value find nothing.
_FIND: Final = text("""
    SELECT id, tag, created_at, exact FROM (
        (SELECT id, tag, created_at, true AS exact FROM orders WHERE tag = ANY(:tags))
        UNION ALL (SELECT id, tag, created_at, true FROM orders WHERE external_id = cast(:number AS text))
        UNION ALL (SELECT o.id, o.tag, o.created_at, true FROM parcels p JOIN orders o ON o.id = p.order_id
            WHERE p.waybill = upper(cast(:number AS text)) LIMIT :most)
        UNION ALL (SELECT id, tag, created_at, false FROM orders WHERE phone_hash = cast(:phone AS bytea)
            ORDER BY created_at DESC LIMIT :most)
        UNION ALL (SELECT id, tag, created_at, false FROM orders WHERE phone_tail_hash = cast(:tail AS bytea)
            ORDER BY created_at DESC LIMIT :most)
        UNION ALL (SELECT id, tag, created_at, false FROM orders WHERE name_hash = cast(:name AS bytea)
            ORDER BY created_at DESC LIMIT :most)
    ) found ORDER BY exact DESC, created_at DESC LIMIT :most
""")

_BY_TAG: Final = text("SELECT id FROM orders WHERE tag = :tag")  # what cards and people name most
_BY_TAGS: Final = text("SELECT id, tag FROM orders WHERE tag = ANY(:tags)")
_TOGETHER: Final = text("""
    SELECT id, tag AS called FROM orders WHERE tag = ANY(:tags)
    UNION ALL SELECT id, external_id FROM orders WHERE external_id = ANY(:numbers)
""")
_LONG: Final = 9  # figures: no tag's number, and no end of a phone number


def find(desk: Desk, wanted: Reference) -> list[int]:
    """Ids of the orders that `wanted` can mean, best and newest first."""
    if wanted.kind == "tag":
        return list(desk.session.execute(_BY_TAG, {"tag": wanted.text}).scalars())
    if wanted.kind == "range":
        return _in_range(desk, wanted)
    found = desk.session.execute(_FIND, _parameters(desk, wanted)).all()
    ids = {row.id: row for row in found}
    if wanted.kind not in ("short", "digits", "day_number"):
        return list(ids)
    # A number without its day means the latest day that has it; a platform number or a phone stands beside it.
    rows = list(ids.values())
    days = [row.tag.split("-")[1] for row in rows if row.exact and row.tag.endswith(_ending(wanted))]
    latest = max(days, default="")
    return [
        row.id
        for row in rows
        if not (row.exact and row.tag.endswith(_ending(wanted))) or row.tag.split("-")[1] == latest
    ]


def _in_range(desk: Desk, wanted: Reference) -> list[int]:
    """The orders of a range, by tag: of its day, else of the latest day that has any of them."""
    if len(wanted.numbers) > MOST_IN_RANGE:
        raise Refusal(f"「{wanted.text}」有 {len(wanted.numbers)} 个编号，一次最多 {MOST_IN_RANGE} 个，请分几段")
    prefixes = [wanted.prefix] if wanted.prefix else _prefixes(desk, wanted.platform)
    for day in [wanted.day] if wanted.day else _days(desk):
        tags = [tag(prefix, day, number) for prefix in prefixes for number in wanted.numbers]
        found = {row.tag: row.id for row in desk.session.execute(_BY_TAGS, {"tags": tags})}
        if found:
            return [found[one] for one in tags if one in found]
    return []


def each(desk: Desk, wanted: Iterable[Reference]) -> tuple[list[int], list[Reference]]:
    """The orders that are named, each once, in the order in which they are, and the names that mean none. Tags and
    platform numbers are looked up together. Raises Refusal where a name means several."""
    named = list(dict.fromkeys(wanted))
    known: dict[str, list[int]] = {}
    tags = [one.text for one in named if one.kind == "tag"]
    numbers = [one.text for one in named if _is_number(one)]
    for row in desk.session.execute(_TOGETHER, {"tags": tags, "numbers": numbers}) if tags or numbers else ():
        known.setdefault(row.called, []).append(row.id)
    ids: dict[int, None] = {}
    missing = []
    for name in named:
        looked_up = name.kind == "tag" or len(known.get(name.text, ())) == 1
        found = known.get(name.text, []) if looked_up else _single(desk, name)
        ids |= dict.fromkeys(found)
        if not found:
            missing.append(name)
    return list(ids), missing


def _is_number(wanted: Reference) -> bool:
    return wanted.kind == "number" or (wanted.kind == "digits" and len(wanted.text) > _LONG)


def _single(desk: Desk, wanted: Reference) -> list[int]:
    found = find(desk, wanted)
    if len(found) > 1 and wanted.kind != "range":
        raise Refusal(_several_words(desk, wanted, found))
    return found


def _ending(wanted: Reference) -> str:
    return f"-{wanted.number:03d}"


def _parameters(desk: Desk, wanted: Reference) -> dict[str, Any]:
    tags: list[str] = []
    hashed: dict[str, bytes | None] = {"phone": None, "tail": None, "name": None}
    number = wanted.text if wanted.kind in ("number", "digits") else None
    match wanted.kind:
        case "day_number":
            tags = [tag(prefix, wanted.day, wanted.number) for prefix in _prefixes(desk, wanted.platform)]
        case "short" | "digits":
            tags = _recent_tags(desk, wanted)
            if len(wanted.text) == 4 and wanted.kind == "digits":
                hashed["tail"] = desk.vault.lookup("tail", wanted.text)
        case "phone":
            hashed["phone"] = desk.vault.lookup("phone", wanted.text)
            number = wanted.text
        case "name":
            hashed["name"] = desk.vault.lookup("name", wanted.text)
    return {"tags": tags, "number": number, "most": _MOST, **hashed}


def _recent_tags(desk: Desk, wanted: Reference) -> list[str]:
    if not wanted.number:
        return []
    prefixes = [wanted.prefix] if wanted.prefix else _prefixes(desk, wanted.platform)
    return [tag(prefix, day, wanted.number) for day in _days(desk) for prefix in prefixes]


def _days(desk: Desk) -> list[str]:
    today = day_of(desk.now)
    return [f"{today - timedelta(days=back):%Y%m%d}" for back in range(_BACK_DAYS)]


def _prefixes(desk: Desk, platform: str = "") -> list[str]:
    """Of all shops, or of those of one marketplace."""
    return sorted({shop.prefix for shop in desk.settings.shops if platform in ("", shop.platform)})


def one(desk: Desk, wanted: Reference) -> int:
    """The only order that `wanted` means. Raises Refusal when there is none, or several: those are named."""
    ids = find(desk, wanted)
    if not ids:
        raise Refusal(not_found(wanted))
    if len(ids) > 1:
        raise Refusal(_several_words(desk, wanted, ids))
    return ids[0]


def _several_words(desk: Desk, wanted: Reference, ids: list[int]) -> str:
    tags = "、".join(row.tag for row in listing.rows(desk, ids[:5]))
    return f"「{wanted.shown}」有 {count(ids)} 单：{tags}，请写完整编号"


def first_in(rest: str) -> tuple[Reference, str]:
    """The order named first in `rest`, and what follows. Raises Refusal when none is named, or a range or 全部."""
    wide = wide_in(rest)
    if wide:
        raise Refusal(f"「{wide}」不止一单，这里一次只写一单的编号，例如 JD-20251222-001")
    found = leading(rest)
    if found is None:
        raise Refusal("请写上订单编号，例如 JD-20251222-001")
    return found


def one_in(desk: Desk, rest: str, what: str) -> tuple[Reference, str]:
    """As `first_in`, of what is done to one order at a time; `what`: 拦截, 改地址. Raises Refusal where another order
    stands behind it, which would become part of a reason or an address."""
    wanted, behind = first_in(rest)
    alone(desk, behind, what)
    return wanted, behind


def alone(desk: Desk, behind: str, what: str) -> None:
    """Raises Refusal where what stands behind an order begins with another one."""
    other = another(behind, _prefixes(desk))
    if other is not None:
        raise Refusal(f"一次只{what}一单，后面还写着 {other.shown}，所以都没有动。请一单一条，分开发")


def wide_in(rest: str) -> str:
    """全部 or a range where `rest` begins with it, as it was written; else ""."""
    many = references(rest, many=True)[0]
    return many[0].text if many and many[0].kind in ("all", "range") else ""


def several(desk: Desk, wanted: Reference, ids: list[int]) -> OrderListView:
    """A search with more than one hit."""
    return OrderListView(
        title=f"「{wanted.shown}」",
        rows=listing.rows(desk, ids[: listing.SHOWN]),
        total=len(ids),
        hint="回复完整编号查看" if len(ids) < _MOST else f"只数到 {_MOST - 1} 单，请用完整编号或平台单号",
    )


def count(ids: list[int]) -> str:
    return str(len(ids)) if len(ids) < _MOST else f"{_MOST - 1} 以上"


def not_found(wanted: Reference) -> str:
    match wanted.kind:
        case "name":
            return f"没有找到收件人「{wanted.shown}」。平台隐藏了姓名的订单查不到，请用编号、平台单号或手机尾号"
        case "phone":
            return f"没有找到 {wanted.shown} 的订单。平台隐藏了号码的，请用尾号 4 位查"
        case "digits" if len(wanted.text) == 4:
            return f"没有找到手机尾号或编号是 {wanted.text} 的订单"
        case _:
            return f"没有找到订单 {wanted.text}，请核对编号"
