"""Messages that did not arrive, by cause; and sending them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk, Job, Refusal
from handlers.letters import words
from handlers.wording import moment

DAYS: Final = 7  # so long what did not arrive can be sent again
AT_ONCE: Final = 2  # more are counted and asked about first
MOST: Final = 200
_SHOWN: Final = 3  # of one cause

_LOST: Final = text("""
    SELECT id, channel, recipient, purpose, subject, body, state, problem, created_at FROM notifications
    WHERE state IN ('failed', 'unsure') AND created_at >= :since ORDER BY created_at DESC, id DESC LIMIT 1000
""")
_DROPPED: Final = text("""
    SELECT problem, count(*) AS many FROM notifications
    WHERE state = 'dropped' AND purpose <> 'edit' AND created_at >= :since GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 8
""")
_ON_THE_WAY: Final = text("""
    SELECT count(*) FROM notifications WHERE state IN ('owed', 'sending') AND again_at IS NOT NULL
        AND created_at >= :since
""")
_ONE: Final = text("SELECT id, state, problem, created_at, purpose FROM notifications WHERE id = :id")
_ALIKE: Final = text("""
    SELECT id FROM notifications
    WHERE state IN ('failed', 'unsure') AND created_at >= :since
        AND (cast(:problem AS text) IS NULL OR problem = :problem)
    ORDER BY id LIMIT :most
""")
_AGAIN: Final = text("""
    UPDATE notifications SET state = 'owed', tries = 0, next_try_at = :now, again_at = :now, problem = '',
        carried_by = '', unsaid = false
    WHERE id = ANY(:ids) AND state IN ('failed', 'unsure', 'dropped')
    RETURNING id, channel, recipient, purpose, subject, body
""")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be sent again: one message, all that failed as it did, or with `number` 0 all. `sure`: the count was
    seen."""

    number: int
    alike: bool = False
    sure: bool = False


def lost(desk: Desk) -> str:
    """The last days' lost messages, one paragraph per cause, the newest first; what was dropped is counted."""
    since = desk.now - timedelta(days=DAYS)
    rows = desk.session.execute(_LOST, {"since": since}).all()
    dropped = desk.session.execute(_DROPPED, {"since": since}).all()
    again = desk.session.execute(_ON_THE_WAY, {"since": since}).scalar_one()
    if not rows and not dropped and not again:
        return f"近 {DAYS} 天的消息都送到了"
    known = words.names(desk, rows)
    causes: dict[tuple[str, str], list[Row[Any]]] = {}
    for row in rows:
        causes.setdefault((row.state, row.problem), []).append(row)
    lines = [f"**近 {DAYS} 天未送达 {len(rows)} 条**" if rows else f"**近 {DAYS} 天没有未送达的消息**"]
    for (state, problem), found in causes.items():
        lines += _cause(state, problem, found, known)
    if again:
        lines.append(f"正在重发 {again} 条，过一会儿再看结果")
    if dropped:
        lines += ["**没有发送的**", *(f"- {row.problem or '没有记下原因'}：{row.many} 条" for row in dropped)]
    return "\n".join(lines)


def _cause(state: str, problem: str, rows: Sequence[Row[Any]], known: words.Names) -> list[str]:
    title = problem if state == "failed" else f"不确定是否送达：{problem}"
    lines = [f"**{title}**（{len(rows)} 条）"]
    for row in rows[:_SHOWN]:
        lines.append(f"- #{row.id} {moment(row.created_at)} 给{words.to_whom(row, known)}：{words.about(row, known)}")
    if len(rows) > _SHOWN:
        lines.append(f"- 还有 {len(rows) - _SHOWN} 条")
    alike = f"，这一类全部重发：`重发消息 {rows[0].id} 同类`" if len(rows) > 1 else ""
    return [*lines, f"> 发「重发消息 {rows[0].id}」再发一次{alike}"]


def again(desk: Desk, actor: Actor, asked: Asked) -> str:
    """Have lost messages sent once more; says what was done. Raises Refusal."""
    ids = _meant(desk, asked)
    if len(ids) > AT_ONCE and not asked.sure:
        line = f"重发消息 {asked.number} 同类" if asked.number else "重发消息 全部"
        return f"共 {len(ids)} 条会再发一次{_perhaps_twice(desk, asked)}。确认请发：{line} 确认"
    rows = desk.session.execute(_AGAIN, {"ids": ids, "now": desk.now}).all()
    if not rows:
        return "这些消息已经在重发了"
    known = words.names(desk, rows)
    for row in rows:
        detail = {"收件人": words.to_whom(row, known), "内容": words.about(row, known)}
        trail.write(desk, f"letter:{row.id}", actor, action="重发", detail=detail)
    desk.ask_later(Job.DELIVER)
    if len(rows) == 1:
        return f"正在重发 #{rows[0].id}：给{words.to_whom(rows[0], known)}的{words.about(rows[0], known)}"
    return f"正在重发 {len(rows)} 条消息"


def _meant(desk: Desk, asked: Asked) -> list[int]:
    since = desk.now - timedelta(days=DAYS)
    if not asked.number:
        found = list(desk.session.execute(_ALIKE, {"since": since, "problem": None, "most": MOST}).scalars())
        if not found:
            raise Refusal(f"近 {DAYS} 天没有未送达的消息")
        return found
    row = desk.session.execute(_ONE, {"id": asked.number}).one_or_none()
    if row is None:
        raise Refusal(f"没有 #{asked.number} 这条消息，发「未送达」看编号")
    if row.state in ("owed", "sending"):
        raise Refusal(f"#{asked.number} 正在发送，不用再发。过一会儿发「未送达」看结果")
    if row.state not in ("failed", "unsure", "dropped"):
        raise Refusal(f"#{asked.number} 没有丢，不用重发。发「未送达」看没送到的消息")
    if row.created_at < since:
        raise Refusal(f"#{asked.number} 已超过 {DAYS} 天，内容不再保留，不能重发")
    if not asked.alike or row.state == "dropped":
        return [row.id]
    return list(desk.session.execute(_ALIKE, {"since": since, "problem": row.problem, "most": MOST}).scalars())


def _perhaps_twice(desk: Desk, asked: Asked) -> str:
    row = desk.session.execute(_ONE, {"id": asked.number}).one_or_none() if asked.number else None
    return "（其中有的可能已经送达，对方会收到两次）" if row is None or row.state == "unsure" else ""
