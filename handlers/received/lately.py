"""What was handed in lately, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, true

from handlers import login
from handlers.desk import Actor, Desk
from handlers.received import received, undo
from handlers.received import report as received_report
from handlers.wording import moment
from models import Received, Shop, Staff
from models.received import State

_STANDS: Final = {
    State.FETCHING: "正在取文件", State.UNREAD: "正在读取", State.CHOOSING: "等着说是哪个店",
    State.MAPPING: "等着说明表头", State.PREVIEW: "等着确认", State.READY: "正在导入", State.UNDONE: "已撤销",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    file_id: int
    name: str
    shop: str
    by: str
    at: datetime
    stands: str
    failed: bool


def latest(desk: Desk, *, most: int = 30, by: int | None = None) -> list[Line]:
    """Of all people or of one, the newest first."""
    found = (
        select(Received, Shop.name, Staff.name)
        .outerjoin(Shop, Shop.id == Received.shop_id)
        .outerjoin(Staff, Staff.id == Received.received_by)
        .where(Received.received_by == by if by is not None else true(), Received.kind != received.PICTURE)
        .order_by(Received.id.desc())
        .limit(most)
    )
    return [
        Line(
            file.id, file.name or "文件", shop or "", by or "同事", file.received_at, stands(file),
            file.state == State.REFUSED,
        )
        for file, shop, by in desk.session.execute(found)
    ]  # fmt: skip


def stands(file: Received) -> str:
    """How the file stands, in a few words."""
    report = file.report or {}
    if file.state == State.DONE:
        return received_report.counted(report)
    if file.state == State.UNDONE:
        return undo.said(report)
    return f"没有导入：{report.get('why', '')}" if file.state == State.REFUSED else _STANDS[State(file.state)]


def words(desk: Desk, actor: Actor) -> str:
    """The answer to 导入 alone; with a link of the asker's own, so only for a chat of one's own."""
    lines = [f"- {moment(line.at)} {line.name}（{line.by}）：{line.stands}" for line in latest(desk, most=5)]
    received.shops_or_refuse(desk)
    how = (
        "把表格（xlsx、xls、csv）直接发给机器人就会导入；淘宝、京东、拼多多后台导出的订单表不用改。"
        f"\n也可以[在看板上导入]({login.link(desk, actor)}&to=import)，有空白模板可以下载。"
    )
    return "\n".join([how, *(["最近导入："] if lines else []), *lines])
