"""`值班`: who has each role's matters now, and who works when."""

from __future__ import annotations

from bot.card import Text
from bot.pen import Pen
from bot.phrases import moment
from handlers.duty.view import DutyRole, DutyView


def draw(view: DutyView, _pen: Pen) -> Text:
    lines = [view.note, f"**值班 {moment(view.at, view.at)}**", *(_now(role) for role in view.roles)]
    lines.append("**排班**")
    lines += [f"- {role.title}：{line}" for role in view.roles for line in role.week]
    lines.append(f"> {view.night}" if view.night else "")
    return Text("\n".join(line for line in lines if line))


def _now(role: DutyRole) -> str:
    lead = f"（负责人 {role.lead}）" if role.lead else ""
    return f"- {role.title}{lead}：{'、'.join(role.now)}"
