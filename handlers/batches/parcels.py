"""发货 with many lines of 编号 快递 单号, pasted out of a list: each is read, what is odd is asked about once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from handlers import shipping, waybill, waybill_use
from handlers.batches import asking
from handlers.batches.asking import Asked
from handlers.batches.choose import Chosen, Left, choose
from handlers.batches.verbs import BATCHES
from handlers.commands.command import Request
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference, leading, normal
from handlers.views import View
from handlers.waybill import Shipment

MOST: Final = 200
_NAMED: Final = 3
_ORDINAL: Final = re.compile(r"^\(?\d{1,3}[.、)][ \t]*(?=[#'\"]?[A-Za-z0-9][\w\-]{5,})")  # 3. JD-20251222-001 …
_EDGES: Final = " ,，:：;；、|\t"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was typed: the order, and what stands behind it."""

    wanted: Reference
    rest: str


def lines_of(rest: str) -> list[Line]:
    """The lines that name an order; of a command's own line what stands behind its name."""
    return [Line(*found) for found in map(_order_in, _lines(rest)) if found is not None]


def unread(rest: str) -> list[str]:
    """The lines that name none."""
    return [line for line in _lines(rest) if _order_in(line) is None]


def _lines(rest: str) -> list[str]:
    return [line.strip() for line in normal(rest).splitlines() if line.strip()]


def _order_in(line: str) -> tuple[Reference, str] | None:
    found = leading(_ORDINAL.sub("", line))
    return None if found is None or found[0].kind == "name" else found


def ship(desk: Desk, request: Request, actor: Actor, lines: Sequence[Line]) -> View:
    """Asks about them all, or ships two that nothing is odd about."""
    if len(lines) > MOST:
        raise Refusal(f"一次最多 {MOST} 行，现在有 {len(lines)} 行，请分几次发")
    act = asking.act_of(desk, "ship", actor)
    chosen = choose(desk, BATCHES["ship"], [line.wanted for line in lines], act)
    tags = {row.id: str(row.tag) for row in chosen.rows}
    parcels = _parcels(desk, chosen, lines, tags)
    chosen.left += [Left(line[:20], "看不出是哪一单") for line in unread(request.rest)]
    chosen.rows = [row for row in chosen.rows if row.id in parcels]
    details = {one: {"courier": parcel.courier.slug, "waybill": parcel.waybill} for one, parcel in parcels.items()}
    return asking.ask(desk, request, Asked("ship", act, chosen, _doubts(desk, tags, parcels), details))


def _parcels(desk: Desk, chosen: Chosen, lines: Sequence[Line], tags: Mapping[int, str]) -> dict[int, Shipment]:
    """Order id → its parcel; a line that cannot be read, or an order that has two, is left out."""
    found: dict[int, Shipment] = {}
    twice: set[int] = set()
    for line in lines:
        order_id = chosen.ids.get(line.wanted, 0)
        if order_id not in tags:
            continue  # left out already, and why
        try:
            parcel = waybill.read(line.rest.strip(_EDGES), shipping.couriers_of(desk, order_id))
        except Refusal as refusal:
            chosen.left.append(Left(tags[order_id], f"{str(refusal).partition('，例如')[0]}"))
            continue
        if order_id in found and found[order_id] != parcel:
            twice.add(order_id)
        found[order_id] = parcel
    chosen.left += [Left(tags[one], "写了两个运单号") for one in twice]
    unread_ones = [one for one in tags if one not in found and tags[one] not in {left.name for left in chosen.left}]
    chosen.left += [Left(tags[one], "没有写运单号") for one in unread_ones]
    return {one: parcel for one, parcel in found.items() if one not in twice}


def _doubts(desk: Desk, tags: Mapping[int, str], parcels: Mapping[int, Shipment]) -> list[str]:
    """All that must be looked at, each kind of it one line."""
    odd = [f"{tags[one]} {two.courier.short} {two.waybill}" for one, two in parcels.items() if not two.fits]
    used = [
        f"{parcel.waybill}（{tags[one]}，已用于 {'、'.join(others)}）"
        for one, parcel in parcels.items() if (others := waybill_use.strangers_with(desk, one, parcel.waybill))
    ]  # fmt: skip
    sharing: dict[str, list[str]] = defaultdict(list)
    for one, parcel in parcels.items():
        sharing[parcel.waybill].append(tags[one])
    twins = [f"{number}（{'、'.join(named)}）" for number, named in sharing.items() if len(named) > 1]
    found = {
        "单号和快递对不上": odd, "单号已经用过，是同一个包裹吗": used, "同一个单号写给几单，是同一个包裹吗": twins,
    }  # fmt: skip
    return [f"{what}：{_first(each)}" for what, each in found.items() if each]


def _first(each: Sequence[str]) -> str:
    more = f" 等 {len(each)} 个" if len(each) > _NAMED else ""
    return "；".join(each[:_NAMED]) + more
