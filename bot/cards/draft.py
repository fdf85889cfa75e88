"""`新单`: what is understood so far, what is asked, what must be looked at."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen
from bot.phrases import left, yuan
from handlers.drafts.view import DraftView


def draw(view: DraftView, pen: Pen) -> Card:
    buttons, menu = ((), ()) if view.state else pen.controls(view.offers)
    return Card(
        title=_title(view),
        subject=f"draft:{view.draft_id}",
        revision=view.revision,
        subtitle=_subtitle(view),
        tone=Tone.GOOD if view.tag else Tone.WARN if view.doubts else Tone.PLAIN,
        quote="\n".join(part for part in (view.note, *view.doubts) if part),
        fields=_fields(view)[:5],
        body=_body(view),
        buttons=buttons,
        menu=menu,
        done_text=view.state,
        link=pen.base_url,
        private=view.private,
    )


def _title(view: DraftView) -> str:
    what = f"{view.kind or '新'}单"
    if view.tag:
        return f"{what} {view.tag}"
    if view.state:
        return f"{what}{view.state}"
    return f"{what}：还差一项" if view.question else f"{what}：请核对后确认"


def _subtitle(view: DraftView) -> str:
    money = yuan(view.paid_fen) if view.paid_fen is not None else ""
    until = "" if view.state else left(view.expires_at, view.at)
    return " · ".join(part for part in (view.shop, money, until) if part)


def _fields(view: DraftView) -> tuple[Field, ...]:
    found = (
        Field("收件人", view.name),
        Field("电话", view.phone),
        Field("地区", view.region),
        Field("原单", view.original),
    )
    return tuple(field for field in found if field.value)


def _body(view: DraftView) -> str:
    """The question first: a phone shows the beginning. Goods stand here, for a field would cut off how many."""
    lines = [view.question]
    lines += [f"地址：{view.address}"] if view.address else []
    lines += [f"商品：{line}" for line in view.lines]
    lines += [f"备注：{view.remark}"] if view.remark else []
    lines += ["也可以回复：确认 / 改 / 取消"] if not (view.state or view.question) else []
    return "\n".join(line for line in lines if line)
