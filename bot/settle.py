"""Writes down what became of an owed message, and says it where one was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from bot.card import Card
from bot.channels.sending import Change, Reaction, Receipt, SendError
from bot.phrases import cut, full_moment
from handlers.desk import Desk
from handlers.owe import Owed, owe
from models import Customer, Notification, Role, SentCard, Staff, StaffRole

log = structlog.get_logger()
BACK_OFF: Final = (2, 8, 30, 120)  # seconds after the first, second … try; the last one repeats
MOST_TRIES: Final = 8
MOST_AGE: Final = timedelta(hours=24)  # for a message that waits because the platform said so, or says nothing
CODE_LIFE: Final = timedelta(hours=72)
_OWN_FAILURES: Final = "undelivered:"
_CHANNELS: Final = {"group": "群", "group_dingtalk": "钉钉群", "staff": "同事", "customer": "客户"}


@dataclass(frozen=True, slots=True)
class Claim:
    """Which row is ours, and by which try we know that it still is."""

    id: int
    tries: int
    dedupe_key: str
    channel: str
    recipient: str
    subject: str
    created_at: datetime

    @classmethod
    def of(cls, row: Notification) -> Claim:
        return cls(row.id, row.tries, row.dedupe_key, row.channel, row.recipient, row.subject, row.created_at)


@dataclass(frozen=True, slots=True)
class Posted:
    """A card that now lies in somebody's chat."""

    channel: str
    recipient: str
    task_id: str
    card: Card


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state`: sent, owed (again after `delay`), failed, dropped. `counted`: the try counts towards the limit.
    `unknown`: it may have arrived, so the content is kept for the next try."""

    state: str
    problem: str = ""
    delay: timedelta = timedelta()
    counted: bool = True
    unknown: bool = False
    receipt: Receipt | None = None
    posted: Posted | None = None
    changed: tuple[Change, ...] = ()
    customer: str = ""


def wait(seconds: float) -> Outcome:
    """A rate limit asks to wait: nothing was tried."""
    return Outcome("owed", delay=timedelta(seconds=seconds), counted=False)


def after(error: SendError, claim: Claim, now: datetime) -> Outcome:
    """What an error asks for: another try, later, or the end."""
    ended = Outcome("failed", str(error), customer=error.resolution.customer)
    if error.permanent:
        return ended
    if error.resolution.reaction is Reaction.WAIT:
        delay = timedelta(seconds=error.resolution.wait_seconds)
        return ended if now - claim.created_at > MOST_AGE else Outcome("owed", str(error), delay, counted=False)
    delay = timedelta(seconds=BACK_OFF[min(claim.tries, len(BACK_OFF)) - 1])
    if error.silence:  # waited out, however long
        lasting = now - claim.created_at > MOST_AGE
        counted = claim.tries < len(BACK_OFF)
        return ended if lasting else Outcome("owed", str(error), delay, counted=counted, unknown=error.unknown)
    if claim.tries >= MOST_TRIES:
        return ended
    return Outcome("owed", str(error), delay, unknown=error.unknown)


def settle(desk: Desk, claim: Claim, outcome: Outcome) -> datetime | None:
    """The row's new state; when it is due again, if it is. Nothing when the lease ended and somebody else has it."""
    row = desk.session.scalar(
        select(Notification)
        .where(Notification.id == claim.id, Notification.tries == claim.tries, Notification.state == "sending")
        .with_for_update()
    )
    _record(desk, claim, outcome)  # what lies in a chat lies there, whoever has the row now
    if row is None:
        return None
    row.state, row.problem = outcome.state, outcome.problem
    row.body = _kept(row.body, outcome)
    if outcome.state == "owed":
        row.next_try_at = desk.now + outcome.delay
        row.tries -= 0 if outcome.counted else 1
        return row.next_try_at
    if outcome.receipt is not None:
        row.sent_at, row.msgid = desk.now, outcome.receipt.msgid
    if outcome.state == "failed":
        _say(desk, claim, outcome)
    return None


def _kept(body: dict[str, object], outcome: Outcome) -> dict[str, object]:
    if outcome.unknown:
        return body
    gone = {"drawn", "drawn_sealed"}
    if outcome.state != "owed":
        gone |= {"card", "card_sealed", "sealed"}
    return {name: value for name, value in body.items() if name not in gone}


def _record(desk: Desk, claim: Claim, outcome: Outcome) -> None:
    if outcome.posted is not None and outcome.receipt is not None:
        _post(desk, claim, outcome.posted, outcome.receipt)
    for change in outcome.changed:
        mine = (SentCard.channel == change.channel, SentCard.task_id == change.task_id)
        shown = {"revision": change.card.revision, "changed_at": desk.now}
        desk.session.execute(update(SentCard).where(*mine).values(shown))
        used = update(SentCard).where(*mine, SentCard.response_code == change.response_code)
        desk.session.execute(used.values(response_code=""))


def _post(desk: Desk, claim: Claim, posted: Posted, receipt: Receipt) -> None:
    row = {
        "channel": posted.channel,
        "recipient": posted.recipient,
        "task_id": posted.task_id,
        "subject": posted.card.subject,
        "revision": posted.card.revision,
        "response_code": receipt.response_code,
        "response_expires_at": desk.now + CODE_LIFE if receipt.response_code else None,
        "msgid": receipt.msgid,
        "sent_at": desk.now,
    }
    # A double that the platform recognised comes back without a code: the first answer's code stays.
    desk.session.execute(insert(SentCard).values(row).on_conflict_do_nothing(index_elements=["channel", "task_id"]))


def _say(desk: Desk, claim: Claim, outcome: Outcome) -> None:
    """A lost message is logged, and the supervisors hear of it once an hour for each receiver."""
    log.error("message_undelivered", notification=claim.id, channel=claim.channel, problem=outcome.problem)
    if outcome.customer and claim.channel == "customer":
        own = update(Customer).where(Customer.openid == claim.recipient)
        desk.session.execute(own.values(state=outcome.customer))
        return
    if claim.dedupe_key.startswith(_OWN_FAILURES):
        return  # telling of a failure failed: the log must do
    whom = _CHANNELS.get(claim.channel, "收件人")
    words = Owed(
        key=f"{_OWN_FAILURES}{claim.channel}:{claim.recipient}:{full_moment(desk.now)[:13]}",
        channel="staff",
        purpose="text",
        subject=claim.subject,
        body={"text": f"有消息没能发给{whom}（{claim.subject}）：{cut(outcome.problem, 200)}"},
    )
    supervisors = select(Staff.id).join(StaffRole).where(StaffRole.role == Role.SUPERVISOR, Staff.active)
    told = [replace(words, key=f"{words.key}:{one}", recipient=str(one)) for one in desk.session.scalars(supervisors)]
    owe(desk, [one for one in told if (one.channel, one.recipient) != (claim.channel, claim.recipient)])
