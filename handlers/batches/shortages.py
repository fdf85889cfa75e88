"""等货, 换同款, 拆单先发, 退款 of orders that are short: what was decided stands on each order's card with the words
for its buyer, who hears it where there is a way, once it cannot be taken back any more. Of 拆单先发 and 退款 the
order's own lines know (handlers/shortage/parting.py): it goes on without what is short, or stands still until that is
paid back. 换同款 is done when the buyer agrees (handlers/shortage/swaps.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, people, stock, watch
from handlers.batches import memos, orders, told
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.remember import UNDO
from handlers.desk import Desk
from handlers.duty import duty
from handlers.permissions import Permit
from handlers.shortage import choices, parting
from models import Role
from models.case import short_code
from models.stages import OPEN, TITLES, Stage

_ROLES: Final = frozenset({Role.SERVICE, Role.PURCHASING})
_NAMED: Final = 20
_LATER: Final = text("""
    UPDATE notifications SET next_try_at = greatest(next_try_at, :at)
    WHERE dedupe_key = ANY(:keys) AND state = 'owed' AND created_at = :now
""")


def verb_of(what: str) -> str:
    """By which the database keeps it."""
    return f"short_{what}"


# What service asks the buyer, and says here when they have answered.
_ASKS: Final = {
    choices.REFUND: "买家在平台申请退款后会自动解除；买家不退了请发：短码 买家不退",
    choices.SWAP: "买家答复后请发：短码 买家同意，或 短码 买家不同意",
}
# How the lines that are short leave from now on.
_HOW: Final[dict[str, parting.How]] = {choices.SPLIT: "later", choices.REFUND: "refund"}


def _hinder(row: Row[Any], _act: Act) -> str:
    return "" if Stage(row.stage) in OPEN else f"现在是{TITLES[Stage(row.stage)]}"  # of the rest its case decides


def _do(what: str, desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    found = choices.orders(desk, [piece.row.id for piece in pieces])
    for piece in pieces:
        piece.why = choices.hinder(what, found.get(piece.row.id))
    good = [piece for piece in pieces if not piece.why]
    if not good:
        return
    _note_before(desk, good)
    made = [(piece, _choice(what, act, found[piece.row.id], piece)) for piece in good]
    # Of one SKU alone people say that it is given up (a batch is of one); an order waits, or is parted, as a whole.
    sku = str(good[0].detail.get("sku", "")) if what == choices.REFUND else ""
    parting.set_apart(desk, [found[piece.row.id].case_id for piece in good], _HOW.get(what, ""), sku)
    shown = choices.shown_on(what)
    _write(desk, act, [(piece, {shown: choice}) for piece, choice in made], f"缺货{choices.TITLES[what]}")
    if what == choices.REFUND:
        stock.freed(desk, [piece.row.id for piece in good])
        revisions = choices.renew(desk, [piece.row.id for piece in good])
        owe.owe(desk, [owe.edit(case_id, revision) for case_id, revision in revisions.items()], by=act.actor)
    said = [choices.message(desk, what, found[one.row.id], one.detail) for one in good]
    told.owe_later(desk, [(message, act.now + UNDO) for message in said])
    for piece, message in zip(good, said, strict=True):
        piece.before["message"] = message.key
    if what == choices.SPLIT:
        for piece in good:
            memos.owe(desk, act, [piece.row], _memo(found[piece.row.id]))
            piece.before["memo"] = _memo(found[piece.row.id])
    if what in _ASKS:
        _hand_over(desk, act, made, what)


def _note_before(desk: Desk, pieces: Sequence[Piece]) -> None:
    """For whoever takes it back: how the lines leave now, and what was decided before."""
    ids = [piece.row.id for piece in pieces]
    lines, live = parting.stood(desk, ids), choices.live_cases(desk, ids)
    for piece in pieces:
        own, other = (live.get((piece.row.id, kind)) for kind in (choices.SHORT, choices.GIVEN_UP))
        piece.before |= {
            "lines": lines.get(piece.row.id, {}),
            "choice": own.choice if own else None, "given_up": other.choice if other else None,
        }  # fmt: skip


def _choice(what: str, act: Act, row: Row[Any], piece: Piece) -> dict[str, Any]:
    text_ = choices.sentence(what, row, piece.detail)
    goods = {name: piece.detail[name] for name in ("from", "to") if name in piece.detail}
    return {"what": what, "by": act.actor.name, "at": act.now.isoformat(), "here": row.here, "text": text_, **goods}


def _memo(row: Row[Any]) -> str:
    return f"拆单先发：先发 {row.here}；缺 {row.lacking}，到货补发"[:200]


def _write(desk: Desk, act: Act, made: Sequence[tuple[Piece, Mapping[str, Any]]], action: str) -> None:
    """A trail row for each, what follows of it for the order's locks, and what was decided where it is shown: the kind
    of the case → the choice."""
    detail = {"缺货": act.words} if act.words else {}
    orders.extend(desk, act.actor, [(piece.row, action, detail | act.of_batch) for piece, _ in made])
    watch.watch(desk, [piece.row.id for piece, _ in made])
    live = choices.live_cases(desk, [piece.row.id for piece, _ in made])
    kept = {
        own.id: choice for piece, decided in made for kind, choice in decided.items()
        if (own := live.get((piece.row.id, kind))) and own.choice != choice
    }  # fmt: skip
    revisions = choices.keep(desk, kept)
    owe.owe(desk, [owe.edit(case_id, revision) for case_id, revision in revisions.items()], by=act.actor)
    owe.order_edits(desk, [piece.row.id for piece, _ in made])


def _hand_over(desk: Desk, act: Act, made: Sequence[tuple[Piece, dict[str, Any]]], what: str) -> None:
    """Service gets the list with the sentences, once it is not taken back any more."""
    cases = choices.live_cases(desk, [piece.row.id for piece, _ in made])
    tags = defaultdict(list)
    for piece, choice in made:
        own = cases.get((piece.row.id, choices.shown_on(what)))
        code = f"（{short_code(own.id)}）" if own else ""
        tags[choice["text"]].append(f"{piece.row.tag}{code}")
    lines = [f"- {_listed(named)}\n  {sentence}" for sentence, named in tags.items()]
    head = f"**缺货{choices.TITLES[what]} {len(made)} 单**，{act.actor.name}定的，请逐单联系买家，话术可直接复制："
    words = "\n".join([head, *lines, _ASKS[what]])
    first = min(piece.row.id for piece, _ in made)
    key = f"short:{what}:{act.code}:{first}:{int(act.now.timestamp())}"
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
    made = [
        (piece, {choices.SHORT: piece.before.get("choice"), choices.GIVEN_UP: piece.before.get("given_up")})
        for piece in pieces
    ]
    parting.restore(desk, {piece.row.id: piece.before.get("lines", {}) for piece in pieces})
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
    verb_of(choices.SPLIT): _doing(choices.SPLIT, "有货的可以先审核发出，缺的到货后补发"),
    verb_of(choices.REFUND): _doing(choices.REFUND, "已锁定等退款，交客服联系买家"),
}
