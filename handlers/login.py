"""How a person comes to the board: by a signed link from a chat, short-lived, or by the login of a chat platform; then
with a signed pass for a shift.

Link and pass are texts signed with the button key, each with its own salt, that name a staff member and an end. Time is
the desk's, so a moved clock ends them too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from itsdangerous import BadData, URLSafeSerializer

from handlers import people
from handlers.desk import Actor, Desk

LINK_LIFE: Final = timedelta(minutes=15)
PASS_LIFE: Final = timedelta(hours=12)
_LINK: Final = "board.link"
_PASS: Final = "board.pass"


class NotOurs(Exception):
    """Whoever logged in is no member of the company."""


class Spent(Exception):
    """The code that came back was used before, or is too old: the login begins again."""


class NoAnswer(Exception):
    """The platform did not say who it is. The text is for people."""


def link(desk: Desk, actor: Actor) -> str:
    """Where `actor` enters the board; only for 1:1 chats, for whoever opens it is taken for the actor."""
    return f"{desk.settings.hub.base_url}/enter?t={_sign(desk, actor, _LINK, LINK_LIFE)}"


def pass_for(desk: Desk, ticket: str) -> tuple[str, Actor] | None:
    """The pass that a link's ticket gives, and whose it is; None when it is not ours or too old."""
    actor = _read(desk, ticket, _LINK)
    return _passed(desk, actor) if actor else None


def pass_of_member(desk: Desk, userid: str, channel: str) -> tuple[str, Actor] | None:
    """The pass of whoever the platform of `channel` says it is; None for somebody who is not registered."""
    actor = people.find_actor(desk, userid, channel)
    return _passed(desk, actor) if actor else None


def holder(desk: Desk, board_pass: str) -> Actor | None:
    """Whose pass this is, with the roles of this moment; None when it is not ours, too old, or the person left."""
    return _read(desk, board_pass, _PASS)


def _passed(desk: Desk, actor: Actor) -> tuple[str, Actor]:
    return _sign(desk, actor, _PASS, PASS_LIFE), actor


def _serializer(desk: Desk, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(desk.settings.security.button_keys)), salt=salt)  # it signs with the last


def _sign(desk: Desk, actor: Actor, salt: str, life: timedelta) -> str:
    signed = _serializer(desk, salt).dumps([actor.staff_id, int((desk.now + life).timestamp())])
    return signed if isinstance(signed, str) else signed.decode()


def _read(desk: Desk, text: str, salt: str) -> Actor | None:
    try:
        staff_id, until = _serializer(desk, salt).loads(text)
    except (BadData, ValueError, TypeError):
        return None
    if desk.now.timestamp() > until:
        return None
    found = next((person for person in people.staff(desk) if person.id == staff_id), None)
    return Actor(found.name, found.roles, found.id, "web") if found else None
