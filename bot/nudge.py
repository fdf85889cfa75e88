"""One matter, one card: where somebody has a card of it already, which changes there by itself, a repetition is one
line that points to it. A card of its own comes for a new owner, a higher tier, a matter that grew or whose deadline
comes near, and what was asked for."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import and_, literal, select

from bot.card import Card
from bot.channels import CHANNELS
from bot.channels.channel import Edits
from bot.ladder import Way
from bot.phrases import cut
from handlers.desk import Desk
from models import Notification, SentCard

_OWN_CARD: Final = ("open", "assigned", "count", "days", "near")
_STEP: Final = re.compile(r"step(\d+)")
_HIGHEST: Final = 2  # role, then supervisors: a third step tells the same people again


def tier_of(row: Notification) -> int:
    """The step of its matter's escalation that an owed card tells: 0 when it opens, 2 at most."""
    step = _STEP.fullmatch(occasion_of(row))
    return min(int(step[1]), _HIGHEST) if step else 0


def occasion_of(row: Notification) -> str:
    """Why a card of its subject is owed: open, step1, assigned3 …; "" for what was asked for."""
    about = f"{row.subject}:"
    return row.dedupe_key.removeprefix(about).partition(":")[0] if row.dedupe_key.startswith(about) else ""


def instead(desk: Desk, row: Notification, card: Card, way: Way) -> str:
    """The line that stands in for `card`, "" where the card itself is due."""
    occasion = occasion_of(row)
    if not occasion or occasion.startswith(_OWN_CARD) or way.rung.as_text:
        return ""
    standing = _standing(desk, row, way)
    if standing is None or tier_of(row) > standing:
        return ""
    return _line(card)


def _standing(desk: Desk, row: Notification, way: Way) -> int | None:
    """The tier of the newest card of the matter in that chat that still changes there, None where there is none."""
    edits = CHANNELS[way.rung.channel].edits
    if edits is Edits.NEVER:
        return None
    by_code = and_(SentCard.response_code != "", SentCard.response_expires_at > desk.now)
    among_others = (literal("|") + SentCard.recipient + "|").contains(f"|{way.recipient}|", autoescape=True)
    found = (
        select(SentCard.tier)
        .where(
            SentCard.subject == row.subject,
            SentCard.channel == way.rung.channel,
            among_others,
            *((by_code,) if edits is Edits.BY_CODE else ()),
        )
        .order_by(SentCard.id.desc())
        .limit(1)
    )
    return desk.session.scalar(found)


def _line(card: Card) -> str:
    if not card.buttons:
        return cut(f"「{card.title}」{card.done_text or '有更新'}，见上面的卡片", 120)
    how = f"，可回复：{card.code} {card.buttons[0].text}" if card.code else ""
    return cut(f"「{card.title}」还在等处理，请看上面的卡片{how}", 160)
