"""`帮助`: the commands that the asker may give."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from handlers.views import HelpView


def draw(view: HelpView, _pen: Pen) -> Text:
    lines = [f"**{view.name}（{view.roles}），您可以说：**"]
    lines += [f"- `{usage}` {does}" for usage, does in view.commands]
    return Text("\n".join(lines))
