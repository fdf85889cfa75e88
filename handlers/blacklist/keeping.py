"""黑名单: who is put on the list and taken off it, by whom, when and why. Open orders are looked at again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import find, mask, opening, permissions, trail, watch
from handlers.blacklist import book
from handlers.blacklist.book import Mark
from handlers.desk import SYSTEM, Actor, Desk, Refusal
from handlers.gather import receiver_of
from handlers.kinds import title_of
from handlers.parse import Reference
from handlers.permissions import Permit
from handlers.wording import day
from models import BlacklistEntry, BlacklistMark, Role
from models.stages import OPEN
from models.vault import phone_digits

READ: Final = Permit("看黑名单", frozenset({Role.SERVICE}))
CHANGE: Final = Permit("改黑名单", frozenset({Role.SUPERVISOR}))
LONGEST: Final = 100
_SHOWN: Final = 20
_GONE: Final = "已移出黑名单"

_ORDER: Final = text("""
    SELECT id, tag, platform, shop_id, receiver, buyer_key, receiver_key, phone_hash FROM orders WHERE id = :id
""")
_LIVE: Final = text(f"""
    SELECT id, platform, shop_id, buyer_key, receiver_key, phone_hash FROM orders
    WHERE stage IN ({", ".join(f"'{stage}'" for stage in OPEN)})
""")
_SHOPS: Final = text("SELECT id, platform FROM shops")
_HIT: Final = text("""
    SELECT order_id FROM cases WHERE kind = 'blacklist' AND state IN ('open', 'claimed')
        AND evidence -> 'entries' @> to_jsonb(cast(:id AS bigint))
""")
_LEFT_OVER: Final = text("""
    SELECT c.id, c.order_id, c.evidence FROM cases c
    WHERE c.kind = 'blacklist' AND c.state IN ('open', 'claimed') AND c.order_id = ANY(:ids)
        AND jsonb_array_length(c.evidence -> 'entries') > 0 AND NOT EXISTS (SELECT FROM blacklist b
            WHERE b.removed_at IS NULL AND c.evidence -> 'entries' @> to_jsonb(b.id))
    ORDER BY c.order_id
""")
_KNOWN: Final = text("""
    SELECT b.id, array_agg(m.kind ORDER BY m.kind) AS kinds FROM blacklist b JOIN blacklist_marks m ON m.entry_id = b.id
    JOIN unnest(cast(:kinds AS text[]), cast(:marks AS bytea[])) AS x(kind, mark) ON x.kind = m.kind AND x.mark = m.mark
    WHERE b.removed_at IS NULL GROUP BY b.id ORDER BY b.id
""")
_REMOVE: Final = text("""
    UPDATE blacklist SET removed_at = :now, removed_by = :by, removed_why = :why
    WHERE id = :id AND removed_at IS NULL RETURNING shown
""")
_LIST: Final = text("""
    SELECT b.id, b.shown, b.reason, b.added_by, b.added_at, count(*) OVER () AS total,
        (SELECT count(*) FROM cases c WHERE c.kind = 'blacklist'
            AND c.evidence -> 'entries' @> to_jsonb(b.id)) AS orders
    FROM blacklist b WHERE b.removed_at IS NULL ORDER BY b.id DESC LIMIT :most
""")


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whom a line of the list is about: masked words, what is kept of them, the order that named them, and by what
    else they may stand there already."""

    shown: str
    marks: Sequence[Mark]
    order_id: int | None = None
    also: Sequence[Mark] = ()


def of_order(desk: Desk, wanted: Reference) -> Somebody:
    """The buyer and the receiver of an order. Raises Refusal where there is no such order, or nothing to know them by
    again."""
    row = desk.session.execute(_ORDER, {"id": find.one(desk, wanted)}).one()
    marks = book.marks_of(desk.vault, row)
    if not marks:
        raise Refusal(
            f"{row.tag} 没有买家账号、收件人编号和电话，以后认不出是同一个人。知道手机号的话请发：黑名单 加 手机号 原因"
        )
    who = mask.receiver((), receiver_of(desk.vault, row.receiver)) or "买家"
    return Somebody(f"{who}（{row.tag}）", marks, row.id, book.known_by(desk.vault, row))


def of_phone(desk: Desk, number: str) -> Somebody:
    digits = phone_digits(number)
    return Somebody(mask.phones(digits), [("phone", desk.vault.lookup("phone", digits))])


def of_buyer(desk: Desk, key: str) -> Somebody:
    """By the platform's own id, as its back office shows it."""
    shown = f"买家 {key[:2]}****{key[-2:]}" if len(key) >= 6 else "买家 ****"
    places = sorted({book.scope(row.platform, row.id) for row in desk.session.execute(_SHOPS)})
    also = [("buyer", book.buyer_mark(desk.vault, key, where)) for where in places]
    return Somebody(shown, [("buyer", book.buyer_mark(desk.vault, key))], also=also)


def add(desk: Desk, actor: Actor, who: Somebody, reason: str) -> str:
    """Put somebody on the list; what to answer. Raises Refusal where all of it stands there already."""
    permissions.check(desk, CHANGE, actor)
    _check_reason(reason, "加入黑名单要写原因，例如：黑名单 加 TB-20251222-001 原因 多次恶意退款")
    known = _known(desk, who)
    if {kind for row in known for kind in row.kinds} >= {kind for kind, _ in who.marks}:
        raise Refusal(f"{who.shown} 已在黑名单第 {known[0].id} 条，没有重复加。发「黑名单」看全部")
    entry = BlacklistEntry(
        shown=who.shown, reason=mask.phones(reason), order_id=who.order_id, added_at=desk.now, added_by=actor.name,
        added_by_id=actor.staff_id,
    )  # fmt: skip
    desk.session.add(entry)
    desk.session.flush()  # its number names its marks, its trail and the cases that it leads to
    desk.session.add_all(BlacklistMark(entry_id=entry.id, kind=kind, mark=mark) for kind, mark in who.marks)
    desk.session.flush()
    detail = {"谁": who.shown, "原因": entry.reason}
    trail.write(desk, f"blacklist:{entry.id}", actor, action="加入黑名单", detail=detail)
    if who.order_id is not None:
        trail.write_order(desk, who.order_id, actor=actor, action="加入黑名单", detail={**detail, "条": entry.id})
    book.forget(desk)
    hit, hidden = _open_orders(desk, set(who.marks))
    watch.watch(desk, hit)
    return f"已加入黑名单第 {entry.id} 条：{who.shown}，原因：{entry.reason}。{_found(len(hit), hidden)}"


def _found(hit: int, hidden: int) -> str:
    """Never that there is none where not all could be looked at."""
    if hit:
        said = f"现有 {hit} 个没发的单已锁住，等主管决定"
    else:
        said = "能核对的单里没有他没发的" if hidden else "现在没有他没发的单"
    return f"{said}。另有 {hidden} 个没发的单看不到完整电话，按电话核对不了，请留意" if hidden else said


def remove(desk: Desk, actor: Actor, numbers: Sequence[int], reason: str) -> str:
    """Take lines off the list; their orders are looked at again. Raises Refusal for a line that is not there."""
    permissions.check(desk, CHANGE, actor)
    _check_reason(reason, "移出黑名单要写原因，例如：黑名单 去 3 原因 已和买家谈妥")
    numbers = list(dict.fromkeys(numbers))
    said = [_remove(desk, actor, number, mask.phones(reason)) for number in numbers]
    book.forget(desk)
    hit = {one for number in numbers for one in desk.session.execute(_HIT, {"id": number}).scalars()}
    watch.watch(desk, sorted(hit))
    _let_go(desk, sorted(hit))
    return "\n".join(said)


def _let_go(desk: Desk, order_ids: Sequence[int]) -> None:
    """What a look cannot end by itself: the order hides what others of the list are known by. All its lines are gone,
    so it waits for nothing."""
    for case in desk.session.execute(_LEFT_OVER, {"ids": list(order_ids)}).all():
        opening.close_many(desk, [(case.id, _GONE)])
        detail = {title_of("blacklist", case.evidence): _GONE}
        trail.write_order(desk, case.order_id, actor=SYSTEM, action="异常解除", detail=detail)
        watch.watch(desk, [case.order_id])


def _remove(desk: Desk, actor: Actor, number: int, reason: str) -> str:
    values = {"id": number, "now": desk.now, "by": actor.name, "why": reason}
    shown = desk.session.execute(_REMOVE, values).scalar_one_or_none()
    if shown is None:
        raise Refusal(f"黑名单没有第 {number} 条，或已经移出了，这次都没有动。发「黑名单」看全部")
    detail = {"谁": shown, "原因": reason}
    trail.write(desk, f"blacklist:{number}", actor, action="移出黑名单", detail=detail)
    return f"已移出黑名单第 {number} 条：{shown}，原因：{reason}"


def numbers_of(desk: Desk, who: Somebody) -> list[int]:
    """The lines that somebody stands in. Raises Refusal for none."""
    found = [row.id for row in _known(desk, who)]
    if not found:
        raise Refusal(f"{who.shown} 不在黑名单里。发「黑名单」看全部")
    return found


def listed(desk: Desk) -> str:
    rows = desk.session.execute(_LIST, {"most": _SHOWN}).all()
    if not rows:
        return "黑名单是空的。主管可以加：黑名单 加 订单编号或手机号 原因 多次恶意退款"
    lines = [
        f"{row.id}. {row.shown}：{row.reason}（{row.added_by} {day(row.added_at)}，拦过 {row.orders} 单）"
        for row in rows
    ]
    more = [f"共 {rows[0].total} 条，先列最近的 {_SHOWN} 条"] if rows[0].total > _SHOWN else []
    return "\n".join(["**黑名单**", *lines, *more, "> 主管可以改：黑名单 加 订单编号 原因 …；黑名单 去 3 原因 …"])


def _check_reason(reason: str, ask: str) -> None:
    if not reason:
        raise Refusal(ask)
    if len(reason) > LONGEST:
        raise Refusal(f"原因最多 {LONGEST} 个字，现在有 {len(reason)} 个")


def _known(desk: Desk, who: Somebody) -> Sequence[Row[Any]]:
    marks = [*who.marks, *who.also]
    columns = {"kinds": [kind for kind, _ in marks], "marks": [mark for _, mark in marks]}
    return desk.session.execute(_KNOWN, columns).all()


def _open_orders(desk: Desk, marks: set[Mark]) -> tuple[list[int], int]:
    """Orders that have not left with one of these marks, and how many hide the phone that is one of them: all that
    are open are gone through, for somebody is put on the list now and then."""
    hit, hidden = list[int](), 0
    by_phone = any(kind == "phone" for kind, _ in marks)
    for row in desk.session.execute(_LIVE):
        if marks & set(book.known_by(desk.vault, row)):
            hit.append(row.id)
        elif by_phone and row.phone_hash is None:
            hidden += 1
    return hit, hidden
