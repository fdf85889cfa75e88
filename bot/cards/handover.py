"""`交接`: what one person gives to another, until it is accepted or refused."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen
from bot.phrases import left, moment
from handlers.duty.view import HandoverView


def draw(view: HandoverView, pen: Pen) -> Card:
    buttons, menu = pen.controls(view.offers)
    until = "" if view.state else f"{moment(view.expires_at, view.at)} 前接收，{left(view.expires_at, view.at)}"
    if view.asks:
        until = f"{moment(view.expires_at, view.at)} 下班，手上还有 {view.total} 件，要交接吗？"
    return Card(
        title=f"交接 {view.total} 件：{view.giver} → {view.taker}",
        subject=f"handover:{view.handover_id}",
        revision=view.revision,
        subtitle=until,
        tone=Tone.GOOD if view.state else Tone.WARN,
        quote=view.note if view.note != view.state else "",
        fields=_fields(view),
        body=_items(view),
        buttons=buttons,
        menu=menu,
        done_text=view.state,
        link=pen.base_url,
        code=view.code,
    )


def _fields(view: HandoverView) -> tuple[Field, ...]:
    left = (Field("不含", f"{view.kept} 件，岗位不符，仍归{view.giver}"),) if view.kept else ()
    return (Field("交出", view.giver), Field("接收", view.taker), *left)


def _items(view: HandoverView) -> str:
    lines = list(view.lines)
    if view.total > len(view.lines):
        lines.append(f"…共 {view.total} 件")
    if view.asks:
        lines.append(f"按了以后{view.taker}接收才算；也可以回复：{view.code} 交接 / {view.code} 不交接")
    elif not view.state:
        said = f"{view.code} 接收 / {view.code} 拒绝 原因 / {view.code} 撤回"
        lines.append(f"接收前仍归{view.giver}；也可以回复：{said}")
    return "\n".join(lines)
