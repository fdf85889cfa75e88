"""The one card of a case, from its opening to its end."""

from __future__ import annotations

from datetime import datetime

from bot.card import Card, Field, Tone
from bot.pen import Pen, drop_down
from bot.phrases import left, moment, stayed, yuan
from handlers.views import CaseView
from models.stages import OPEN, TITLES


def draw(view: CaseView, pen: Pen) -> Card:
    buttons, menu = pen.controls((), view.after) if view.settled else pen.controls(view.offers, view.more)
    return Card(
        title=_title(view),
        subject=f"case:{view.case_id}",
        revision=view.revision,
        source=pen.name,
        subtitle=" · ".join(part for part in (view.tag, view.shop) if part),
        tone=_tone(view),
        quote=view.told if view.settled else view.note,
        fields=_fields(view)[:5],
        body=_body(view),
        buttons=buttons,
        menu=menu,
        drop_down=None if view.settled else drop_down(view.choice),
        done_text=(view.note or "已处理") if view.settled else "",
        link=pen.page_of(view.order_id),
        code=view.code,
        calls=view.calls,
    )


def _title(view: CaseView) -> str:
    words = [view.title]
    if view.total > 1:
        words.append(f"{view.total} 单")
    if (ship_by_at := _ship_by(view)) is not None and not view.settled:
        words.append(left(ship_by_at, view.at))
    if view.paid_fen:
        words.append(yuan(view.paid_fen))
    return " · ".join(words)


def _ship_by(view: CaseView) -> datetime | None:
    """Until when something is still to be shipped; of many orders the view names the open ones' deadline."""
    return view.ship_by_at if view.stage is None or view.stage in OPEN else None


def _held(view: CaseView) -> str:
    if view.stage_entered_at is None:
        return ""
    return stayed(view.stage_entered_at, view.at) if view.stage in OPEN else moment(view.stage_entered_at, view.at)


def _tone(view: CaseView) -> Tone:
    if view.settled:
        return Tone.GOOD
    return Tone.WARN if view.severity == "P1" else Tone.PLAIN


def _fields(view: CaseView) -> tuple[Field, ...]:
    found = []
    if view.stage is not None:
        found.append(Field("环节", f"{TITLES[view.stage]} {_held(view)}".strip()))
    if (ship_by_at := _ship_by(view)) is not None:
        found.append(Field("发货期限", f"{moment(ship_by_at, view.at)}，{left(ship_by_at, view.at)}"))
    found.append(_owner(view))
    if view.goods:
        found.append(Field("商品", view.goods))
    if view.receiver:
        found.append(Field("收件", view.receiver))
    return tuple(found)


def _owner(view: CaseView) -> Field:
    if not view.owner:
        return Field("负责", view.role if view.settled else f"{view.role}（待认领）")
    until = f"，{moment(view.claimed_until, view.at)} 前" if view.claimed_until and not view.settled else ""
    return Field("负责", view.owner + until, view.owner_userids)


def _body(view: CaseView) -> str:
    lines = [view.reason, *view.lines]
    if view.lines and view.total > len(view.lines):
        lines.append(f"…共 {view.total} 单")
    return "\n".join(line for line in lines if line)
