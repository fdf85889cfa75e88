"""Exception 29: a far party's interface fails. One matter per party, however many orders and shops wait behind it; it
ends by itself, and who had to wait goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import opening, trail
from handlers.desk import SYSTEM, Desk, Job
from handlers.kinds import title_of
from handlers.matter import Opening
from handlers.wording import moment
from models import Role

KIND: Final = "upstream_down"
_LIVE: Final = text(f"""
    SELECT id, group_key, reason, evidence ->> 'refused' AS refused FROM cases
    WHERE kind = '{KIND}' AND order_id IS NULL AND state IN ('open', 'claimed')
""")
_WAITING: Final = text("""
    SELECT count(*) FROM write_backs w JOIN shops s ON s.id = w.shop_id
    WHERE w.state = 'owed' AND s.platform = :party
""")
# Parcels whose number the courier interface does not have yet.
_PARCELS: Final = text("SELECT count(*) FROM parcels WHERE subscribe_at IS NOT NULL")
# Whose turn is long over, and those of them that are asked about again and again in vain.
_OVERDUE: Final = text("""
    SELECT count(*) AS parcels, min(at) FILTER (WHERE at < :at) AS oldest FROM (
        SELECT subscribe_at AS at FROM parcels
        WHERE subscribe_at IS NOT NULL AND (subscribe_at < :at OR tries >= :tries)
        UNION ALL SELECT next_query_at FROM parcels WHERE next_query_at < :at) waiting
""")
# Where the whole hub was off, its own first looks come before the work: they say nothing yet.
_UP: Final = text("""
    SELECT NOT EXISTS (SELECT FROM job_runs WHERE job = 'look')
        OR EXISTS (SELECT FROM job_runs WHERE job = 'look' AND planned_at > :since AND planned_at <= :until)
""")
# Taken, so that one that fails again is not asked at every look, but when its turn comes.
_WAITED: Final = text("""
    UPDATE shops SET wait_until = NULL WHERE state = 'working' AND wait_until <= :now AND slug = ANY(:slugs)
    RETURNING slug
""")
_BACK: Final = "接口已恢复，积压的会自动补上"
_OLD: Final = timedelta(hours=1)
_TRIES: Final = 4  # the last of them half an hour after the first


@dataclass(frozen=True, slots=True)
class Down:
    """A party whose calls fail: `party` is its slug ("taobao"), `title` what people call it, `why` a word on the
    failures; counts are of 10 minutes."""

    party: str
    title: str
    why: str
    failures: int
    calls: int
    since: datetime


def sync(desk: Desk, downs: Sequence[Down]) -> None:
    """Matters as the parties stand now: opened and told once, brought up to date, ended. What a party refuses ends
    only when it works (`worked`)."""
    live = {case.group_key: case for case in desk.session.execute(_LIVE)}
    refusing = {key for key, case in live.items() if case.refused}
    reasons = {key: why for key, why in _stuck(desk).items() if key not in refusing}
    reasons |= {_key(down.party): _reason(desk, down) for down in downs}
    _change(desk, [(live[key], why, {}) for key, why in reasons.items() if key in live])
    since = {_key(down.party): down.since for down in downs}
    _open(desk, [_opening(key, why, since.get(key, desk.now)) for key, why in reasons.items() if key not in live])
    _close(desk, [case for key, case in live.items() if key not in reasons and key not in refusing])


def refused(desk: Desk, party: str, what: str, why: str) -> None:
    """A party was reached and will not answer this kind of question before a person acts: its key, what it may, its
    quota. `why`: Chinese, what to do."""
    case = _live_of(desk, party)
    reason = f"{why}{_queue(desk, party)}"
    if case is not None:
        _change(desk, [(case, reason, {"refused": what})])
    else:
        _open(desk, [_opening(_key(party), reason, desk.now, refused=what)])


def worked(desk: Desk, party: str, what: str) -> None:
    """It answers this kind of question (again)."""
    case = _live_of(desk, party)
    if case is not None and case.refused == what:
        _close(desk, [case])


def go_on(desk: Desk) -> None:
    """Shops that had to wait, and need not any more, are read at once: their turn may be far."""
    slugs = [shop.slug for shop in desk.settings.shops if shop.enabled]
    for slug in desk.session.execute(_WAITED, {"now": desk.now, "slugs": slugs}).scalars():
        desk.ask_later(Job.PULL_SHOP, slug)


def is_down(desk: Desk, party: str) -> bool:
    """Whether people know already that this party fails."""
    return party in parties_down(desk)


def parties_down(desk: Desk) -> set[str]:
    """The parties that fail, as people know already."""
    return {case.group_key.partition(":")[2] for case in desk.session.execute(_LIVE)}


def _live_of(desk: Desk, party: str) -> Row[Any] | None:
    return next((case for case in desk.session.execute(_LIVE) if case.group_key == _key(party)), None)


def _opening(key: str, reason: str, since: datetime, **more: str) -> Opening:
    evidence = {"party": key.partition(":")[2], "since": since.isoformat(), **more}
    return Opening(KIND, reason, Role.SUPERVISOR, group_key=key, evidence=evidence)


def _open(desk: Desk, openings: Sequence[Opening]) -> None:
    reasons = {made.group_key: made.reason for made in openings}
    for row in opening.open_many(desk, openings):
        detail = {title_of(KIND, {}): reasons[row.group_key]}
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常", detail=detail)


def _change(desk: Desk, changes: Sequence[tuple[Row[Any], str, Mapping[str, Any]]]) -> None:
    news = [(case.id, why, more) for case, why, more in changes if case.reason != why or _is_news(case, more)]
    opening.change_many(desk, news)


def _is_news(case: Row[Any], more: Mapping[str, Any]) -> bool:
    return "refused" in more and more["refused"] != str(case.refused)


def _close(desk: Desk, cases: Sequence[Row[Any]]) -> None:
    for row in opening.close_many(desk, [(case.id, _BACK) for case in cases]):
        trail.write(desk, f"case:{row.id}", SYSTEM, action="异常解除", detail={title_of(KIND, {}): _BACK})


def _reason(desk: Desk, down: Down) -> str:
    rate = round(100 * down.failures / max(down.calls, down.failures, 1))
    said = f"{down.title}故障：10 分钟内 {down.failures} 次失败（{down.why}，失败率 {rate}%），自动重试中"
    return f"{said}{_queue(desk, down.party)}"


def _queue(desk: Desk, party: str) -> str:
    """What waits behind a party."""
    if _is_courier(desk, party):
        parcels = desk.session.execute(_PARCELS).scalar_one()
        return f"，积压 {parcels} 个包裹等待订阅轨迹" if parcels else ""
    waiting = desk.session.execute(_WAITING, {"party": party}).scalar_one()
    return f"，积压 {waiting} 单回传" if waiting else ""


def _stuck(desk: Desk) -> dict[str, str]:
    """The courier interface's queue that does not move, whether or not anybody was refused: perhaps nobody asks."""
    courier = desk.settings.courier
    if courier is None:
        return {}
    row = desk.session.execute(_OVERDUE, {"at": desk.now - _OLD, "tries": _TRIES}).one()
    if not row.parcels or not was_up(desk):
        return {}
    oldest = f"，最久的从 {moment(row.oldest)} 等到现在" if row.oldest else ""
    why = f"快递查询积压：{row.parcels} 个包裹到时间没有查到{oldest}，请检查后台任务和快递查询接口"
    return {_key(courier.kind): why}


def was_up(desk: Desk) -> bool:
    """Whether the hub was at work half an hour ago, so that what is undone since then was left undone."""
    spans = {"since": desk.now - _OLD, "until": desk.now - _OLD / 2}
    return bool(desk.session.execute(_UP, spans).scalar())


def _is_courier(desk: Desk, party: str) -> bool:
    return desk.settings.courier is not None and desk.settings.courier.kind == party


def _key(party: str) -> str:
    return f"upstream:{party}"
