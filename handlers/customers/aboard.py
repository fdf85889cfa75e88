"""What travels with another message to a customer is looked at again before each try: orders go on while it waits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.customers import manners
from handlers.desk import Desk, Job
from models import Notification

_ABOARD: Final = text("""
    SELECT id, subject, body -> 'values' AS said, body -> 'order' AS order_id FROM notifications
    WHERE merged_into = :id AND state = 'merged' ORDER BY id FOR UPDATE
""")
_ALONE: Final = text("""
    UPDATE notifications SET state = 'owed', problem = '', merged_into = NULL, next_try_at = :now, body = body - 'more'
    WHERE id = ANY(:ids)
""")
_FOLLOW: Final = text("UPDATE notifications SET merged_into = :lead WHERE id = ANY(:ids)")
_TELLS: Final = text("UPDATE notifications SET body = body || cast(:body AS jsonb) WHERE id = :id")


def leave_behind(desk: Desk, row: Notification) -> None:
    """What is over meanwhile goes by itself again: it ends on its own, and says so on the trail of its order. Where
    that is `row` the next one carries the others; where all is over they end together. Not for a `row` that may have
    arrived: what it says must stay as it was."""
    if "more" not in row.body:
        return
    aboard = desk.session.execute(_ABOARD, {"id": row.id}).all()
    stays = [one for one in aboard if not _is_over(desk, row, one.order_id, (one.subject, one.said))]
    over = _is_over(desk, row, row.body.get("order"), (row.subject, row.body["values"]))
    if (over and not stays) or (not over and len(stays) == len(aboard)):
        return
    gone = [one.id for one in aboard if one not in stays]
    if over:
        _carry_on(desk, row, stays)
    else:
        row.body = {**row.body, **_told([(row.id, row.body["values"]), *((one.id, one.said) for one in stays)])}
    desk.session.execute(_ALONE, {"ids": gone, "now": desk.now})
    desk.ask_later(Job.DELIVER)


def _carry_on(desk: Desk, row: Notification, stays: Sequence[Row[Any]]) -> None:
    lead, *others = stays
    desk.session.execute(_ALONE, {"ids": [lead.id], "now": desk.now})
    desk.session.execute(_FOLLOW, {"lead": lead.id, "ids": [one.id for one in others]})
    said = _told([(one.id, one.said) for one in stays]) | ({"alone": True} if row.body.get("alone") else {})
    desk.session.execute(_TELLS, {"id": lead.id, "body": json.dumps(said, ensure_ascii=False)})
    row.body = {name: words for name, words in row.body.items() if name != "more"}


def _is_over(desk: Desk, row: Notification, order_id: Any, about: tuple[str, Mapping[str, Any]]) -> bool:
    """`about`: the subject and the values of one of what travels with `row`, or its own."""
    subject, said = about
    event, words = str(row.body.get("template", "")), str(said.get("words", ""))
    return isinstance(order_id, int) and manners.is_over(desk, event, order_id, (subject, words))


def _told(several: Sequence[tuple[int, Mapping[str, Any]]]) -> dict[str, Any]:
    """`several`: the message's id → values; the first of them is told in full."""
    first, *more = manners.newest(several, str(several[0][1].get("number", "")))
    return {"values": first, "more": more}
