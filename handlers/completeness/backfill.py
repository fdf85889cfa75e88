"""补拉: a period is read again. It is asked for here, done by ingest/backfill.py, and the asker hears of its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import owe, trail
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.wording import day_of, moment
from models import Backfill
from models.beijing import BEIJING, day_start
from models.reach import reach_of

SHOWN: Final = 5
_CLOSE: Final = timedelta(minutes=10)  # of two that reach up to now, the earlier one's end: the pull reads the rest
_ROW: Final = """
    SELECT b.*, s.name, s.slug, s.id AS shop FROM backfills b JOIN shops s ON s.id = b.shop_id
"""
_ONE: Final = text(f"{_ROW} WHERE b.id = :id")
_SAME: Final = text(f"""
    {_ROW} WHERE b.shop_id = :shop AND b.state = 'running' AND b.start_at <= :start AND b.end_at >= :end LIMIT 1
""")
# Two people who ask at the same moment: the second waits, and finds the first one's.
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(4070006, :shop)")
_LATEST: Final = text(f"{_ROW} ORDER BY b.state = 'running' DESC, b.id DESC LIMIT :n")
_RUNNING: Final = text("""
    SELECT b.id FROM backfills b JOIN shops s ON s.id = b.shop_id
    WHERE b.state = 'running' AND s.state = 'working' AND s.slug = ANY(:slugs) ORDER BY b.id
""")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole Beijing days, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def text(self) -> str:
        return f"{self.first:%m-%d}" if self.first == self.last else f"{self.first:%m-%d} 至 {self.last:%m-%d}"


def check(period: Period, shop: Row[Any], now: datetime) -> None:
    """Raises Refusal for what the platform shows no longer, or has not yet."""
    today, oldest = day_of(now), day_of(now - reach_of(shop.platform)) + timedelta(days=1)
    if period.first > period.last:
        raise Refusal("起始日期在截止日期后面，请先写早的，再写晚的")
    if period.last > today:
        raise Refusal(f"{period.last:%Y-%m-%d} 还没有到，最晚可以写今天")
    if period.first < oldest:
        raise Refusal(
            f"{shop.name}所在的平台只给看最近 {reach_of(shop.platform).days} 天的订单，"
            f"最早可以从 {oldest:%Y-%m-%d} 开始；更早的请到商家后台导出"
        )


def ask(desk: Desk, shop: Row[Any], period: Period, actor: Actor) -> tuple[int, bool]:
    """The back-fill's number, and whether it is new: one that holds the period and still runs stands for it. Raises
    Refusal."""
    check(period, shop, desk.now)
    start, end = day_start(period.first), min(day_start(period.last + timedelta(days=1)), desk.now)
    desk.session.execute(_ONE_AT_A_TIME, {"shop": shop.id})
    enough = end - _CLOSE if end == desk.now else end
    same = desk.session.execute(_SAME, {"shop": shop.id, "start": start, "end": enough}).one_or_none()
    if same is not None:
        return int(same.id), False
    made = Backfill(
        shop_id=shop.id, start_at=start, end_at=end, done_to=start, asked_by=actor.staff_id, asked_at=desk.now
    )
    desk.session.add(made)
    desk.session.flush()  # its number is what the job is told
    trail.write(desk, f"shop:{shop.id}", actor, action="补拉", detail={"期间": period.text})
    desk.ask_later(Job.BACKFILL, made.id)
    return made.id, True


def running(desk: Desk) -> list[int]:
    """Back-fills that nobody ended: whoever was at them may be dead. Those of shops that are not read now must wait."""
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    return list(desk.session.execute(_RUNNING, {"slugs": slugs}).scalars())


def ended(desk: Desk, backfill_id: int) -> None:
    """All is read: the asker hears what was found."""
    row = desk.session.execute(_ONE, {"id": backfill_id}).one()
    trail.write(desk, f"shop:{row.shop_id}", _clock(), action="补拉完成", detail={period_of(row).text: _found(row)})
    _tell(desk, row, "done", f"补拉完成：{row.name} {period_of(row).text}，{_found(row)}")


def stands(desk: Desk, backfill_id: int) -> None:
    """It cannot go on by itself at once: the asker hears why, once a day."""
    row = desk.session.execute(_ONE, {"id": backfill_id}).one()
    words = f"补拉停住了：{row.name} {period_of(row).text}，{row.problem}。已读到 {moment(row.done_to)}，恢复后自动继续"
    _tell(desk, row, f"stands:{day_of(desk.now):%Y%m%d}", words)


def latest(desk: Desk) -> list[Row[Any]]:
    """Those that run, then the newest."""
    return list(desk.session.execute(_LATEST, {"n": SHOWN}))


def period_of(row: Row[Any]) -> Period:
    last = (row.end_at - timedelta(seconds=1)).astimezone(BEIJING).date()
    return Period(day_of(row.start_at), last)


def line(row: Row[Any]) -> str:
    """One back-fill in a line."""
    head = f"{row.name} {period_of(row).text}"
    if row.state == "done":
        return f"✓ {head}：{_found(row)}（{moment(row.ended_at)} 完成）"
    share = (row.done_to - row.start_at) / max(row.end_at - row.start_at, timedelta(seconds=1))
    why = f"，停在：{row.problem}" if row.problem else ""
    return f"… {head}：已完成 {share:.0%}，{_found(row)}{why}"


def _found(row: Row[Any]) -> str:
    words = [f"补回 {row.new} 单" if row.new else "没有漏单"]
    if row.changed:
        words.append(f"更新 {row.changed} 单")
    words.append(f"核对无变化 {row.unchanged} 单")
    if row.unreadable:
        words.append(f"有 {row.unreadable} 条读不懂，已原样保留")
    return "，".join(words)


def _tell(desk: Desk, row: Row[Any], occasion: str, words: str) -> None:
    if row.asked_by is not None:
        owe.owe(desk, [owe.note(f"backfill:{row.id}:{occasion}", row.asked_by, f"backfill:{row.id}", words)])


def _clock() -> Actor:
    return Actor(name="系统", source="clock")
