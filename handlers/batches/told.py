"""What customers are to hear of an act only when it cannot be taken back any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from handlers import owe
from handlers.desk import Desk

_LATER: Final = text("""
    UPDATE notifications n SET next_try_at = greatest(n.next_try_at, x.at)
    FROM unnest(cast(:keys AS text[]), cast(:moments AS timestamptz[])) AS x(key, at)
    WHERE n.dedupe_key = x.key AND n.state = 'owed' AND n.created_at = :now
""")
_UNSAY: Final = text("DELETE FROM notifications WHERE dedupe_key = ANY(:keys) AND state = 'owed' AND tries = 0")


def owe_later(desk: Desk, messages: Sequence[tuple[owe.CustomerMessage, datetime]]) -> None:
    """Owe each message from its moment on."""
    if messages:
        owe.owe_customers(desk, [message for message, _ in messages])
        keys, moments = [message.key for message, _ in messages], [at for _, at in messages]
        desk.session.execute(_LATER, {"keys": keys, "moments": moments, "now": desk.now})


def unsay(desk: Desk, keys: Sequence[str]) -> None:
    """What has not been told need not be."""
    if keys:
        desk.session.execute(_UNSAY, {"keys": list(keys)})
