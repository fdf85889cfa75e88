"""Writes down what became of an owed message, and says it where one was lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from bot.card import Card
from bot.channels.sending import Change, Reaction, Receipt, SendError
from bot.phrases import cut, full_moment
from handlers.customers import sends
from handlers.customers.sends import Refused, Sent
from handlers.desk import Desk
from handlers.owe import Owed, owe
from models import Notification, Role, SentCard, Staff, StaffRole, Urgency

log = structlog.get_logger()
BACK_OFF: Final = (2, 8, 30, 120)  # seconds after the first, second … try; the last one repeats
MOST_TRIES: Final = 8
MOST_AGE: Final = timedelta(hours=24)  # for a message that waits because the platform said so, or says nothing
PONDER: Final = timedelta(seconds=30)  # before it shows whether a platform is down or has lost one answer
CODE_LIFE: Final = timedelta(hours=72)
KEEP_LOST: Final = timedelta(days=7)  # what did not arrive can be sent again for so long
_OWN_FAILURES: Final = "undelivered:"
_CHANNELS: Final = {"group": "群", "group_dingtalk": "钉钉群", "staff": "同事", "customer": "客户"}
_LOST: Final = ("failed", "unsure")
UNSURE: Final = "平台没有应答，很可能已经送达；为免重复没有再发"
QUEUED: Final = "发送太频繁，排队等候"
_FORGET: Final = text("""
    UPDATE notifications SET body = '{}'
    WHERE state IN ('failed', 'unsure') AND created_at < :before AND body <> '{}'
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """Which row is ours, and by which try we know that it still is. `since`: when it was owed, the last time;
    `made`: the first time. `carried_by`: the rung by which an earlier try may have arrived, "" for none."""

    id: int
    tries: int
    dedupe_key: str
    channel: str
    recipient: str
    subject: str
    since: datetime
    made: datetime
    urgency: int = Urgency.ANSWER
    carried_by: str = ""

    @property
    def doubt(self) -> bool:
        return bool(self.carried_by)

    @classmethod
    def of(cls, row: Notification) -> Claim:
        return cls(
            row.id, row.tries, row.dedupe_key, row.channel, row.recipient, row.subject,
            row.again_at or row.created_at, row.created_at, row.urgency, row.carried_by,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posted:
    """A card that now lies in somebody's chat. `tier`: the step of escalation that it told."""

    channel: str
    recipient: str
    task_id: str
    card: Card
    tier: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """The rung at which a try ended. `memory`: how long its platform takes the same message for a double. `doubt`:
    an earlier try may have arrived there."""

    rung: str = ""
    memory: timedelta = timedelta(0)
    doubt: bool = False


NOWHERE: Final = Tried()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state`: sent, owed (again after `delay`), failed, unsure, dropped. `counted`: the try counts towards the limit.
    `unknown`: it may have arrived by the rung `carried_by`, so the content is kept for the next try. `unsaid`: its
    receiver must hear that it was dropped."""

    state: str
    problem: str = ""
    delay: timedelta = timedelta()
    counted: bool = True
    unknown: bool = False
    receipt: Receipt | None = None
    posted: Posted | None = None
    changed: tuple[Change, ...] = ()
    customer: str = ""
    carried_by: str = ""
    unsaid: bool = False
    address: str = ""  # who was reached by that rung
    refused: tuple[Refused, ...] = ()  # the rungs that were tried before


def wait(seconds: float, why: str = "", tried: Tried = NOWHERE) -> Outcome:
    """A rate limit asks to wait: nothing was tried, so what was in doubt still is."""
    return Outcome(
        "owed", why, timedelta(seconds=seconds), counted=False, unknown=tried.doubt, carried_by=_doubtful(tried)
    )


def after(error: SendError, claim: Claim, now: datetime, tried: Tried = NOWHERE) -> Outcome:
    """What an error asks for: another try, later, or the end."""
    if error.permanent:
        return Outcome("failed", str(error), customer=error.resolution.customer)
    tried = replace(tried, doubt=tried.doubt or error.unknown)
    delay, counted, lasting = _patience(error, claim, now, tried)
    if lasting:
        return Outcome("unsure" if tried.doubt else "failed", str(error), carried_by=_doubtful(tried))
    return Outcome("owed", str(error), delay, counted=counted, unknown=tried.doubt, carried_by=_doubtful(tried))


def _patience(error: SendError, claim: Claim, now: datetime, tried: Tried) -> tuple[timedelta, bool, bool]:
    """How long to wait, whether the try counts, whether it was the last one."""
    too_old = now - claim.since > MOST_AGE
    if error.unknown and not tried.memory and claim.urgency != Urgency.ALERT:
        return PONDER, False, too_old  # the platform would not know the second for a double
    if error.resolution.reaction is Reaction.WAIT:
        return timedelta(seconds=error.resolution.wait_seconds), False, too_old
    delay = timedelta(seconds=BACK_OFF[min(claim.tries, len(BACK_OFF)) - 1])
    if error.silence:  # waited out, however long
        return delay, claim.tries < len(BACK_OFF), too_old
    return delay, True, claim.tries >= MOST_TRIES


def _doubtful(tried: Tried) -> str:
    return tried.rung if tried.doubt else ""


def settle(desk: Desk, claim: Claim, outcome: Outcome) -> datetime | None:
    """The row's new state; when it is due again, if it is. Nothing when the lease ended and somebody else has it."""
    about = sends.lock(desk, claim.id) if claim.channel == "customer" else []
    row = desk.session.scalar(
        select(Notification)
        .where(Notification.id == claim.id, Notification.tries == claim.tries, Notification.state == "sending")
        .with_for_update()
    )
    _record(desk, claim, outcome)  # what lies in a chat lies there, whoever has the row now
    if row is None:
        return None
    row.state, row.problem = outcome.state, outcome.problem
    row.carried_by, row.unsaid = outcome.carried_by, outcome.unsaid
    row.body = _kept(row.body, outcome)
    if claim.channel == "customer":
        sends.noted(desk, row, _told(outcome), about)
    if outcome.state == "owed":
        row.next_try_at = desk.now + outcome.delay
        row.tries -= 0 if outcome.counted else 1
        return row.next_try_at
    if outcome.receipt is not None:
        row.sent_at, row.msgid = desk.now, outcome.receipt.msgid
        if claim.channel == "customer":
            sends.told_early(desk, row)
    if outcome.state in _LOST:
        _say(desk, claim, outcome)
    return None


def _told(outcome: Outcome) -> Sent:
    by = outcome.carried_by if outcome.receipt is not None else ""
    return Sent(outcome.state, by, outcome.address, outcome.problem, outcome.refused)


def _kept(body: dict[str, object], outcome: Outcome) -> dict[str, object]:
    if outcome.unknown:
        return body
    gone = {"drawn", "drawn_sealed", "nudge"}
    if outcome.state != "owed" and outcome.state not in _LOST:  # what is lost may be sent again
        gone |= {"card", "card_sealed", "sealed"}
    return {name: value for name, value in body.items() if name not in gone}


def _record(desk: Desk, claim: Claim, outcome: Outcome) -> None:
    if outcome.posted is not None and outcome.receipt is not None:
        _post(desk, claim, outcome.posted, outcome.receipt)
    for change in outcome.changed:
        mine = (SentCard.channel == change.channel, SentCard.task_id == change.task_id)
        unused = case((SentCard.response_code == change.response_code, ""), else_=SentCard.response_code)
        newest = func.greatest(SentCard.revision, change.card.revision)  # whoever was slower says nothing new
        shown = {"revision": newest, "changed_at": desk.now, "response_code": unused}
        desk.session.execute(update(SentCard).where(*mine).values(shown).execution_options(synchronize_session=False))


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
        "tier": posted.tier,
    }
    # A double that the platform recognised comes back without a code: the first answer's code stays.
    desk.session.execute(insert(SentCard).values(row).on_conflict_do_nothing(index_elements=["channel", "task_id"]))


def _say(desk: Desk, claim: Claim, outcome: Outcome) -> None:
    """A lost message is logged, and the supervisors hear of it once an hour for each receiver."""
    log.error("message_undelivered", notification=claim.id, channel=claim.channel, problem=outcome.problem)
    if outcome.refused and claim.channel == "customer":
        return  # handlers/customers/sends.py has told whom it concerns, once for all customers
    if claim.dedupe_key.startswith(_OWN_FAILURES):
        return  # telling of a failure failed: the log must do
    whom = _CHANNELS.get(claim.channel, "收件人")
    lost = "有消息没能发给" if outcome.state == "failed" else "有消息不确定是否送达"
    words = Owed(
        key=f"{_OWN_FAILURES}{claim.channel}:{claim.recipient}:{full_moment(desk.now)[:13]}",
        channel="staff",
        purpose="text",
        subject=claim.subject,
        body={"text": f"{lost}{whom}（{claim.subject}）：{cut(outcome.problem, 200)}。发「未送达」查看和重发"},
    )
    supervisors = select(Staff.id).join(StaffRole).where(StaffRole.role == Role.SUPERVISOR, Staff.active)
    told = [replace(words, key=f"{words.key}:{one}", recipient=str(one)) for one in desk.session.scalars(supervisors)]
    owe(desk, [one for one in told if (one.channel, one.recipient) != (claim.channel, claim.recipient)])


def forget(desk: Desk) -> None:
    """What was in the messages that did not arrive is nobody's business any more."""
    desk.session.execute(_FORGET, {"before": desk.now - KEEP_LOST})
