"""Who is who: staff by their chat id, by name, by role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from handlers.desk import Actor, Desk
from models import Role


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    userid: str
    roles: frozenset[Role]


_STAFF: Final = """
    SELECT s.id, s.name, s.wecom_userid, ARRAY(SELECT r.role FROM staff_roles r WHERE r.staff_id = s.id) AS roles
    FROM staff s WHERE s.active {where} ORDER BY s.id
"""
_ALL: Final = text(_STAFF.format(where=""))
_ONE: Final = text(_STAFF.format(where="AND s.wecom_userid = :userid"))


def find_actor(desk: Desk, userid: str, source: str) -> Actor | None:
    """The person behind a chat id, None for a stranger."""
    found = desk.session.execute(_ONE, {"userid": userid.lower()}).one_or_none()
    if found is None:
        return None
    return Actor(found.name, frozenset(map(Role, found.roles)), found.id, source)


def refuse_unknown() -> str:
    return "您还没有登记为订单中枢的成员，请让管理员登记后再用。"


def staff(desk: Desk) -> list[Person]:
    """Everybody who works here now; a handful of rows."""
    found = desk.session.execute(_ALL)
    return [Person(one.id, one.name, one.wecom_userid, frozenset(map(Role, one.roles))) for one in found]


def with_role(everybody: Iterable[Person], role: Role) -> list[Person]:
    return [person for person in everybody if role in person.roles]


def anyone(desk: Desk, roles: frozenset[Role]) -> str:
    """A name to turn to, of the roles other than supervisor first; "" where nobody has them."""
    everybody = staff(desk)
    for role in sorted(roles, key=lambda role: role is Role.SUPERVISOR):
        for person in with_role(everybody, role):
            return person.name
    return ""


def named(everybody: Iterable[Person], name: str) -> list[Person]:
    """People of that name, or whose name holds it: 王 finds 老王."""
    everybody = list(everybody)
    exact = [person for person in everybody if name in (person.name, person.userid)]
    return exact or [person for person in everybody if name and name in person.name]
