"""`请假`: one absence, and where the person's matters are meanwhile."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen
from handlers.duty.view import AbsenceView


def draw(view: AbsenceView, pen: Pen) -> Card:
    buttons, menu = pen.controls(view.offers)
    return Card(
        title=f"{view.name}请假 {view.period}",
        subject=f"absence:{view.absence_id}",
        revision=view.revision,
        tone=Tone.GOOD if view.state else Tone.PLAIN,
        quote=view.note,
        fields=tuple(
            field for field in (Field("原因", view.reason), Field("交给", view.deputy or "放回待认领")) if field.value
        ),
        body=_moved(view),
        buttons=buttons,
        menu=menu,
        done_text=view.state,
        link=pen.base_url,
        code=view.code,
    )


def _moved(view: AbsenceView) -> str:
    if view.total:
        more = f"\n…共 {view.total} 件" if view.total > len(view.lines) else ""
        return "转出的事：\n" + "\n".join(view.lines) + more
    if view.begun or view.state:
        return "手上没有要转出的事"
    return f"请假开始时，手上的事会自动转出；期间不派事、不打扰。撤销请回复：{view.code} 销假"
