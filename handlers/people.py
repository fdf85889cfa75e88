"""Who is who: staff by their chat id, by name, by role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, text

from handlers.desk import Actor, Desk, Refusal
from models import Role
from models.people import platform_of


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    userids: Mapping[str, str]  # platform → userid
    roles: frozenset[Role]
    away: bool = False  # absent just now


_STAFF: Final = """
    SELECT s.id, s.name, s.wecom_userid, s.dingtalk_userid, s.heard_on,
        ARRAY(SELECT r.role FROM staff_roles r WHERE r.staff_id = s.id) AS roles {more}
    FROM staff s WHERE s.active {where} ORDER BY s.id
"""
_AWAY: Final = """,
        EXISTS (SELECT FROM absences a WHERE a.staff_id = s.id AND a.state IN ('planned', 'begun')
            AND a.starts_at <= :now AND a.ends_at > :now) AS away
"""
_ALL: Final = text(_STAFF.format(where="", more=_AWAY))
_ON: Final = {
    "wecom": text(_STAFF.format(where="AND s.wecom_userid = lower(:userid)", more="")),
    "dingtalk": text(_STAFF.format(where="AND s.dingtalk_userid = :userid", more="")),
}
_ANYWHERE: Final = text(
    _STAFF.format(where="AND (s.wecom_userid = lower(:userid) OR s.dingtalk_userid = :userid)", more="")
)
# One column: what a row costs here is paid per column.
_SPEAKER: Final = f"SELECT row_to_json(x) FROM ({_STAFF.format(where='{where}', more='')}) x"
_SPEAKS: Final = {
    "wecom": text(_SPEAKER.format(where="AND s.wecom_userid = lower(:userid)")),
    "dingtalk": text(_SPEAKER.format(where="AND s.dingtalk_userid = :userid")),
    "terminal": text(_SPEAKER.format(where="AND cast(s.id AS text) = :userid")),  # nobody is called so on a platform
    "": text(_SPEAKER.format(where="AND (s.wecom_userid = lower(:userid) OR s.dingtalk_userid = :userid)")),
}
# Of several messages of one person at once the first notes it: the others need not wait for its transaction.
_HEARD: Final = text("""
    UPDATE staff SET heard_on = :platform
    WHERE id = (SELECT id FROM staff WHERE id = :id FOR NO KEY UPDATE SKIP LOCKED)
""")


def find_actor(desk: Desk, userid: str, channel: str) -> Actor | None:
    """The person behind the id of a channel's platform, None for a stranger; of any platform where the channel is none
    (the terminal)."""
    found = desk.session.execute(_ON.get(platform_of(channel), _ANYWHERE), {"userid": userid}).first()
    if found is None:
        return None
    return Actor(found.name, frozenset(map(Role, found.roles)), found.id, channel)


def heard(desk: Desk, userid: str, channel: str) -> Actor | None:
    """The same for who speaks just now: the platform is kept, for that is where they look."""
    platform = platform_of(channel)
    found = desk.session.execute(_SPEAKS.get(platform, _SPEAKS[""]), {"userid": userid}).scalar()
    if found is None:
        return None
    if platform in _ON and found["heard_on"] != platform:
        desk.session.execute(_HEARD, {"platform": platform, "id": found["id"]})
    return Actor(found["name"], frozenset(map(Role, found["roles"])), found["id"], channel)


def refuse_unknown() -> str:
    return "您还没有登记为订单中枢的成员，请让管理员登记后再用。"


def staff(desk: Desk) -> list[Person]:
    """Everybody who works here now, absent or not; a handful of rows."""
    found = desk.session.execute(_ALL, {"now": desk.now})
    return [_person(row) for row in found]


def _person(row: Row[Any]) -> Person:
    userids = {"wecom": row.wecom_userid, "dingtalk": row.dingtalk_userid}
    known = {platform: userid for platform, userid in userids.items() if userid}
    return Person(row.id, row.name, known, frozenset(map(Role, row.roles)), row.away)


def with_role(everybody: Iterable[Person], role: Role) -> list[Person]:
    """Those who hold the role and are not absent; where there are none the supervisors, so that nothing is nobody's."""
    everybody = list(everybody)
    holders = [person for person in everybody if role in person.roles]
    supervisors = [person for person in everybody if Role.SUPERVISOR in person.roles]
    chances = ([person for person in group if not person.away] for group in (holders, supervisors))
    return next((found for found in chances if found), supervisors or holders)


def anyone(desk: Desk, roles: frozenset[Role]) -> str:
    """A name to turn to who is there, of the roles other than supervisor first; "" where nobody has them."""
    everybody = staff(desk)
    for role in sorted(roles, key=lambda role: role is Role.SUPERVISOR):
        for person in with_role(everybody, role):
            return person.name
    return ""


def named(everybody: Iterable[Person], name: str) -> list[Person]:
    """People of that name, or whose name holds it: 王 finds 老王."""
    everybody, name = list(everybody), name.lstrip("@＠ ")
    exact = [person for person in everybody if name in (person.name, *person.userids.values())]
    return exact or [person for person in everybody if name and name in person.name]


def one_named(everybody: Iterable[Person], name: str, *, ask: str) -> Person:
    """Raises Refusal when nobody or more than one is meant. `ask`: what the name is for, "指派给"."""
    everybody = list(everybody)
    found = named(everybody, name)
    names = "、".join(person.name for person in found or everybody)
    if not found:
        raise Refusal(f"没有叫「{name[:20]}」的同事，可以{ask}：{names}" if name else f"{ask}谁？可以是：{names}")
    if len(found) > 1:
        raise Refusal(f"「{name[:20]}」有几位：{names}，请写全名")
    return found[0]
