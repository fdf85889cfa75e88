"""The answer to a press beside changes of the same card that are on their way: what arrives last stands there, so that
has to be the newest state (bot/channels/dingtalk/shown.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.dingtalk.parse import CHANNEL, Pressed
from bot.channels.dingtalk.shown import Shown
from bot.ding_replies import Seen
from bot.mishap import described
from handlers.desk import OpenDesk
from handlers.owe import Owed, owe

log = structlog.get_logger()
_COMING: Final = text("""
    SELECT 1 FROM notifications WHERE subject = :subject AND purpose = 'edit' AND state = 'owed' LIMIT 1
""")


def before(shown: Shown, pressed: Pressed | None, seen: Seen | None) -> Seen | None:
    """The answer to give now: without its card where the card was given a newer state since it was made."""
    if pressed is None or seen is None or seen.state is None:
        return seen
    if shown.reach(pressed.track_id, seen.state[1]) <= seen.state[1]:
        return seen
    return replace(seen, body=seen.line, state=None) if seen.line is not None else None


def after(open_desk: OpenDesk, shown: Shown, pressed: Pressed | None, seen: Seen | None) -> None:
    """The answer is out: where a newer state went out meanwhile, nobody knows which of them came first, so the card is
    owed that state once more. Not where a change is to come anyway."""
    if pressed is None or seen is None or seen.state is None:
        return
    subject, revision = seen.state
    if (shown.newest(pressed.track_id) or revision) <= revision:
        return
    try:
        with open_desk() as desk:
            if desk.session.execute(_COMING, {"subject": subject}).first() is None:
                body = {"task_id": pressed.track_id, "channel": CHANNEL}
                key = f"again:{CHANNEL}:{pressed.track_id}:{pressed.incoming.sender}:{desk.now.timestamp()}"
                owe(desk, [Owed(key, "staff", "edit", subject, "", body)])
    except SQLAlchemyError as error:
        log.warning("card_not_owed_again", **described(error))
