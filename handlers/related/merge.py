"""Open orders of one buyer for one receiver: whether they leave in one parcel is asked once for all (exception 14), and
what was merged is watched until it left (15). By the platform's ids of buyer and address within a shop; where there
are none, by a phone that is one and the same address. Never by ciphertext or masks alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.desk import SYSTEM, Desk
from handlers.gather import receiver_of
from handlers.matter import Opening
from handlers.platform_moves import Work
from handlers.related import twins
from models import Role
from models.stages import OPEN

DIFFERS: Final = "merge_addr_diff"
_OPEN: Final = ", ".join(f"'{stage}'" for stage in OPEN)
_MOST: Final = 50  # of one receiver, the newest: somebody who buys by the hundred costs a look as much as anybody

# One look for a batch: who else's parcel goes there, and to which group an order belongs already. The last digits of
# the phone, which most masks show too, are the index; the ids decide.
_LOOK: Final = text(f"""
    SELECT o.id, o.shop_id, o.tag, o.receiver_key, o.buyer_key, o.phone_hash, o.receiver, o.province, o.city,
        o.district, o.phone_tail_hash IS NULL AS blind, g.id AS merge_id, g.key, g.state, s.ids
    FROM orders o LEFT JOIN merge_orders m ON m.order_id = o.id LEFT JOIN merges g ON g.id = m.merge_id
    LEFT JOIN LATERAL (
        SELECT array_agg(y.id) AS ids FROM (
            SELECT x.id FROM orders x
            WHERE x.phone_tail_hash = o.phone_tail_hash
                AND x.created_at BETWEEN o.created_at - interval '7 days' AND o.created_at + interval '7 days'
                AND x.shop_id = o.shop_id AND x.id <> o.id AND x.stage IN ({_OPEN}) AND CASE WHEN o.receiver_key <> ''
                    THEN x.receiver_key = o.receiver_key AND x.buyer_key = o.buyer_key
                    ELSE x.phone_hash = o.phone_hash END
            ORDER BY x.created_at DESC LIMIT {_MOST}) y
    ) s ON true
    WHERE o.id = ANY(:ids)
        AND (s.ids IS NOT NULL OR g.id IS NOT NULL OR (o.phone_tail_hash IS NULL AND o.receiver_key <> ''))
""")
# Where a mask hides the digits (Pinduoduo), the open orders are gone through once for all of the batch.
_BLIND: Final = text(f"""
    SELECT id, shop_id, receiver_key, buyer_key FROM orders
    WHERE stage IN ({_OPEN}) AND shop_id = ANY(:shops) AND receiver_key = ANY(:keys) ORDER BY id DESC
""")
_SIBLINGS: Final = text("""
    SELECT id, shop_id, tag, receiver_key, buyer_key, phone_hash, receiver, province, city, district
    FROM orders WHERE id = ANY(:ids)
""")
_KNOWN: Final = text("""
    INSERT INTO merges (key, changed_at)
    SELECT key, cast(:now AS timestamptz) FROM unnest(cast(:keys AS text[])) AS x(key) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id, key, state, case_id
""")
_MEMBERS: Final = text("SELECT order_id, merge_id FROM merge_orders WHERE merge_id = ANY(:ids)")
_JOIN: Final = text("""
    INSERT INTO merge_orders (order_id, merge_id)
    SELECT * FROM unnest(cast(:orders AS bigint[]), cast(:merges AS bigint[]))
    ON CONFLICT (order_id) DO UPDATE SET merge_id = excluded.merge_id
""")
_LEAVE: Final = text("DELETE FROM merge_orders WHERE order_id = ANY(:ids)")
_ASKED: Final = text("""
    UPDATE merges g SET state = 'asked', case_id = x.case_id, changed_at = :now
    FROM unnest(cast(:ids AS bigint[]), cast(:cases AS bigint[])) AS x(id, case_id) WHERE g.id = x.id
""")
_LIVE: Final = text("SELECT id FROM cases WHERE id = ANY(:ids) AND state IN ('open', 'claimed')")
_TAGS: Final = text("""
    SELECT id, tag FROM orders WHERE id = ANY(:ids) ORDER BY id
""")
_OVER: Final = text(f"""
    UPDATE merges g SET state = 'apart', changed_at = :now WHERE g.state = 'asked' AND (
        SELECT count(*) FROM merge_orders m JOIN orders o ON o.id = m.order_id AND o.stage IN ({_OPEN})
        WHERE m.merge_id = g.id) < 2
    RETURNING g.case_id
""")


def look(desk: Desk, works: Sequence[Work]) -> None:
    """Of a batch that is watched: which orders may leave together, and which of those that should no longer can."""
    open_now = {work.row.id: work for work in works if work.stage in OPEN}
    rows = desk.session.execute(_LOOK, {"ids": list(open_now)}).all() if open_now else []
    others = {row.id: list(row.ids or ()) for row in rows} | _blindly(desk, [row for row in rows if row.blind])
    rows = [row for row in rows if others[row.id] or row.merge_id is not None]
    if not rows:
        return
    keys = {row.id: _key(desk, row) for row in rows}
    _let_go(desk, [row for row in rows if row.key is not None and row.key != keys[row.id]], open_now)
    groups = _groups(desk, rows, others, keys)
    doubtful = twins.asked(desk, groups, receiver_of)  # first whether one repeats the other, then one parcel or two
    groups = {key: ids for key, ids in groups.items() if key not in doubtful}
    if groups:
        _ask(desk, groups, {row.id: row.shop_id for row in rows})


def _blindly(desk: Desk, rows: Sequence[Row[Any]]) -> dict[int, list[int]]:
    """Order → the other open orders with its ids of receiver and buyer."""
    if not rows:
        return {}
    asked = {"shops": list({row.shop_id for row in rows}), "keys": list({row.receiver_key for row in rows})}
    found: dict[tuple[int, str, str], list[int]] = defaultdict(list)
    for one in desk.session.execute(_BLIND, asked):
        same_parcel = found[one.shop_id, one.receiver_key, one.buyer_key]
        if len(same_parcel) <= _MOST:
            same_parcel.append(one.id)
    same = {row.id: found[row.shop_id, row.receiver_key, row.buyer_key] for row in rows}
    return {order_id: [other for other in ids if other != order_id] for order_id, ids in same.items()}


def _key(desk: Desk, row: Row[Any]) -> str:
    """A keyed hash of who gets it; "" where nobody can tell."""
    if row.receiver_key:
        who = f"{row.shop_id}:{row.receiver_key}:{row.buyer_key}"
    elif row.phone_hash is not None:
        address = receiver_of(desk.vault, row.receiver).address
        place = "".join(f"{row.province}{row.city}{row.district}{address}".split())
        who = f"{row.shop_id}:{bytes(row.phone_hash).hex()}:{place}" if address else ""
    else:
        who = ""
    return desk.vault.lookup("merge", who).hex() if who else ""


def _groups(
    desk: Desk, rows: Sequence[Row[Any]], others: Mapping[int, Sequence[int]], keys: Mapping[int, str]
) -> dict[str, set[int]]:  # fmt: skip
    """Key → the open orders that it stands for, two at least and the newest where there are very many. One phone may
    have orders for two addresses; what has the same ids of receiver and buyer has the same key."""
    doubtful = {other for row in rows if not row.receiver_key for other in others[row.id]}
    found = desk.session.execute(_SIBLINGS, {"ids": list(doubtful)}).all() if doubtful else []
    theirs = {row.id: _key(desk, row) for row in found}
    groups: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        key = keys[row.id]
        same = {other for other in others[row.id] if row.receiver_key or theirs[other] == key}
        if key and same:
            groups[key] |= same | {row.id}
    newest = {key: set(sorted(ids)[-_MOST:]) for key, ids in groups.items()}
    looked_at = {row.id for row in rows}
    return {key: ids for key, ids in newest.items() if ids & looked_at}


def _let_go(desk: Desk, rows: Sequence[Row[Any]], works: Mapping[int, Work]) -> None:
    """Their receiver changed after they had been put together: they must not go into the same parcel."""
    for row in rows:
        if row.state == "together":
            reason = f"{row.tag} 合并发货后收件信息变了：请从合单里拿出来，单独发"
            works[row.id].openings.append(Opening(DIFFERS, reason, Role.SERVICE, row.id))
            works[row.id].note("退出合单", {"原因": "收件信息已变更"})
    if rows:
        desk.session.execute(_LEAVE, {"ids": [row.id for row in rows]})


def _ask(desk: Desk, groups: Mapping[str, Collection[int]], shops: Mapping[int, int]) -> None:
    known = desk.session.execute(_KNOWN, {"keys": sorted(groups), "now": desk.now}).all()
    members: dict[int, set[int]] = defaultdict(set)
    for order_id, merge_id in desk.session.execute(_MEMBERS, {"ids": [merge.id for merge in known]}):
        members[merge_id].add(order_id)
    joining = [(order, merge) for merge in known for order in set(groups[merge.key]) - members[merge.id]]
    if joining:
        columns = {"orders": [order for order, _ in joining], "merges": [merge.id for _, merge in joining]}
        desk.session.execute(_JOIN, columns)
    joined = {merge.id: merge for _, merge in joining}
    if joined:
        _raise(desk, list(joined.values()), groups, shops)


def _raise(
    desk: Desk, merges: Sequence[Row[Any]], groups: Mapping[str, Collection[int]], shops: Mapping[int, int]
) -> None:
    """Each group's one case: brought up to date, or opened (again, when somebody joined whom nobody asked about)."""
    bought = desk.session.execute(_TAGS, {"ids": [one for merge in merges for one in groups[merge.key]]}).all()
    live = set(desk.session.execute(_LIVE, {"ids": [merge.case_id for merge in merges if merge.case_id]}).scalars())
    openings, changes = [], []
    for merge in merges:
        tags = [row.tag for row in bought if row.id in groups[merge.key]]
        more = "以上" if len(tags) == _MOST else ""
        reason = f"{len(tags)} 单{more}同一买家、同一收件地址：{'、'.join(tags)}"
        if merge.case_id in live:
            changes.append((merge.case_id, reason, {"tags": tags}))
            continue
        shop_id = next(shops[one] for one in groups[merge.key] if one in shops)
        openings.append(Opening(
            "unmerged", reason, Role.SERVICE, shop_id=shop_id, group_key=f"merge:{merge.id}", evidence={"tags": tags}
        ))  # fmt: skip
    opening.change_many(desk, changes)
    _open(desk, openings)


def _open(desk: Desk, openings: Sequence[Opening]) -> None:
    opened = opening.open_many(desk, openings)
    if not opened:
        return
    merges = [int(row.group_key.removeprefix("merge:")) for row in opened]
    desk.session.execute(_ASKED, {"ids": merges, "cases": [row.id for row in opened], "now": desk.now})
    reasons = {made.group_key: made.reason for made in openings}
    details = {f"case:{row.id}": {"同名未合并": reasons[row.group_key]} for row in opened}
    trail.begin_many(desk, SYSTEM, "异常", details)


def tidy(desk: Desk) -> None:
    """The clock's look: where one order is left, there is nothing to merge."""
    over = [case_id for case_id in desk.session.execute(_OVER, {"now": desk.now}).scalars() if case_id is not None]
    for row in opening.close_many(desk, [(case_id, "只剩一单") for case_id in over]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"同名未合并": "只剩一单"})
