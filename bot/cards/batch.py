"""`审核 全部`: one question with count and money, how far it is, what became of it, and the way back for a minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.card import Boxes, Button, Card, Tone
from bot.pen import Pen
from bot.phrases import cut, left, moment, stayed, yuan
from handlers.batches.view import BatchRow, BatchView

_LONGEST_GOODS: Final = 24


def draw(view: BatchView, pen: Pen) -> Card:
    over = view.state in ("expired", "cancelled", "undone")
    buttons, menu = ((), ()) if over else pen.controls(view.offers)
    card = Card(
        title=_title(view),
        subject=f"batch:{view.batch_id}",
        revision=view.revision,
        subtitle=_subtitle(view),
        tone=_tone(view),
        quote=_quote(view),
        body="\n".join(_body(view)),
        buttons=buttons,
        menu=menu,
        done_text=_done_text(view),
        link=pen.base_url,
        code=view.code,
    )
    return _with_boxes(card, view, buttons)


def _with_boxes(card: Card, view: BatchView, buttons: tuple[Button, ...]) -> Card:
    """Few orders can be ticked one by one."""
    if view.ticks is None or not buttons:
        return card
    boxes = Boxes(view.ticks.key, view.ticks.options, view.ticks.many, view.ticks.ticked)
    return replace(card, boxes=boxes, submit=buttons[0], typed=f"也可以回复：{view.code} 确认 / {view.code} 取消")


def _title(view: BatchView) -> str:
    match view.state:
        case "asked":
            return f"{view.title} {view.waiting} 单，{yuan(view.fen)}？"
        case "running":
            return f"{view.title}：处理中 {view.total - view.waiting}/{view.total}"
        case "done":
            return f"{view.title}：办成 {view.done} 单" + _rest(view, "没有办成")
        case "undoing":
            return f"撤销{view.title}：处理中，还有 {view.done} 单"
        case "undone":
            return f"{view.title}已撤销 {view.undone} 单" + _rest(view, "没有动")
        case _:
            return f"{view.title} {view.total} 单：{'已取消' if view.state == 'cancelled' else '已过期'}"


def _rest(view: BatchView, words: str) -> str:
    others = len(view.named) + view.unnamed
    return f"，{others} 单{words}" if others else ""


def _subtitle(view: BatchView) -> str:
    parts = [view.scope, view.words]
    if view.state == "asked" and view.oldest and view.oldest_at is not None:
        parts.append(f"最久 {view.oldest} {stayed(view.oldest_at, view.at)}")
    if view.state == "done" and view.undo_until is not None and view.undo_until >= view.at:
        parts.append(f"{moment(view.undo_until, view.at)} 前可撤销")
    return " · ".join(part for part in parts if part)


def _tone(view: BatchView) -> Tone:
    if view.doubts and view.state == "asked":
        return Tone.WARN
    return Tone.GOOD if view.state == "done" and not view.named else Tone.PLAIN


def _quote(view: BatchView) -> str:
    doubts = [f"请核对：{doubt}" for doubt in view.doubts] if view.state == "asked" else []
    parts = (view.note, *doubts, *([] if doubts else _sample(view)))
    return "\n".join(part for part in parts if part)


def _sample(view: BatchView) -> list[str]:
    """What buyers will read, whole: where something must be looked at first it stands below that, not beside it."""
    return [view.sample] if view.sample and view.state == "asked" else []


def _body(view: BatchView) -> list[str]:
    if view.state != "asked":
        lines = [f"{tag}：{why}" for tag, why in view.named]
        return [*lines, *([f"…还有 {view.unnamed} 单"] if view.unnamed else [])]
    return [*(_sample(view) if view.doubts else []), *_left_out(view), *_orders(view)]


def _left_out(view: BatchView) -> list[str]:
    """In one line, and before the orders themselves: a phone shows the beginning."""
    if not view.left:
        return []
    kinds = [f"{one.why} {one.orders} 单（{one.tags[0]}{' 等' if one.orders > 1 else ''}）" for one in view.left]
    return [f"不含 {sum(one.orders for one in view.left)} 单：{'、'.join(kinds)}"]


def _orders(view: BatchView) -> list[str]:
    """A line each; they are read even where they can be ticked, for a box has room for a number alone."""
    if not view.rows:
        return []
    more = [f"…还有 {view.waiting - len(view.rows)} 单"] if view.waiting > len(view.rows) else []
    return [*(_row(row, view.at) for row in view.rows), *more]


def _row(row: BatchRow, now: datetime) -> str:
    due = left(row.ship_by_at, now) if row.ship_by_at is not None else ""
    parts = (row.tag, cut(row.goods, _LONGEST_GOODS), yuan(row.paid_fen) if row.paid_fen else "", due)
    return " ".join(part for part in parts if part)


def _done_text(view: BatchView) -> str:
    match view.state:
        case "expired":
            return "10 分钟没有确认，什么都没有动"
        case "cancelled":
            return f"{view.who}已取消，什么都没有动"
        case "undone":
            return f"{view.who}已撤销"
        case _:
            return ""
