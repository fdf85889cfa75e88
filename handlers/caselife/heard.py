"""What the customer heard of the end of a matter, in one line for the card of it; nothing is asked of the database
that the card's own look does not bring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from handlers.customers import manners, whose
from handlers.customers.sends import WAYS
from handlers.desk import Desk
from handlers.kinds import kind_of
from handlers.wording import moment

TOLD: Final = f"""
    CASE WHEN c.state IN ('solved', 'dismissed') THEN (
        SELECT jsonb_build_array(n.state, n.carried_by, n.problem, n.sent_at, n.next_try_at)
        FROM notifications m JOIN notifications n ON n.id = coalesce(m.merged_into, m.id)
        WHERE m.dedupe_key = 'case:' || c.id || ':solved:customer') END AS told,
    CASE WHEN c.state = 'solved' THEN (SELECT t.body ->> 'on' FROM notice_texts t
        WHERE t.event = 'solved' AND t.undone_at IS NULL ORDER BY t.id DESC LIMIT 1) END AS telling,
    CASE WHEN c.state = 'solved' THEN {whose.IS_OUT} END AS is_out
"""
"""For the select list of a look at cases `c` with their orders `o`: what became of its message, whether such messages
are on, and whether its customer wants none."""
_SOON: Final = timedelta(minutes=2)
_LONGEST: Final = 40
FORCED: Final = "强制通过"
_BY_HAND: Final = "发「话术 {tag}」，把回复复制到平台聊天"


def shown(desk: Desk, case: Row[Any]) -> str:
    """Nothing for an end that customers do not hear of."""
    if case.told is not None:
        return _became(desk, case)
    if case.state != "solved" or not kind_of(case.kind).customer or not case.ended_by or not case.tag:
        return ""  # what ended by itself is told with what ended it
    if case.solution.startswith(FORCED):
        return ""
    if case.telling == "false":
        return "客户没有通知：这类通知已关闭"
    why = "已退订" if case.is_out else "没有绑定"
    return f"客户{why}，收不到通知：{_BY_HAND.format(tag=case.tag)}"


def _became(desk: Desk, case: Row[Any]) -> str:
    state, carried_by, problem, sent_at, next_at = case.told
    if state in ("sent", "delivered"):
        way = WAYS.get(carried_by.partition("+")[0], "客户渠道")
        return f"客户已收到通知：{way} {moment(datetime.fromisoformat(sent_at))}" if sent_at else f"客户已收到{way}"
    if state in ("owed", "sending", "merged"):
        return _waits(desk, problem, datetime.fromisoformat(next_at))
    if state == "unsure":
        return "客户可能已收到通知，平台没有应答"
    why = f"客户没有收到通知：{problem[:_LONGEST]}"
    return f"{why}；{_BY_HAND.format(tag=case.tag)}" if state == "failed" and case.tag else why


def _waits(desk: Desk, problem: str, next_at: datetime) -> str:
    morning = manners.quiet_until(desk, max(desk.now, next_at)) or (next_at if problem == manners.QUIET else None)
    if morning is not None:
        return f"客户休息时间，{moment(morning)} 通知客户"
    if next_at - desk.now > _SOON:
        return f"{moment(next_at)} 通知客户" + (f"：{problem[:_LONGEST]}" if problem else "")
    return "正在通知客户"
