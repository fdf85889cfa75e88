"""`轨迹`: who did what, when; newest last."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from bot.phrases import moment
from handlers.views import TrailView


def draw(view: TrailView, pen: Pen) -> Text:
    lines = [f"**{view.tag} 轨迹**（{view.total} 条）"]
    lines += [f"- {moment(row.at, pen.now)} {row.actor} {row.action} {row.detail}".rstrip() for row in view.entries]
    lines += [f"> {parcel}" for parcel in view.parcels]
    if view.total > len(view.entries):
        lines.append(f"还有 {view.total - len(view.entries)} 条，在看板上看全部")
    if not view.whole:
        lines.append("> 注意：这条轨迹被改动过，请告诉主管。")
    if view.note:
        lines.append(f"> {view.note}")
    return Text("\n".join(lines))
