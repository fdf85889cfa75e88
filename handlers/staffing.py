"""Staff and their roles, changed by whoever looks after the hub; each change stands in the person's trail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import role_titles
from models import Role
from models.people import ROLE_TITLES

OPERATOR: Final = Actor("管理员", source="cli")

_MEMBERS: Final = """
    SELECT s.id, s.name, coalesce(s.wecom_userid, s.dingtalk_userid) AS userid, s.wecom_userid, s.dingtalk_userid,
        s.active, ARRAY(SELECT r.role FROM staff_roles r WHERE r.staff_id = s.id) AS roles
    FROM staff s {where} ORDER BY s.id
"""
_ALL: Final = text(_MEMBERS.format(where=""))
_ONE: Final = text(_MEMBERS.format(where="WHERE s.wecom_userid = lower(:userid) OR s.dingtalk_userid = :userid"))
# One change at a time: two operators must not switch off the last two supervisors.
_ALONE: Final = text("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
_ADD: Final = text("""
    INSERT INTO staff (name, wecom_userid, dingtalk_userid) VALUES (:name, :wecom, :dingtalk) RETURNING id
""")
_BACK: Final = text("UPDATE staff SET name = :name, active = true WHERE id = :id RETURNING id")
_ALSO: Final = text("UPDATE staff SET dingtalk_userid = :dingtalk WHERE id = :id AND dingtalk_userid IS NULL")
_OFF: Final = text("UPDATE staff SET active = false WHERE id = :id")
_NO_ROLES: Final = text("DELETE FROM staff_roles WHERE staff_id = :id")
_ROLE: Final = text("INSERT INTO staff_roles (staff_id, role) VALUES (:id, :role)")
_OTHER_SUPERVISORS: Final = text("""
    SELECT count(*) FROM staff s JOIN staff_roles r ON r.staff_id = s.id
    WHERE s.active AND r.role = 'supervisor' AND s.id <> :id
""")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here, or did. `userid`: WeCom's, or DingTalk's of who is there alone."""

    name: str
    userid: str
    roles: frozenset[Role]
    active: bool = True
    dingtalk: str = ""


def members(desk: Desk) -> list[Member]:
    """Everybody who was ever registered."""
    return [_member(row) for row in desk.session.execute(_ALL)]


def add(desk: Desk, userid: str, name: str, roles: Sequence[str]) -> Member:
    """Register somebody, or take back who had left. Raises Refusal."""
    userid, name = userid.strip(), name.strip()
    if not userid or len(userid.split()) > 1:
        raise Refusal("userid 是企业微信通讯录里的账号，不能为空，也不能有空格")
    if not name:
        raise Refusal("姓名不能为空")
    wanted = _roles(roles)
    desk.session.execute(_ALONE)
    found = _find(desk, userid)
    if found is not None and found.active:
        raise Refusal(f"{userid} 已登记为{found.name}；改角色请用 hub staff roles {userid} <角色>")
    return _register(desk, Member(name, userid.lower(), wanted), back=found)


def set_roles(desk: Desk, userid: str, roles: Sequence[str]) -> Member:
    """Give somebody these roles instead of the present ones. Raises Refusal."""
    wanted = _roles(roles)
    person = _working(desk, userid)
    if Role.SUPERVISOR not in wanted:
        _keep_a_supervisor(desk, person)
    _give(desk, person.id, wanted)
    before = _member(person)
    _note(desk, person.id, before, action="修改角色", roles=[role_titles(before.roles), role_titles(wanted)])
    return replace(before, roles=wanted)


def switch_off(desk: Desk, userid: str) -> Member:
    """Somebody left: a stranger from now on; what was claimed goes back when its time is up. Raises Refusal."""
    person = _working(desk, userid)
    _keep_a_supervisor(desk, person)
    desk.session.execute(_OFF, {"id": person.id})
    gone = replace(_member(person), active=False)
    _note(desk, person.id, gone, action="停用成员", roles=role_titles(gone.roles))
    return gone


def seed(desk: Desk) -> None:
    """Register whom `hub.toml` names and the database lacks; who is there stays as changed since."""
    desk.session.execute(_ALONE)
    for person in desk.settings.staff:
        userid = person.wecom.lower() or person.dingtalk
        found = _find(desk, userid)
        if found is None:
            member = Member(person.name, userid, frozenset(map(Role, person.roles)), dingtalk=person.dingtalk)
            _register(desk, member)
        elif person.dingtalk:
            desk.session.execute(_ALSO, {"dingtalk": person.dingtalk, "id": found.id})


def _register(desk: Desk, member: Member, *, back: Row[Any] | None = None) -> Member:
    """Somebody new, or `back`, who had left."""
    if back is not None:
        staff_id = desk.session.execute(_BACK, {"name": member.name, "id": back.id}).scalar_one()
    else:
        wecom = member.userid if member.userid != member.dingtalk else None
        ids = {"wecom": wecom, "dingtalk": member.dingtalk or None}
        staff_id = desk.session.execute(_ADD, {"name": member.name, **ids}).scalar_one()
    _give(desk, staff_id, member.roles)
    _note(desk, staff_id, member, action="登记成员", roles=role_titles(member.roles))
    return member


def _roles(names: Sequence[str]) -> frozenset[Role]:
    """Raises Refusal naming the roles that there are."""
    known = "、".join(f"{role}（{title}）" for role, title in ROLE_TITLES.items())
    strange = [name for name in names if name not in set(Role)]
    if strange or not names:
        what = f"没有角色 {'、'.join(strange)}" if any(strange) else "没有写角色"
        raise Refusal(f"{what}；可用的角色：{known}")
    return frozenset(map(Role, names))


def _find(desk: Desk, userid: str) -> Row[Any] | None:
    return desk.session.execute(_ONE, {"userid": userid}).one_or_none()


def _working(desk: Desk, userid: str) -> Row[Any]:
    """Raises Refusal for whom nobody knows, and who left."""
    desk.session.execute(_ALONE)
    found = _find(desk, userid.strip())
    if found is None:
        raise Refusal(f"没有登记 {userid}；hub staff 列出所有成员")
    if not found.active:
        raise Refusal(f"{userid}（{found.name}）已停用；要恢复请用 hub staff add {userid} <姓名> --roles <角色>")
    return found


def _keep_a_supervisor(desk: Desk, person: Row[Any]) -> None:
    if Role.SUPERVISOR in person.roles and not desk.session.execute(_OTHER_SUPERVISORS, {"id": person.id}).scalar_one():
        raise Refusal(f"{person.name}是最后一位主管，请先给别人主管角色")


def _member(row: Row[Any]) -> Member:
    return Member(row.name, row.userid, frozenset(map(Role, row.roles)), row.active, row.dingtalk_userid or "")


def _give(desk: Desk, staff_id: int, roles: frozenset[Role]) -> None:
    desk.session.execute(_NO_ROLES, {"id": staff_id})
    desk.session.execute(_ROLE, [{"id": staff_id, "role": str(role)} for role in sorted(roles)])


def _note(desk: Desk, staff_id: int, member: Member, *, action: str, roles: str | list[str]) -> None:
    detail = {"姓名": member.name, "账号": member.userid, "角色": roles}
    trail.write(desk, f"staff:{staff_id}", OPERATOR, action=action, detail=detail)
