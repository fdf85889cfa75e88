"""What an order has to do with others, and what special types it shows: for its card and `查`."""

from __future__ import annotations

from typing import Any, Final

from handlers.wording import ORDER_KINDS, goods
from models import Receiver
from models.stages import OPEN, TITLES, Stage
from rules.special import SpecialFacts, special_types

# Arms of the one statement that shows an order `o`; each is a look into an index.
RELATED: Final = """
    o.platform, o.original_id,
    coalesce((SELECT x.tag FROM order_links k JOIN orders x ON x.id = k.original_order_id WHERE k.order_id = o.id),
        (SELECT x.tag FROM orders x WHERE x.external_id = o.original_id AND x.shop_id = o.shop_id)) AS original_tag,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(k.kind, x.tag, x.stage) ORDER BY x.id), '[]')
        FROM order_links k JOIN orders x ON x.id = k.order_id WHERE k.original_order_id = o.id) AS mended_by,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(x.tag, x.stage) ORDER BY x.id), '[]')
        FROM merge_orders a JOIN merges g ON g.id = a.merge_id AND g.state = 'together'
            JOIN merge_orders b ON b.merge_id = g.id AND b.order_id <> a.order_id
            JOIN orders x ON x.id = b.order_id WHERE a.order_id = o.id) AS merged_with
"""
_MENDS: Final = ("reship", "exchange", "perhaps_reship", "perhaps_exchange")


def related(row: Any) -> tuple[str, ...]:
    """A line for each order that this one mends, or that mends it, or that leaves with it."""
    found = []
    if row.original_tag or (row.original_id and row.kind in _MENDS):
        found.append(f"原单 {row.original_tag or row.original_id}")
    found += [f"{ORDER_KINDS.get(kind, kind)}单 {tag}（{TITLES[Stage(stage)]}）" for kind, tag, stage in row.mended_by]
    found += [f"与 {tag}（{TITLES[Stage(stage)]}）合并发货" for tag, stage in row.merged_with]
    return (*found, *_parted(row))


def _parted(row: Any) -> tuple[str, ...]:
    """Of an open order that does not leave in one parcel: what comes first, and what after it."""
    if Stage(row.stage) not in OPEN:
        return ()
    of = {how: [(line[0], line[1], line[3]) for line in row.lines if line[7] == how and line[4] != "refunded"]
          for how in ("gone", "later", "")}  # fmt: skip
    if of["later"]:
        return (f"拆单：先发 {goods(of[''])}，{goods(of['later'])} 到货后补发",)
    return (f"拆单：已先发 {goods(of['gone'])}，还要补发 {goods(of[''])}",) if of["gone"] else ()


def merged_waiting(row: Any) -> int:
    """Of an order that left by a waybill: how many that are merged with it did not."""
    if Stage(row.stage) is not Stage.DONE or not row.waybill:
        return 0
    return sum(Stage(stage) in OPEN for _, stage in row.merged_with)


def special(row: Any, seen: Receiver) -> tuple[str, ...]:
    """The types that show, beside the kind that a source or a person has told."""
    facts = SpecialFacts(
        platform=row.platform,
        buyer_message=row.buyer_message,
        seller_memo=row.seller_memo,
        goods=[(f"{line[0]} {line[1]}".strip(), line[3]) for line in row.lines],
        place=f"{row.province}{row.city}{seen.address or seen.address_mask}",
        split_from=row.original_id if row.kind == "normal" and row.original_id else "",
        merged_with=[tag for tag, _ in row.merged_with],
    )
    return tuple(one.shown for one in special_types(facts) if one.title != ORDER_KINDS.get(row.kind))
