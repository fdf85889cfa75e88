"""Owed messages as delivery leaves them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from models import Notification
from tests.factories import NOW


def letter(session: Session, **changes: Any) -> Notification:
    """A text to nobody in particular that is owed since this moment."""
    values: dict[str, Any] = {
        "dedupe_key": f"k{session.query(Notification).count()}",
        "channel": "staff",
        "recipient": "1",
        "purpose": "text",
        "subject": "answer",
        "body": {"text": "今天到货"},
        "state": "owed",
        "next_try_at": NOW,
        "created_at": NOW,
        **changes,
    }
    row = Notification(**values)
    session.add(row)
    session.flush()
    return row


def failed(session: Session, problem: str = "收件人不在应用可见范围内", **changes: Any) -> Notification:
    return letter(session, **{"state": "failed", "problem": problem, "tries": 8, **changes})
