"""换同款, once the buyer has answered: other goods leave for what is short. The platform's line stays what was sold;
the shelf, the warehouse and the order's card see the goods that leave."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn

from sqlalchemy import text

from handlers import owe, stock, watch
from handlers.batches import memos, orders
from handlers.batches.doing import Act, Doing, Piece
from handlers.batches.remember import remember
from handlers.caselife.changing import Matter, check_mine, note, take_up
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.permissions import Permit
from handlers.shortage import choices
from models import Role

ANSWER: Final = Permit("记下买家对换货的答复", frozenset({Role.SERVICE, Role.PURCHASING}))
SWAPPED: Final = "swap_goods"

# The shelf's row first: of two for the last pieces the second sees what the first has taken.
_SHELF: Final = text("SELECT sku FROM stock WHERE sku = :sku FOR NO KEY UPDATE")
_LINES: Final = text("""
    SELECT line_key, sku, title, spec, quantity, swapped_from FROM order_lines
    WHERE order_id = :id AND sku = :sku AND NOT shipped AND refund <> 'refunded' AND parting IN ('', 'later')
    ORDER BY position
""")
_WRITE: Final = text("""
    UPDATE order_lines l SET sku = x.sku, title = x.title, spec = x.spec, swapped_from = x.swapped_from
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS x(line_key text, sku text, title text, spec text,
        swapped_from text)
    WHERE l.order_id = :id AND l.line_key = x.line_key AND l.sku = :stood
""")


def answer(desk: Desk, case_id: int, actor: Actor, *, agreed: bool) -> str:
    """What the buyer said to the exchange that was proposed to them. Returns what was done. Raises Refusal, Late."""
    matter = take_up(desk, case_id, ANSWER, actor)
    choice = matter.case.evidence.get("choice") or {}
    if choice.get("what") != choices.SWAP or matter.order is None:
        raise Late("这一单现在没有等买家答复的换货")
    check_mine(matter, actor)
    return _agreed(desk, matter, actor, choice) if agreed else _declined(desk, matter, actor, choice)


def _declined(desk: Desk, matter: Matter, actor: Actor, choice: Mapping[str, Any]) -> str:
    assert matter.order is not None  # answer has looked
    _keep(desk, matter.case.id, None)
    note(desk, matter, actor, action="买家不同意换货", detail={matter.title: f"不换成 {choice['to']}"})
    owe.order_edits(desk, [matter.order.id])
    return f"{actor.name}：买家不同意换，请改为等货、拆单先发或退款"


def _agreed(desk: Desk, matter: Matter, actor: Actor, choice: Mapping[str, Any]) -> str:
    order = matter.order
    assert order is not None
    lines = [row._asdict() for row in desk.session.execute(_LINES, {"id": order.id, "sku": choice["from"]})]
    if not lines:
        raise Late(f"{order.tag} 里已经没有要换的商品")
    other = _there(desk, choice["to"], sum(line["quantity"] for line in lines))
    made = [{**line, "sku": other.sku, "title": other.title or line["title"], "spec": other.spec,
             "swapped_from": _sold(line, other.sku)} for line in lines]  # fmt: skip
    _write(desk, order.id, choice["from"], made)
    _keep(desk, matter.case.id, None)  # where other goods are short it lives on, and waits for no answer
    said = f"{choice['from']} → {other.name}（{other.sku}），买家已同意"
    note(desk, matter, actor, action="换同款", detail={matter.title: said})
    stock.freed(desk, [order.id])
    row = orders.read(desk, [order.id])[order.id]
    line = f"换同款：{said}"
    memos.owe(desk, Act(actor, desk.now), [row], line)
    watch.watch(desk, [order.id])
    owe.order_edits(desk, [order.id])
    remember(desk, actor, SWAPPED, order.id, revision=orders.revisions(desk, [order.id])[order.id], to=other.sku,
             lines=lines, choice=dict(choice), memo=line, words=said)  # fmt: skip
    return f"{actor.name}：买家同意，已换成 {other.name}（{other.sku}）{_difference(desk, lines, other)}"


def _there(desk: Desk, sku: str, pieces: int) -> choices.Named:
    """Goods of which so many are there for nobody yet, kept so until the end of the transaction. Raises Refusal."""
    desk.session.execute(_SHELF, {"sku": sku})
    other = choices.named(desk, sku)
    if other.free < pieces:
        left = f"{other.name}（{sku}）只剩 {max(other.free, 0)} 件，要 {pieces} 件"
        raise Refusal(f"{left}，不够换；请换别的，或改为等货")
    return other


def _sold(line: Mapping[str, Any], to: str) -> str:
    """What the platform sold; "" where it is that again."""
    sold = line["swapped_from"] or line["sku"]
    return "" if sold == to else str(sold)


def _write(desk: Desk, order_id: int, stood: str, lines: Sequence[Mapping[str, Any]]) -> None:
    rows = json.dumps(list(lines), ensure_ascii=False)
    desk.session.execute(_WRITE, {"id": order_id, "stood": stood, "rows": rows})


def _difference(desk: Desk, lines: Sequence[Mapping[str, Any]], other: choices.Named) -> str:
    said = difference(choices.named(desk, lines[0]["sku"]), other)
    return f"。{said}" if said else ""


def difference(old: choices.Named, new: choices.Named) -> str:
    """What the goods cost more or less apiece, as their newest orders had it; "" for nothing."""
    if old.price_fen is None or new.price_fen is None or old.price_fen == new.price_fen:
        return ""
    more = new.price_fen - old.price_fen
    way = "要补差价请和买家说好" if more > 0 else "要退差价请和买家说好"
    return f"每件差价 {more / 100:+.2f} 元（按最近一单的标价），{way}"


def _keep(desk: Desk, case_id: int, choice: Mapping[str, Any] | None) -> None:
    revisions = choices.keep(desk, {case_id: choice})
    owe.owe(desk, [owe.edit(one, revision) for one, revision in revisions.items()])


def _take_back(desk: Desk, act: Act, pieces: Sequence[Piece]) -> None:
    """撤销, within the minute: the goods are what they were, and the buyer's answer is waited for again."""
    for piece in pieces:
        _write(desk, piece.row.id, piece.before["to"], piece.before["lines"])
        memos.unsay(desk, [piece.row.id], piece.before["memo"])
        orders.extend(desk, act.actor, [(piece.row, "撤销换同款", {"换回": piece.before["choice"]["from"]})])
        watch.watch(desk, [piece.row.id])
        live = choices.live_cases(desk, [piece.row.id])
        if own := live.get((piece.row.id, choices.SHORT)):
            _keep(desk, own.id, piece.before["choice"])


def _never(*_args: object) -> NoReturn:
    raise Refusal("换货要逐单等买家答复，不能批量")


TAKE_BACK: Final = Doing(
    "换同款", Permit("撤销换同款"), None, lambda _row, _act: "", _never, _take_back, lambda _act: "已换货"
)  # fmt: skip
"""Only ever taken back: each buyer answers alone, and that is remembered like a batch of one."""
