"""Receiver data in clear: a private text, never a card (cards are stored and seen by others)."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from handlers.views import RevealView


def draw(view: RevealView, _pen: Pen) -> Text:
    lines = [f"**{view.tag} 收件信息**"]
    lines += [line for line in (view.name, view.phone, view.address) if line]
    if view.unknown:
        lines.append(f"> {view.unknown}")
    lines.append("本次查看已记录，请勿转发。")
    return Text("\n".join(lines), private=True)
