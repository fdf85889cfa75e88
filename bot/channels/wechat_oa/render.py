"""What goes to a customer on the service account: a filled template, and texts without markdown."""

from __future__ import annotations

from bot.card import Card, Drawing, as_text
from bot.channels.sending import Body, Form
from bot.channels.wecom_app.render import plain


def template_body(form: Form, channel: str) -> Body:
    """`template_id`, `data` and the link. Raises SendError when there is no template, or a value of it is missing."""
    filled = form.on(channel)
    data = {key: {"value": value} for key, value in filled.values.items()}
    return {"template_id": filled.template, "data": data} | ({"url": form.link} if form.link else {})


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """A customer's chat shows texts only; a card becomes its lines."""
    text = as_text(drawing) if isinstance(drawing, Card) else drawing
    return {"msgtype": "text", "text": {"content": plain(text)}}
