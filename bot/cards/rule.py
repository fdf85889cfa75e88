"""`规则 3`: one rule of the company's own, with its buttons."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen, drop_down
from bot.phrases import span
from handlers.rulebook.view import RuleView


def draw(view: RuleView, pen: Pen) -> Card:
    buttons, menu = pen.controls(view.offers)
    named = view.title if view.title == view.code else f"{view.code} {view.title}"
    does = f"动作：{view.does}" if view.does else ""
    fields = (
        Field("归谁", view.whose), Field("时限", view.limits), Field("近 7 天", view.hits if view.judges else ""),
        Field("有效期", view.period), Field("负责人", view.owner),
    )  # fmt: skip
    return Card(
        title=f"{named} [{view.over or view.state}]",
        subject=f"rule:{view.rule_id}",
        revision=view.revision,
        subtitle=_left(view),
        tone=Tone.GOOD if view.judges else Tone.PLAIN,
        quote=view.note,
        fields=tuple(field for field in fields if field.value),
        body="\n".join(line for line in (view.condition, does, view.said, *view.versions) if line),
        buttons=buttons,
        menu=menu,
        drop_down=drop_down(view.choice),
        done_text=view.over,
        link=pen.base_url,
        code=view.code,
    )


def _left(view: RuleView) -> str:
    """How long a draft still waits."""
    if view.over or view.expires_at is None:
        return ""
    return f"草稿，还有 {span(view.expires_at - view.at)}可以启用"
