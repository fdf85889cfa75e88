"""Messages taken back from the chats that they lie in, as long as the platform allows it (a day)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, runtime_checkable

from sqlalchemy import Row, text

from bot.channels.sending import Sender, SendError
from handlers import trail
from handlers.desk import Actor, Desk, Refusal

WITHIN: Final = timedelta(hours=24)
PRIVATE: Final = "private"
"""The subject of answers that held receiver data and therefore went to one person alone."""

_SENT: Final = """
    SELECT n.id, n.subject, n.recipient, n.sent_at, n.msgid, split_part(n.carried_by, '+', 1) AS channel,
        coalesce(s.name, CASE n.channel WHEN 'customer' THEN '客户' ELSE '群' END) AS whom
    FROM notifications n LEFT JOIN staff s ON n.channel = 'staff' AND n.recipient = s.id::text
    WHERE n.state IN ('sent', 'delivered') AND n.msgid <> '' AND n.sent_at > :since
        AND split_part(n.carried_by, '+', 1) = ANY(:channels) {which} ORDER BY n.id DESC LIMIT 50
"""
_LATELY: Final = text(_SENT.format(which=""))
_ONE: Final = text(_SENT.format(which="AND n.id = :id").replace("LIMIT 50", "FOR UPDATE OF n"))
_PRIVATE: Final = text(
    _SENT.format(
        which="""
    AND n.subject = :private AND :userid IN (lower(s.wecom_userid), s.dingtalk_userid)"""
    ).replace("LIMIT 50", "FOR UPDATE OF n")
)
_GONE: Final = text("UPDATE notifications SET state = 'recalled', problem = :why WHERE id = :id")
_NO_CARD: Final = text("DELETE FROM sent_cards WHERE channel = :channel AND msgid = :msgid")


@runtime_checkable
class TakesBack(Protocol):
    """A Sender whose platform takes messages back. Raises SendError."""

    def recall(self, msgid: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Lies:
    """A message that lies in somebody's chat and could be taken back. `number`: the owed row's."""

    number: int
    whom: str
    subject: str
    sent_at: datetime

    @classmethod
    def of(cls, row: Row[Any]) -> Lies:
        return cls(row.id, row.whom, row.subject, row.sent_at)


def lately(desk: Desk, senders: Mapping[str, Sender]) -> list[Lies]:
    """What could be taken back now, newest first, at most 50."""
    return [Lies.of(row) for row in desk.session.execute(_LATELY, _asked(desk, senders))]


def take_back(desk: Desk, senders: Mapping[str, Sender], number: int, by: Actor) -> Lies:
    """Take one message back; it stands in the trail. Raises Refusal: there is none, or the platform refuses."""
    row = desk.session.execute(_ONE, _asked(desk, senders) | {"id": number}).first()
    if row is None:
        raise Refusal(f"没有可以撤回的消息 {number}：只能撤回 24 小时内发出的；hub recall 列出有哪些")
    _take(desk, senders, row, by)
    return Lies.of(row)


def take_private_back(desk: Desk, senders: Mapping[str, Sender], userid: str, by: Actor) -> list[Lies]:
    """Take back all receiver data that was sent to a person in the last day: a phone was lost, somebody left. Raises
    Refusal when the platform refuses one of them; those before it are gone."""
    asked = _asked(desk, senders) | {"userid": userid, "private": PRIVATE}
    rows = list(desk.session.execute(_PRIVATE, asked))
    for row in rows:
        _take(desk, senders, row, by)
    return [Lies.of(row) for row in rows]


def _take(desk: Desk, senders: Mapping[str, Sender], row: Row[Any], by: Actor) -> None:
    sender = senders[row.channel]
    assert isinstance(sender, TakesBack)
    why = f"{by.name}撤回"
    try:
        sender.recall(row.msgid)
    except SendError as error:
        if not error.used_up:
            raise Refusal(f"消息 {row.id} 没有撤回：{error}") from None
        why = str(error)
    desk.session.execute(_GONE, {"id": row.id, "why": why})
    desk.session.execute(_NO_CARD, {"channel": row.channel, "msgid": row.msgid})
    detail = {"收件人": row.whom, "内容": row.subject, "结果": why}
    trail.write(desk, f"message:{row.id}", by, action="撤回消息", detail=detail)


def _asked(desk: Desk, senders: Mapping[str, Sender]) -> dict[str, Any]:
    able = [slug for slug, sender in senders.items() if isinstance(sender, TakesBack)]
    return {"since": desk.now - WITHIN, "channels": able}
