"""One of several processes may act: a row that is taken, renewed and given up by one conditional statement each.

Time is the database's, so that machines whose clocks differ, and a hub whose clock is moved, still agree."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

SECONDS: Final = 15
RENEW_SECONDS: Final = 5
_TAKE: Final = text("""
    INSERT INTO leases (name, owner, until) VALUES (:name, :owner, now() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
    WHERE leases.owner = excluded.owner OR leases.until < now()
    RETURNING true
""")
_GIVE_UP: Final = text("DELETE FROM leases WHERE name = :name AND owner = :owner")


def take(session: Session, name: str, owner: str) -> bool:
    """Take or renew; False while another owner's lease runs."""
    values = {"name": name, "owner": owner, "seconds": SECONDS}
    return session.execute(_TAKE, values).scalar() is not None


def give_up(session: Session, name: str, owner: str) -> None:
    """At once free for others; nothing where it is not ours."""
    session.execute(_GIVE_UP, {"name": name, "owner": owner})
