"""ERPs that are read no more, or not to the end: one matter each for the supervisors, told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from handlers import opening, trail, upstream
from handlers.desk import SYSTEM, Desk, Job
from handlers.matter import Opening
from models import Role

SILENCE: Final = timedelta(minutes=30)
_DEAD: Final = timedelta(hours=1)  # for which nobody read it, nor said why
_LIVE: Final = text("""
    SELECT id, reason FROM cases WHERE kind = 'erp_stopped' AND group_key = :key AND order_id IS NULL
        AND state IN ('open', 'claimed')
""")
_ROW: Final = text("SELECT problem, read_at FROM erps WHERE slug = :slug")
_RESUME: Final = text("""
    UPDATE erps SET state = 'working', problem = '', wait_until = NULL WHERE slug = :slug RETURNING slug
""")


def stopped(desk: Desk, slug: str) -> None:
    """It is read no more until a person acts."""
    row = desk.session.execute(_ROW, {"slug": slug}).one()
    _tell(desk, slug, f"{_name(desk, slug)}已停止读取：{row.problem or '原因不明'}")


def unread(desk: Desk, slug: str) -> None:
    """It could not be read to the end. It is tried again by itself; where that lasts, people must know."""
    row = desk.session.execute(_ROW, {"slug": slug}).one_or_none()
    if row is None or desk.now - row.read_at < SILENCE or _live(desk, slug):
        return
    minutes = int((desk.now - row.read_at).total_seconds() // 60)
    why = row.problem or "没有应答"
    _tell(desk, slug, f"{_name(desk, slug)}已 {minutes} 分钟读不到：{why}。库存和发货状态可能不准，会继续自动重试")


def unheard(desk: Desk, slug: str, every: timedelta) -> None:
    """Whether anybody reads it at all: what `unread` says is said by whoever reads."""
    row = desk.session.execute(_ROW, {"slug": slug}).one_or_none()
    if row is None or desk.now - row.read_at < max(_DEAD, 3 * every) or _live(desk, slug):
        return
    if not upstream.was_up(desk):
        return
    hours = int((desk.now - row.read_at).total_seconds() // 3600)
    _tell(desk, slug, f"{_name(desk, slug)}已 {hours} 小时没有读到：库存和发货状态可能不准，请检查后台任务和 ERP 接口")


def resumed(desk: Desk, slug: str) -> None:
    """It is read again: the matter is over."""
    for row in opening.close_many(desk, [(case_id, "已恢复读取") for case_id in _live(desk, slug)]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={"ERP 停止读取": "已恢复读取"})


def resume(desk: Desk, slug: str) -> bool:
    """A person says that the cause is gone: read it again. False when there is no such ERP."""
    if desk.session.execute(_RESUME, {"slug": slug}).first() is None:
        return False
    trail.write(desk, f"erp:{slug}", SYSTEM, action="恢复读取", detail={"ERP": slug})
    desk.ask_later(Job.READ_ERP, slug)
    return True


def _tell(desk: Desk, slug: str, reason: str) -> None:
    opening.change_many(desk, [(case_id, reason, {}) for case_id, said in _live(desk, slug).items() if said != reason])
    made = Opening("erp_stopped", reason, Role.SUPERVISOR, group_key=f"erp:{slug}")
    for row in opening.open_many(desk, [made]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail={"ERP 停止读取": reason})


def _live(desk: Desk, slug: str) -> dict[int, str]:
    return {row.id: row.reason for row in desk.session.execute(_LIVE, {"key": f"erp:{slug}"})}


def _name(desk: Desk, slug: str) -> str:
    return next((erp.name for erp in desk.settings.erp if erp.slug == slug), slug)
