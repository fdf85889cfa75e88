"""`看板`: how much lies where, what is late, how much money."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.pen import Pen
from bot.phrases import moment, span, worded, yuan
from handlers.views import BoardView, StageCount
from models.stages import TITLES


def draw(view: BoardView, pen: Pen) -> Card:
    count = sum(row.count for row in view.stages)
    stale = sum(row.stale for row in view.stages)
    paid = sum(row.paid_fen for row in view.stages)
    late = f"超时 {stale} 单" if stale else "没有超时"
    return Card(
        title=f"待处理 {count} 单，{late}",
        subject="board",
        revision=0,
        subtitle=f"{yuan(paid)} · {moment(view.at, view.at)} 更新",
        tone=Tone.WARN if stale or view.stopped_shops or view.unreadable else Tone.GOOD,
        quote="；".join(filter(None, (view.note, _stopped(view), _unreadable(view)))),
        fields=(
            *(Field(TITLES[row.stage], _stage(row, view)) for row in view.stages),
            Field("今天", f"新增 {view.new_today} 单，完成 {view.done_today} 单"),
        ),
        body=_cases(view),
        link=view.link or pen.base_url,
        link_title="打开看板" if view.link else "",
    )


def _stopped(view: BoardView) -> str:
    return f"已停止同步：{'、'.join(view.stopped_shops)}" if view.stopped_shops else ""


def _unreadable(view: BoardView) -> str:
    if not view.unreadable:
        return ""
    shops = "、".join(f"{name} {records} 条" for name, records in view.unreadable)
    return f"有 {sum(records for _, records in view.unreadable)} 条平台记录读不懂（{shops}），请联系管理员"


def _stage(row: StageCount, view: BoardView) -> str:
    words = [f"{row.count} 单"]
    if row.stale:
        words.append(f"超时 {row.stale}")
    if row.oldest_entered_at is not None:
        words.append(worded("最久", span(view.at - row.oldest_entered_at)))
    return "，".join(words)


def _cases(view: BoardView) -> str:
    return "异常：" + "，".join(f"{title} {count}" for title, count in view.cases) if view.cases else ""
