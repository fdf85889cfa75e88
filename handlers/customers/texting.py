"""What people answer to an SMS. Nothing is answered: an SMS costs, and nobody waits for one."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy import text

from handlers import trail
from handlers.customers import binding, hearing, reach
from handlers.desk import Actor, Desk
from handlers.parse import normal
from models.stages import OPEN
from models.vault import phone_digits

CHANNEL: Final = "sms"
_CUSTOMER: Final = Actor("客户", source=CHANNEL)
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")
_TOLD_TO: Final = re.compile(r"^回复?")  # 「回T退订」 is what the message asks for, and some write all of it
_QUIET: Final = re.compile(r"(TD|T|N)(退订)?|退订")
_MOST: Final = 20

# Of that phone the orders that people still look at.
_ORDERS: Final = text("""
    SELECT id FROM (
        SELECT id FROM orders WHERE phone_hash = :phone
            AND (stage = ANY(:open) OR created_at > cast(:now AS timestamptz) - interval '30 days')
        ORDER BY created_at DESC LIMIT :most
    ) o ORDER BY id
""")


def heard(desk: Desk, number: str, words: str) -> None:
    """退订 closes SMS, and SMS alone, to that phone; 恢复 opens it again. A repeat changes nothing."""
    digits = phone_digits(number)
    if not _MOBILE.fullmatch(digits):
        return
    person = reach.phone_person(desk.vault, digits)
    if _wants_quiet(words):
        if binding.opt_out(desk, CHANNEL, person):
            _note(desk, digits, "客户退订", "回复退订，这个号码不再收到短信")
    elif hearing.wants_to_hear(words) and binding.opt_in(desk, CHANNEL, person):
        _note(desk, digits, "客户恢复通知", "回复恢复")


def _wants_quiet(words: str) -> bool:
    line = _TOLD_TO.sub("", hearing.bare(normal(words))).upper()
    return hearing.wants_quiet(words) or _QUIET.fullmatch(line) is not None


def _note(desk: Desk, digits: str, action: str, said: str) -> None:
    asked = {"phone": desk.vault.lookup("phone", digits), "open": list(OPEN), "now": desk.now, "most": _MOST}
    for order_id in desk.session.execute(_ORDERS, asked).scalars().all():
        trail.write_order(desk, order_id, actor=_CUSTOMER, action=action, detail={"短信": said})
