"""How every shop stands, for whoever looks after the hub: read up to when, authorised until when, proved when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Desk
from handlers.wording import day_of

_STANDING: Final = text("""
    SELECT s.slug, s.platform, s.name, s.state, s.problem, s.wait_until,
        (SELECT max(synced_to) FROM cursors c WHERE c.shop_id = s.id) AS read_to,
        (SELECT count(*) FROM raw_payloads r WHERE r.shop_id = s.id AND r.problem IS NOT NULL) AS unread,
        proof.day AS proved_day, proof.state AS proof, m.strangers, m.strangers_on
    FROM shops s LEFT JOIN LATERAL (
        SELECT day, state FROM proofs p WHERE p.shop_id = s.id ORDER BY day DESC, id DESC LIMIT 1
    ) proof ON true LEFT JOIN mailbox_marks m ON m.slug = s.slug AND m.strangers > 0 AND m.strangers_on >= :since
    ORDER BY s.slug
""")


@dataclass(frozen=True, slots=True)
class Standing:
    """`problem` is Chinese, "" where all is well; `unread` counts records that nobody could read; `proof` is green,
    red, filling or unknown, None where no day was proved yet."""

    slug: str
    platform: str
    name: str
    state: str  # working, stopped, waiting, or off: not in hub.toml, or switched off there
    problem: str
    read_to: datetime | None
    unread: int
    proved_day: date | None
    proof: str | None


def standing(desk: Desk) -> list[Standing]:
    switched_on = {shop.slug for shop in desk.settings.shops if shop.enabled}
    found = []
    for row in desk.session.execute(_STANDING, {"since": day_of(desk.now) - timedelta(days=1)}):
        state = str(row.state)
        if row.slug not in switched_on:
            state = "off"
        elif state == "working" and row.wait_until is not None and row.wait_until > desk.now:
            state = "waiting"
        found.append(Standing(
            row.slug, row.platform, row.name, state, _wrong(row), row.read_to, row.unread, row.proved_day, row.proof
        ))  # fmt: skip
    return found


def _wrong(row: Row[Any]) -> str:
    """What stands still, and whose mails nobody reads: a new colleague's orders, or what belongs to somebody else."""
    unread = ""
    if row.strangers:
        unread = f"{row.strangers_on:%m-%d} 有 {row.strangers} 封邮件没有读：发件人不在 senders 名单里"
    return "；".join(part for part in (row.problem, unread) if part)
