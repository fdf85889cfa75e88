"""Campaigns: for their length orders may stay longer, groups gather longer, and what is not urgent comes in digests.
They begin and end by themselves, and their end says once what happened."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text

from handlers import owe, trail
from handlers.desk import SYSTEM, Actor, Desk, Refusal
from handlers.duty.periods import Period
from handlers.permissions import Permit
from handlers.tuning import limits
from handlers.tuning.tuned import Campaign, campaigns, forget
from handlers.wording import moment
from models import Role, Urgency

SET: Final = Permit("大促", frozenset({Role.SUPERVISOR}))
FACTOR: Final = 2
FACTORS: Final = (2, 10)
LONGEST: Final = timedelta(days=15)

_LOCK: Final = text("LOCK TABLE promos IN SHARE ROW EXCLUSIVE MODE")
_ADD: Final = text("""
    INSERT INTO promos (starts_at, ends_at, factor, made_at, made_by) VALUES (:start, :end, :factor, :now, :by)
    RETURNING id
""")
# Of several clocks one ends it: by naming that nobody has.
_END: Final = text("UPDATE promos SET ended_at = :now WHERE id = :id AND ended_at IS NULL RETURNING starts_at")
_COUNTS: Final = text("""
    SELECT
        (SELECT count(*) FROM orders WHERE created_at >= :start AND created_at < :end) AS new,
        (SELECT count(*) FROM orders WHERE stage = 'done' AND coalesce(shipped_at, stage_entered_at) >= :start
            AND coalesce(shipped_at, stage_entered_at) < :end) AS shipped,
        (SELECT count(*) FROM orders WHERE stage = 'done' AND ship_by_at < coalesce(shipped_at, stage_entered_at)
            AND coalesce(shipped_at, stage_entered_at) >= :start
            AND coalesce(shipped_at, stage_entered_at) < :end) AS late,
        (SELECT count(*) FROM orders WHERE stage IN ('pending_review', 'pending_pick', 'pending_ship')) AS open,
        (SELECT count(*) FROM cases WHERE opened_at >= :start AND opened_at < :end) AS opened,
        (SELECT count(*) FROM cases WHERE solved_at >= :start AND solved_at < :end) AS solved
""")


def plan(desk: Desk, actor: Actor, period: Period, factor: int) -> Campaign:
    """Raises Refusal for one that is over, runs backwards, is too long, or where there is one already."""
    (least, most), starts_at, ends_at = FACTORS, period.starts_at, period.ends_at
    if not least <= factor <= most:
        raise Refusal(f"倍数请写 {least} 到 {most}，例如：×3")
    if ends_at <= starts_at:
        raise Refusal("结束在开始前面了，请写：大促 11-11 00:00 至 11-12 02:00")
    if ends_at <= desk.now:
        raise Refusal("这段时间已经过去了，请写以后的时间")
    if ends_at - starts_at > LONGEST:
        raise Refusal(f"大促最长 {LONGEST.days} 天，请核对日期")
    desk.session.execute(_LOCK)
    forget(desk)
    for one in campaigns(desk):
        raise Refusal(f"已经有大促：{shown(one)}，要改请先发：大促 关")
    values = {"start": starts_at, "end": ends_at, "factor": factor, "now": desk.now, "by": actor.name}
    made = Campaign(desk.session.execute(_ADD, values).scalar_one(), starts_at, ends_at, factor)
    forget(desk)
    trail.write(desk, f"promo:{made.id}", actor, action="大促", detail={"时间": shown(made)})
    return made


def stop(desk: Desk, actor: Actor) -> Campaign:
    """Over now, or never begun. Raises Refusal."""
    forget(desk)
    for one in campaigns(desk):
        if _end(desk, one, actor, desk.now):
            return one
    raise Refusal("现在没有大促，也没有安排好的大促")


def look(desk: Desk) -> None:
    """What is over ends by itself."""
    for one in campaigns(desk):
        if one.ends_at <= desk.now:
            _end(desk, one, SYSTEM, one.ends_at)


def line(desk: Desk) -> str:
    """For the board and 值班: what runs, or comes within a day; "" for nothing."""
    for one in campaigns(desk):
        if one.starts_at <= desk.now < one.ends_at:
            return f"大促中，到 {moment(one.ends_at)}，停留时限 ×{one.factor}，不急的事汇总提醒"
        if desk.now < one.starts_at <= desk.now + timedelta(days=1):
            return f"大促 {moment(one.starts_at)} 开始"
    return ""


def shown(one: Campaign) -> str:
    return f"{moment(one.starts_at)} 至 {moment(one.ends_at)}，停留时限 ×{one.factor}"


def _end(desk: Desk, one: Campaign, actor: Actor, at: datetime) -> bool:
    """Whether this very call ended it."""
    if desk.session.execute(_END, {"now": desk.now, "id": one.id}).first() is None:
        return False
    forget(desk)
    limits.look_sooner(desk)
    trail.write(desk, f"promo:{one.id}", actor, action="大促结束", detail={"时间": shown(one)})
    if one.starts_at < at:
        body = {"text": words(desk, one, at)}
        owe.owe(desk, [owe.Owed(f"promo:{one.id}:over", "group", "text", f"promo:{one.id}", "", body, Urgency.CARD)])
    return True


def words(desk: Desk, one: Campaign, at: datetime) -> str:
    """What happened from its beginning until `at`."""
    found: Any = desk.session.execute(_COUNTS, {"start": one.starts_at, "end": at}).one()
    late = f"，其中 {found.late} 单晚于平台期限" if found.late else "，没有晚发"
    return "\n".join(
        [
            "**大促结束，恢复平时的时限和提醒**",
            f"{moment(one.starts_at)} 至 {moment(at)}：新增 {found.new} 单，发出 {found.shipped} 单{late}",
            f"异常新开 {found.opened} 件，解决 {found.solved} 件",
            f"现在还有 {found.open} 单没发，发「积压」看分布",
        ]
    )
