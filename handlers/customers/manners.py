"""When a customer may be told: not at night, not twice a day of the same, not what is over, and not who said 退订."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.batches.remember import UNDO
from handlers.customers import notices, reach, state, whose
from handlers.customers.events import EVENTS, Event
from handlers.desk import Desk, Job
from handlers.shortage import choices
from models import Notification
from models.beijing import BEIJING
from models.case import LIVE
from models.stages import OPEN, Stage
from rules import RULES

QUIET: Final = "客户休息时间，早上再发"
TODAY: Final = "今天已经通知过，明天一起发"
GATHERS: Final = "等一会儿，几单一起通知"
ANOTHER: Final = "同类通知正在发，等它发完"
OVER: Final = "发出前已处理完"
OUT: Final = "客户已退订"
OFF: Final = "这类通知已关闭"

_IS_OUT: Final = text(f"""
    SELECT EXISTS (SELECT FROM opt_outs WHERE address = :recipient) OR EXISTS (
        SELECT FROM opt_outs WHERE channel = split_part(:recipient, ':', 1)
            AND address = substring(:recipient FROM position(':' IN :recipient) + 1)) OR EXISTS (
        SELECT FROM orders o CROSS JOIN LATERAL ({whose.ORDER}) whose
        JOIN customer_ways w ON w.shop_id = whose.shop_id AND w.buyer_key = whose.customer
        JOIN opt_outs x ON x.channel = w.channel AND x.address = w.address
        WHERE o.id = :order)
""")
_OF: Final = "coalesce(body -> 'whose', body -> 'order')"
"""The order that a buyer knows: that which was sold, of what mends it too."""
_CHOICE: Final = """
    CASE WHEN dedupe_key LIKE 'order:%:short:swap:%' THEN body -> 'values' ->> 'reason'
        WHEN dedupe_key LIKE 'order:%:short:%' THEN split_part(dedupe_key, ':', 4) ELSE '' END
"""
"""What was decided of short goods (choices.message), with what they are exchanged for; "" for all else."""
# What a buyer must do about one order is not hidden or held by another that says something else; of the same order the
# newest word alone goes, also where another's message told it.
_SAYS_THE_SAME: Final = f"""
    ({_CHOICE} = (SELECT {_CHOICE} FROM notifications WHERE id = :id) OR {_OF} = cast(:order AS jsonb)
        OR EXISTS (SELECT FROM notifications m WHERE m.merged_into = notifications.id
            AND coalesce(m.body -> 'whose', m.body -> 'order') = cast(:order AS jsonb)))
"""
# The receiver is the person, whatever key of a buyer each of their orders has.
_TOLD: Final = text(f"""
    SELECT EXISTS (SELECT FROM notifications WHERE channel = 'customer' AND recipient = :recipient AND id <> :id
        AND body ->> 'template' = :event AND state IN ('sent', 'delivered', 'unsure')
        AND coalesce(sent_at, created_at) >= :since
        AND (NOT :of_order OR {_OF} = cast(:order AS jsonb)) AND {_SAYS_THE_SAME})
""")
# One that is being sent, or may have arrived though no answer came, is told or fails soon; a newer word on the same
# order that can be taken back still says soon what holds.
_UNDER_WAY: Final = text(f"""
    SELECT EXISTS (SELECT FROM notifications WHERE channel = 'customer' AND recipient = :recipient AND id <> :id
        AND body ->> 'template' = :event AND (NOT :of_order OR {_OF} = cast(:order AS jsonb)) AND {_SAYS_THE_SAME}
        AND (state = 'sending' OR (state = 'owed' AND carried_by <> '')
            OR (state = 'owed' AND id > :id AND {_OF} = cast(:order AS jsonb)
                AND next_try_at > :now AND created_at > :young)))
""")
# Of two that are looked at in the same moment the second sees what became of the first.
_ONE_BY_ONE: Final = text("SELECT pg_advisory_xact_lock(hashtext('customer'), hashtext(:recipient))")
# What can be taken back still does not travel.
_OTHERS: Final = text(f"""
    SELECT id, subject, body -> 'values' AS said, body -> 'more' AS more, body -> 'order' AS order_id FROM notifications
    WHERE channel = 'customer' AND recipient = :recipient AND id <> :id AND body ->> 'template' = :event
        AND state = 'owed' AND carried_by = '' AND (next_try_at <= :now OR created_at <= :young)
        AND (NOT :of_order OR {_OF} = cast(:order AS jsonb)) AND {_SAYS_THE_SAME}
    ORDER BY id FOR UPDATE SKIP LOCKED
""")
_KIND: Final = text("SELECT kind FROM cases WHERE id = :id")
_LIVES: Final = text("SELECT EXISTS (SELECT FROM cases WHERE id = :id AND state = ANY(:live))")
_MERGED: Final = text("""
    UPDATE notifications SET state = 'merged', merged_into = :into, problem = '和其他订单一起通知'
    WHERE id = ANY(:ids) OR merged_into = ANY(:ids)
""")
# Of an order that has several the newest, as it was said.
_PART: Final = text(f"""
    UPDATE notifications SET state = 'owed', problem = '', merged_into = NULL, next_try_at = :now,
        body = body - 'more' || '{{"alone": true}}'
    WHERE state = 'merged' AND id IN (
        SELECT DISTINCT ON ({_OF}) id FROM notifications
        WHERE merged_into = :id AND {_OF} IS DISTINCT FROM cast(:order AS jsonb)
        ORDER BY {_OF}, id DESC)
""")


AFTER_SHIPPING: Final = frozenset({"wrong_goods"} | {slug for slug, rule in RULES.items() if rule.after_shipping})
"""Kinds of matters of orders that have left."""
_GIVES_UP: Final = ("asked", "refunded")
_OF_GOODS: Final = ("short_stock", "delay_request")
"""Kinds whose end says when goods come: nothing to whoever wants the money back."""
_SOON: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class KeptBack:
    """`until`: when it may go; None: never."""

    why: str
    until: datetime | None = None


def kept_back(desk: Desk, row: Notification) -> KeptBack | None:
    """What is in the way of a message that is owed to a customer; None for nothing."""
    event, order_id = str(row.body.get("template", "")), row.body.get("order")
    if event not in EVENTS:
        return None
    if desk.session.execute(_IS_OUT, {"recipient": row.recipient, "order": order_id}).scalar_one():
        return KeptBack(OUT)
    if not notices.notice(desk, event).on:
        return KeptBack(OFF)
    about = (row.subject, _words(row.body.get("values")))
    if isinstance(order_id, int) and is_over(desk, event, order_id, about):
        return KeptBack(OVER)
    gathered_at = (row.again_at or row.created_at) + EVENTS[event].gathers
    if gathered_at > desk.now and row.again_at is None:
        return KeptBack(GATHERS, gathered_at)
    if (until := quiet_until(desk, desk.now)) is not None:
        return KeptBack(QUIET, until)
    return None if row.again_at is not None else _comes_second(desk, row, EVENTS[event])


def _comes_second(desk: Desk, row: Notification, kind: Event) -> KeptBack | None:
    """Of what is told once a day: whether another one went, or is on its way. What may have arrived itself waits for no
    other, for that one waits for it; of what was parted each goes by itself."""
    if not kind.once_a_day or row.body.get("alone"):
        return None
    desk.session.execute(_ONE_BY_ONE, {"recipient": row.recipient})
    if _told_today(desk, row, kind):
        return KeptBack(TODAY, _morning(desk))
    values = {**_alike(row, kind), "now": desk.now, "young": desk.now - UNDO}
    if not row.carried_by and desk.session.execute(_UNDER_WAY, values).scalar_one():
        return KeptBack(ANOTHER, desk.now + _SOON)
    return None


def gather(desk: Desk, row: Notification) -> None:
    """Others of the same kind that wait for the same customer travel with `row`, which is about to be sent; where that
    was tried in vain (`part`) those alone whose orders have the same addresses."""
    event = str(row.body.get("template", ""))
    kind = EVENTS.get(event)
    if kind is None or not kind.once_a_day:
        return
    found = desk.session.execute(_OTHERS, {**_alike(row, kind), "now": desk.now, "young": desk.now - UNDO}).all()
    # What is over ends on its own: it says so on the trail of its order.
    found = [
        one for one in found
        if one.order_id is None or not is_over(desk, event, one.order_id, (one.subject, _words(one.said)))
    ]  # fmt: skip
    if row.body.get("alone"):
        own = reach.by_order(desk.session, row, row.body.get("order"), desk.now)
        found = [one for one in found if reach.by_order(desk.session, row, one.order_id, desk.now) == own]
    if not found:
        return
    desk.session.execute(_MERGED, {"into": row.id, "ids": [one.id for one in found]})
    several = [(row.id, said) for said in (row.body["values"], *row.body.get("more", ()))]
    several += [(one.id, said) for one in found for said in (one.said, *(one.more or ()))]
    first, *more = newest(several, str(row.body["values"].get("number", "")))
    row.body = {**row.body, "values": first, "more": more}


def newest(several: Sequence[tuple[int, Mapping[str, Any]]], own: str) -> list[Mapping[str, Any]]:
    """Of each order the newest word alone: it says what holds, and one order counts once. `several`: the message's id
    → values; the order whose number is `own` comes first."""
    by_order: dict[str, Mapping[str, Any]] = {own: {}}
    for _, said in sorted(several, key=lambda one: one[0]):
        by_order[str(said.get("number", ""))] = said
    return list(by_order.values())


def _words(said: Mapping[str, Any] | None) -> str:
    return str((said or {}).get("words", ""))


def part(desk: Desk, row: Notification) -> bool:
    """What travels together has no way that is open to all of it: each goes by itself again. Whether that is new."""
    if not row.body.get("more") or row.body.get("alone"):
        return False
    order_id = _known_as(row)
    order = str(order_id) if isinstance(order_id, int) else "null"
    desk.session.execute(_PART, {"id": row.id, "now": desk.now, "order": order})
    row.body = {**{name: said for name, said in row.body.items() if name != "more"}, "alone": True}
    desk.ask_later(Job.DELIVER)
    return True


def quiet_until(desk: Desk, at: datetime) -> datetime | None:
    """The end of the customers' quiet hours that `at` lies in; None outside of them."""
    hours = desk.settings.customers
    begins, ends = time.fromisoformat(hours.quiet_begins), time.fromisoformat(hours.quiet_ends)
    local = at.astimezone(BEIJING)
    clock = local.time().replace(tzinfo=None)
    if begins == ends:
        return None
    inside = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if begins > ends and clock >= begins else 0)
    return datetime.combine(day, ends, BEIJING)


def is_over(desk: Desk, event: str, order_id: int, about: tuple[str, str] = ("", "")) -> bool:
    """Whether the order has gone on since, so that the message would say what is true no more. `about`: the message's
    subject, and the sentence that it says, "" for none of its own."""
    subject, words = about
    if event in ("shipped", "refunded"):
        return False
    one = state.order(desk, order_id)
    if event == "part_refunded":
        return bool(one.refund == "refunded")  # then that is told
    if event == "delayed":
        return one.refund in _GIVES_UP or one.awaits_refund or not state.is_late(one, desk.now)
    if event == "stock":
        return one.refund in _GIVES_UP or Stage(one.stage) not in OPEN or _holds_no_more(desk, one, words)
    if event == "solved" and _lives(desk, subject):
        return True  # 重开: it is not settled after all
    if one.refund in _GIVES_UP and _kind_of(desk, subject) in _OF_GOODS:
        return True
    if Stage(one.stage) is Stage.DONE and _kind_of(desk, subject) in AFTER_SHIPPING:
        return False  # it is about what has left
    return Stage(one.stage) in (Stage.DONE, Stage.CANCELLED) and one.stage_entered_at > desk.now - timedelta(days=30)


def _holds_no_more(desk: Desk, one: Row[Any], words: str) -> bool:
    """What was said of short goods. Of what was decided: whether something else holds, or nothing; what can be taken
    back still does not."""
    if not words or not (one.short or one.awaits_refund):
        return not one.short
    made = choices.chosen(desk, one.id)
    if made is None or made["text"] == words:
        return made is None
    return datetime.fromisoformat(made["at"]) + UNDO <= desk.now


def _lives(desk: Desk, subject: str) -> bool:
    name, _, case_id = subject.partition(":")
    if name != "case" or not case_id.isdecimal():
        return False
    return bool(desk.session.execute(_LIVES, {"id": int(case_id), "live": list(LIVE)}).scalar_one())


def _kind_of(desk: Desk, subject: str) -> str:
    """Of the matter that a message is about, "" for none."""
    name, _, case_id = subject.partition(":")
    if name != "case" or not case_id.isdecimal():
        return ""
    return desk.session.execute(_KIND, {"id": int(case_id)}).scalar_one_or_none() or ""


def _told_today(desk: Desk, row: Notification, kind: Event) -> bool:
    since = datetime.combine(desk.now.astimezone(BEIJING).date(), time(), BEIJING)
    return bool(desk.session.execute(_TOLD, {**_alike(row, kind), "since": since}).scalar_one())


def _known_as(row: Notification) -> object:
    """The id of the order that the buyer knows (`_OF`)."""
    return row.body.get("whose", row.body.get("order"))


def _alike(row: Notification, kind: Event) -> Mapping[str, Any]:
    order_id = _known_as(row)
    known = isinstance(order_id, int)
    return {
        "recipient": row.recipient, "id": row.id, "event": str(row.body.get("template", "")),
        "of_order": kind.once_a_day == "order", "order": str(order_id) if known else "null",
    }  # fmt: skip


def _morning(desk: Desk) -> datetime:
    """When customers may hear again tomorrow."""
    day = desk.now.astimezone(BEIJING).date() + timedelta(days=1)
    ends = time.fromisoformat(desk.settings.customers.quiet_ends)
    return datetime.combine(day, ends, BEIJING)
