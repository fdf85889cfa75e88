"""等货, 换同款, 拆单先发, 退款 of orders that are short: what was decided stands on each order's card with the words
for its buyer, who hears it where there is a way, once it cannot be taken back any more. Nothing of the order itself
changes: to exchange goods, to part a parcel and to refund is what people then do where the order lives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people
from handlers.batches import memos, orders, told
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.remember import UNDO
from handlers.desk import Desk
from handlers.duty import duty
from handlers.permissions import Permit
from handlers.shortage import choices
from handlers.wording import customer_time
from models import Role
from models.people import customer_key

_ROLES: Final = frozenset({Role.SERVICE, Role.PURCHASING})
_NAMED: Final = 20
_LATER: Final = text("""
    UPDATE notifications SET next_try_at = greatest(next_try_at, :at)
    WHERE dedupe_key = ANY(:keys) AND state = 'owed' AND created_at = :now
""")


def verb_of(what: str) -> str:
    """By which the database keeps it."""
    return f"short_{what}"


def _hinder(row: Row[Any], _act: Act) -> str:
    return "" if "缺货：" in row.lock_reason else "现在不缺货"


def _do(what: str, desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    found = choices.orders(desk, [piece.row.id for piece in pieces])
    for piece in pieces:
        piece.why = choices.hinder(what, found.get(piece.row.id))
    good = [piece for piece in pieces if not piece.why]
    if not good:
        return
    for piece in good:
        piece.before |= {"case": found[piece.row.id].case_id, "choice": found[piece.row.id].choice}
    made = [(piece, _choice(what, act, found[piece.row.id], piece)) for piece in good]
    _write(desk, act, made, f"缺货{choices.TITLES[what]}")
    told.owe_later(desk, [(_message(desk, what, found[one.row.id], one), act.now + UNDO) for one in good])
    if what == choices.SPLIT:
        for piece in good:
            memos.owe(desk, act, [piece.row], _memo(found[piece.row.id]))
            piece.before["memo"] = _memo(found[piece.row.id])
    if what == choices.REFUND:
        _hand_over(desk, act, made)


def _choice(what: str, act: Act, row: Row[Any], piece: Piece) -> dict[str, Any]:
    text_ = choices.sentence(what, row, str(piece.detail.get("swap", "")))
    return {"what": what, "by": act.actor.name, "at": act.now.isoformat(), "here": row.here, "text": text_}


def _memo(row: Row[Any]) -> str:
    return f"拆单先发：先发 {row.here}；缺 {row.lacking}，到货补发"[:200]


def _write(desk: Desk, act: Act, made: Sequence[tuple[Piece, dict[str, Any] | None]], action: str) -> None:
    """What was decided of each, a trail row for it, and what shows it."""
    revisions = choices.keep(desk, {piece.before["case"]: choice for piece, choice in made})
    detail = {"缺货": act.words} if act.words else {}
    orders.extend(desk, act.actor, [(piece.row, action, detail | act.of_batch) for piece, _ in made])
    owe.owe(desk, [owe.edit(case_id, revision) for case_id, revision in revisions.items()], by=act.actor)
    owe.order_edits(desk, [piece.row.id for piece, _ in made])


def _message(desk: Desk, what: str, row: Row[Any], piece: Piece) -> owe.CustomerMessage:
    at = row.arrives_at or piece.row.ship_by_at or desk.now
    values = {
        "number": row.external_id, "goods": row.lacking or "", "time": customer_time(at),
        "reason": choices.reason(what, row, str(piece.detail.get("swap", ""))),
    }  # fmt: skip
    key = f"order:{row.id}:short:{what}:{int(desk.now.timestamp())}:customer"
    piece.before["message"] = key
    return owe.CustomerMessage(key, row.shop_id, customer_key(row.buyer_key, row.external_id), f"order:{row.id}",
                               "stock", values)  # fmt: skip


def _hand_over(desk: Desk, act: Act, made: Sequence[tuple[Piece, dict[str, Any]]]) -> None:
    """Service gets the list with the sentences, once it is not taken back any more."""
    tags = defaultdict(list)
    for piece, choice in made:
        tags[choice["text"]].append(piece.row.tag)
    lines = [f"- {_listed(named)}\n  {sentence}" for sentence, named in tags.items()]
    words = "\n".join([f"**缺货退款 {len(made)} 单**，{act.actor.name}定的，请逐单联系买家，话术可直接复制：", *lines])
    first = min(piece.row.id for piece, _ in made)
    key = f"short:refund:{act.code}:{first}:{int(act.now.timestamp())}"
    staff = duty.roster(desk).told_of(people.staff(desk), Role.SERVICE, desk.now)
    owed = [owe.note(key, one.id, f"order:{first}", words) for one in staff]
    owe.owe(desk, owed)
    keys = [one.key for one in owed]
    desk.session.execute(_LATER, {"keys": keys, "at": act.now + UNDO, "now": desk.now})
    for piece, _ in made:
        piece.before["notes"] = keys


def _listed(tags: Sequence[str]) -> str:
    more = f" 等 {len(tags)} 单" if len(tags) > _NAMED else ""
    return "、".join(tags[:_NAMED]) + more


def _undo(what: str, desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    made = [(piece, piece.before.get("choice")) for piece in pieces]
    _write(desk, act, made, f"撤销缺货{choices.TITLES[what]}")
    told.unsay(desk, [piece.before["message"] for piece in pieces])
    told.unsay(desk, sorted({key for piece in pieces for key in piece.before.get("notes", ())}))
    for piece in pieces:
        if piece.before.get("memo"):
            memos.unsay(desk, [piece.row.id], piece.before["memo"])


def _doing(what: str, done: str) -> Doing:
    return Doing(
        f"缺货{choices.TITLES[what]}", Permit(f"缺货{choices.TITLES[what]}", _ROLES), None, _hinder,
        partial(_do, what), partial(_undo, what), lambda _: done,
    )  # fmt: skip


ALL: Final = {
    verb_of(choices.WAIT): _doing(choices.WAIT, "等到货，到货后自动放行"),
    verb_of(choices.SWAP): _doing(choices.SWAP, "已记下换同款的提议，等买家答复"),
    verb_of(choices.SPLIT): _doing(choices.SPLIT, "有货的先发，请仓库拆单"),
    verb_of(choices.REFUND): _doing(choices.REFUND, "交客服联系买家退款"),
}
