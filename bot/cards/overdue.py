"""`超时`: the worst first, each with its tag and short codes."""

from __future__ import annotations

from datetime import datetime

from bot.card import Text
from bot.pen import Pen
from bot.phrases import left, rough_span, stayed, worded, yuan
from handlers.reports.view import LateCase, OverdueView, Tier, Waiting
from models.stages import TITLES


def draw(view: OverdueView, _pen: Pen) -> Text:
    lines = [f"**{_title(view)}**"]
    lines += [_tiers(view)] if any(tier.orders for tier in view.tiers) or view.stale else []
    lines += [f"- {order_line(row, view.at)}" for row in view.rows]
    if view.total > len(view.rows):
        lines.append(f"还有 {view.total - len(view.rows)} 单没有列出")
    if view.cases:
        lines.append(f"**没有按时处理的异常 {view.case_total} 件**")
    lines += [_case(case, view.at) for case in view.cases]
    if view.case_total > len(view.cases):
        lines.append(f"还有 {view.case_total - len(view.cases)} 件没有列出")
    lines.append(f"> {view.note or _next(view)}")
    return Text("\n".join(lines))


def _title(view: OverdueView) -> str:
    of = f"{view.title} " if view.title else ""
    if not view.total:
        return f"{of}没有超时的单"
    over = view.tiers[0]
    worst = f"，{over.orders} 单已过发货期限（{yuan(over.paid_fen)}）" if over.orders else ""
    return f"{of}超时或临期 {view.total} 单{worst}"


def _tiers(view: OverdueView) -> str:
    words = [_tier(tier) for tier in view.tiers if tier.orders]
    words += [f"环节停留超时 {view.stale} 单"] if view.stale else []
    return "；".join(words)


def _tier(tier: Tier) -> str:
    return f"{tier.title} {tier.orders} 单 {yuan(tier.paid_fen)}"


def order_line(row: Waiting, at: datetime) -> str:
    """JD-20251222-001 待发货，已超 2 小时，已停留 5 小时（超时），小李 A7F2"""
    words = [f"{row.tag} {TITLES[row.stage]}"]
    if row.ship_by_at is not None:
        words.append(left(row.ship_by_at, at))
    words.append(stayed(row.stage_entered_at, at) + ("（超时）" if row.stale else ""))
    if row.owner:
        words.append(row.owner)
    return f"{'，'.join(words)} {' '.join(row.codes)}".rstrip()


def _case(case: LateCase, at: datetime) -> str:
    """Who promised is late; who was to take it has not."""
    late = worded("已超" if case.claimed else "该认领已过", rough_span(at - case.due_at))
    who = case.owner if case.claimed else f"{case.owner}待认领"
    return f"- `{case.code}` {case.title} {case.tag}".rstrip() + f"，{who}，{late}"


def _next(view: OverdueView) -> str:
    if view.rows:
        return "回复编号看订单和按钮"
    return f"回复“{view.cases[0].code}”看详情" if view.cases else "继续保持"
