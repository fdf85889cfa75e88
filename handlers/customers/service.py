"""What customers write to 微信客服: it opens a window for notices, and what the hub can answer is answered. People
serve the rest."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from handlers import owe
from handlers.customers import complaints, hearing
from handlers.desk import Desk
from handlers.incoming import Attached
from models import Urgency

CHANNEL: Final = "wecom_kf"
WINDOW: Final = timedelta(hours=48)
_MOST: Final = 5
_FRESH: Final = timedelta(minutes=30)  # what is older was answered by somebody, or is no question any more

_OPEN: Final = text("""
    UPDATE customer_ways SET remaining = :remaining, until_at = :until
    WHERE channel = 'wecom_kf' AND address = :address AND (until_at IS NULL OR until_at < :until)
""")
_CURSOR: Final = text("SELECT cursor FROM kf_cursors WHERE open_kfid = :open_kfid")
_MOVE: Final = text("""
    INSERT INTO kf_cursors (open_kfid, cursor) VALUES (:open_kfid, :cursor)
    ON CONFLICT (open_kfid) DO UPDATE SET cursor = excluded.cursor
""")


def heard(desk: Desk, who: str, words: str, about: tuple[str, datetime]) -> None:
    """`about`: the message's id, when it was written."""
    fresh = about[1] > desk.now - _FRESH
    heeded = hearing.understands(words) if fresh else hearing.is_wish(words)
    said = hearing.hear(desk, who, words, CHANNEL) if heeded else ""
    said = said if fresh else ""  # 退订 holds however late it is read, but nobody waits for the answer
    _answer(desk, who, said, about)


def pictured(desk: Desk, who: str, sent: Attached, about: tuple[str, datetime]) -> None:
    """People here see the picture too, and answer what is not understood: the hub says only that it has it."""
    said = complaints.pictured(desk, (CHANNEL, who), sent)
    is_fresh = about[1] > desk.now - _FRESH
    _answer(desk, who, said if is_fresh and said != complaints.WHAT_PICTURE else "", about)


def _answer(desk: Desk, who: str, said: str, about: tuple[str, datetime]) -> None:
    """Whatever they wrote opens the window; an answer takes one of its messages."""
    msgid, at = about
    remaining = _MOST - 1 if said else _MOST
    desk.session.execute(_OPEN, {"address": who, "until": at + WINDOW, "remaining": remaining})
    if said:
        body = {"text": said}
        owe.owe(desk, [owe.Owed(f"answer:kf:{msgid}", "customer_kf", "text", "kf", who, body, Urgency.ANSWER)])


def cursor(desk: Desk, open_kfid: str) -> str:
    return desk.session.execute(_CURSOR, {"open_kfid": open_kfid}).scalar_one_or_none() or ""


def move_cursor(desk: Desk, open_kfid: str, to: str) -> None:
    desk.session.execute(_MOVE, {"open_kfid": open_kfid, "cursor": to})
