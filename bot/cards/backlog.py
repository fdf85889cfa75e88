"""`积压`: how much lies in each stage, of each shop, and the oldest."""

from __future__ import annotations

from typing import Final

from bot.card import Text
from bot.cards.overdue import order_line
from bot.pen import Pen
from bot.phrases import span, worded, yuan
from handlers.reports.view import BacklogView, Load

_SHOPS: Final = 8


def draw(view: BacklogView, _pen: Pen) -> Text:
    lines = [f"**{_title(view)}**"]
    lines += [f"- {load.title}：{_load(load, view)}" for load in view.stages] if len(view.stages) > 1 else []
    lines += _shops(view)
    if view.oldest:
        lines.append("**放得最久的**")
    lines += [f"- {order_line(row, view.at)}" for row in view.oldest]
    lines.append(f"> {view.note or ('回复编号看订单和按钮' if view.oldest else '没有积压，继续保持')}")
    return Text("\n".join(lines))


def _title(view: BacklogView) -> str:
    of = f"{view.title} " if view.title else ""
    if not view.orders:
        return f"{of}没有积压"
    stale = sum(load.stale for load in view.stages)
    oldest = min(load.oldest_at for load in view.stages if load.oldest_at is not None)
    money = yuan(sum(load.paid_fen for load in view.stages))
    late = f"超时 {stale} 单" if stale else "没有超时"
    return f"{of}积压 {view.orders} 单，{money}，{late}，{worded('最久', span(view.at - oldest))}"


def _load(load: Load, view: BacklogView) -> str:
    words = [f"{load.orders} 单"]
    if load.orders:
        words.append(yuan(load.paid_fen))
    if load.stale:
        words.append(f"超时 {load.stale}")
    if load.oldest_at is not None:
        words.append(worded("最久", span(view.at - load.oldest_at)))
    return "，".join(words)


def _shops(view: BacklogView) -> list[str]:
    """Where there are several."""
    if len(view.shops) < 2:
        return []
    lines = [f"- {load.title}：{_load(load, view)}" for load in view.shops[:_SHOPS]]
    rest = view.shops[_SHOPS:]
    lines += [f"还有 {len(rest)} 家店，共 {sum(load.orders for load in rest)} 单"] if rest else []
    return ["**店铺**", *lines]
