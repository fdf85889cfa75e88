"""Which orders people mean when they name many: ranges, shops, 全部, pasted numbers; and which of them are left out,
and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import find
from handlers.batches import orders
from handlers.batches.doing import Act, Doing
from handlers.completeness import which_shop
from handlers.desk import Desk, Refusal
from handlers.kinds import kind_of
from handlers.parse import Reference, tag
from handlers.wording import day_of

MOST: Final = 500
_NEXT: Final = f"一次最多 {MOST} 单，先办发货期限最近的，办完再发一次"
_LOOKED_AT: Final = 5000  # of a stage, to find those that may go on
_BACK_DAYS: Final = 14  # how far a range looks back for the latest day that has one of it
_ONE_BY_ONE: Final = 60  # short numbers, phones: each is a search of its own

_TAGS: Final = text("SELECT tag, id FROM orders WHERE tag = ANY(:tags)")
_NUMBERS: Final = text("SELECT external_id, id FROM orders WHERE external_id = ANY(:numbers)")


@dataclass(frozen=True, slots=True)
class Left:
    """One that is left out: what it is called, and why."""

    name: str
    why: str


@dataclass(slots=True)
class Chosen:
    """`rows` can be done now, `left` cannot. `broad`: nobody named them one by one; `scope`: how they were named;
    `ids`: who was meant by each that was named alone."""

    rows: list[Row[Any]] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    broad: bool = False
    scope: str = ""
    ids: dict[Reference, int] = field(default_factory=dict)

    @property
    def named(self) -> int:
        return len(self.rows) + len(self.left)


def choose(desk: Desk, doing: Doing, wanted: Sequence[Reference], act: Act) -> Chosen:
    """Of more than `MOST` the most pressing; the others are left out, to be done next. Raises Refusal for a shop that
    there is not, and for a range of several shops or of too many."""
    chosen = Chosen(scope=_scope(wanted))
    chosen.broad = any(one.kind in ("all", "shop", "range") for one in wanted)
    act = replace(act, broad=chosen.broad)
    found = _of_stages(desk, doing, wanted) if any(one.kind in ("all", "shop") for one in wanted) else []
    if len(found) > _LOOKED_AT:
        chosen.scope += f"（停留最久的 {_LOOKED_AT} 单，办完再发一次）"
    rows = {row.id: row for row in found[:_LOOKED_AT]}
    ids = _named(desk, wanted, chosen)
    rows |= orders.read(desk, [one for one in ids if one not in rows])
    for row in rows.values():
        why = doing.hinder(row, act) or (_unsettled(row) if chosen.broad and doing.careful else "")
        if why:
            chosen.left.append(Left(row.tag, why))
        else:
            chosen.rows.append(row)
    if len(chosen.rows) > MOST:
        chosen.rows.sort(key=lambda row: (row.ship_by_at is None, row.ship_by_at))  # alike ones stay as they were
        chosen.left += [Left(row.tag, _NEXT) for row in chosen.rows[MOST:]]
        del chosen.rows[MOST:]
    return chosen


def _scope(wanted: Sequence[Reference]) -> str:
    spoken = [one.text for one in wanted if one.kind in ("all", "shop", "range")]
    rest = len(wanted) - len(spoken)
    return "、".join([*spoken, *([f"点名 {rest} 单"] if rest else [])])


def _unsettled(row: Row[Any]) -> str:
    return f"有异常没处理：{kind_of(row.unsettled).title}" if row.unsettled else ""


def _of_stages(desk: Desk, doing: Doing, wanted: Sequence[Reference]) -> list[Row[Any]]:
    """The orders of the step's stage, of all shops or of those named; of very many those that stand there longest."""
    shops = [one for one in wanted if one.kind == "shop"]
    ids = _shop_ids(desk, shops) if shops else None
    if doing.all_locked:
        return orders.locked_by_people(desk, ids, _LOOKED_AT + 1)
    return orders.of_stage(desk, doing.stage, ids, _LOOKED_AT + 1)


def _shop_ids(desk: Desk, wanted: Iterable[Reference]) -> list[int]:
    known = which_shop.read_shops(desk)
    found: list[int] = []
    for one in wanted:
        mine = [shop.id for shop in known if _is_meant(one, shop.prefix, shop.platform)]
        if not mine:
            names = "、".join(f"{shop.prefix}（{shop.name}）" for shop in known)
            raise Refusal(f"没有店铺「{one.text[:20]}」，可以写：{names}")
        found += mine
    return found


def _is_meant(wanted: Reference, prefix: str, platform: str) -> bool:
    return platform == wanted.platform if wanted.platform else prefix == wanted.prefix


def _named(desk: Desk, wanted: Sequence[Reference], chosen: Chosen) -> list[int]:
    """Ids of the orders that are named one by one or by a range, in that order, each once."""
    singles = [one for one in wanted if one.kind not in ("all", "shop", "range")]
    by_tag = _by_tag(desk, [one.text for one in singles if one.kind == "tag"])
    by_number = _by_number(desk, [one.text for one in singles if _is_number(one)])
    hard = [one for one in dict.fromkeys(singles) if one.kind != "tag" and not _is_number(one)]
    if len(hard) > _ONE_BY_ONE:
        raise Refusal(f"短编号和手机号一次最多 {_ONE_BY_ONE} 个，请写完整编号，或用范围，例如：JD 001-020")
    found: list[int] = []
    for one in wanted:
        if one.kind == "range":
            found += _of_range(desk, one, chosen.left)
        elif one.kind not in ("all", "shop"):
            ids = [by_tag[one.text]] if one.text in by_tag else by_number.get(one.text, [])
            ids = find.find(desk, one) if one in hard else ids
            if len(ids) == 1:
                found.append(ids[0])
                chosen.ids[one] = ids[0]
            else:
                chosen.left.append(Left(one.shown, f"有 {len(ids)} 单，请写完整编号" if ids else "没有找到"))
    chosen.left[:] = dict.fromkeys(chosen.left)
    return list(dict.fromkeys(found))


def _is_number(one: Reference) -> bool:
    return one.kind == "number" or (one.kind == "digits" and not one.number and len(one.text) > 4)


def _by_tag(desk: Desk, tags: Sequence[str]) -> dict[str, int]:
    if not tags:
        return {}
    return {row.tag: row.id for row in desk.session.execute(_TAGS, {"tags": list(tags)})}


def _by_number(desk: Desk, numbers: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    if numbers:
        for row in desk.session.execute(_NUMBERS, {"numbers": list(numbers)}):
            found.setdefault(row.external_id, []).append(row.id)
    return found


def _of_range(desk: Desk, wanted: Reference, left: list[Left]) -> list[int]:
    """The orders of the latest day that has any of the range."""
    if len(wanted.numbers) > MOST:
        raise Refusal(f"「{wanted.text}」有 {len(wanted.numbers)} 个编号，一次最多 {MOST} 个")
    prefixes = _prefixes(desk, wanted)
    for day in _days(desk, wanted):
        tags = {tag(prefix, day, number): prefix for prefix in prefixes for number in wanted.numbers}
        found = _by_tag(desk, list(tags))
        if found:
            _one_shop(wanted, {tags[one] for one in found})
            return _in_order(found, tags, left)
    raise Refusal(f"没有找到编号 {wanted.text} 的订单")


def _in_order(found: Mapping[str, int], tags: Mapping[str, str], left: list[Left]) -> list[int]:
    mine = {tags[one] for one in found}
    left += [Left(one, "没有这个编号") for one, prefix in tags.items() if prefix in mine and one not in found]
    return [found[one] for one in tags if one in found]


def _one_shop(wanted: Reference, prefixes: set[str]) -> None:
    if len(prefixes) > 1:
        named, numbers = "、".join(sorted(prefixes)), f"{wanted.number:03d}-{wanted.last:03d}"
        raise Refusal(f"{named} 都有 {wanted.text}，请写前缀，例如：{min(prefixes)} {numbers}")


def _prefixes(desk: Desk, wanted: Reference) -> list[str]:
    shops = list(desk.settings.shops)
    if wanted.prefix or wanted.platform:
        shops = [shop for shop in shops if _is_meant(wanted, shop.prefix, shop.platform)]
    if not shops:
        raise Refusal(f"没有前缀 {wanted.prefix or wanted.text} 的店铺")
    return sorted({shop.prefix for shop in shops})


def _days(desk: Desk, wanted: Reference) -> list[str]:
    if wanted.day:
        return [wanted.day]
    today = day_of(desk.now)
    return [f"{today - timedelta(days=back):%Y%m%d}" for back in range(_BACK_DAYS)]
