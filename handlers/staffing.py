"""Staff, their roles and their ids, changed by a supervisor in chat or by whoever looks after the hub; each change
stands in the person's trail. What lay with somebody who left, or may not do it any more, is nobody's again at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import trail
from handlers.desk import Actor, Desk, Refusal
from handlers.duty import moving, telling
from handlers.permissions import role_titles
from models import Role
from models.people import ROLE_TITLES

OPERATOR: Final = Actor("管理员", source="cli")

_MEMBERS: Final = """
    SELECT s.id, s.name, s.wecom_userid, s.dingtalk_userid, s.active,
        ARRAY(SELECT r.role FROM staff_roles r WHERE r.staff_id = s.id) AS roles
    FROM staff s {where} ORDER BY s.id
"""
_ALL: Final = text(_MEMBERS.format(where=""))
_ONE: Final = text(_MEMBERS.format(where="WHERE s.wecom_userid = lower(:userid) OR s.dingtalk_userid = :userid"))
_OF_ID: Final = text(_MEMBERS.format(where="WHERE s.id = :id"))
# One change at a time: two operators must not switch off the last two supervisors.
_ALONE: Final = text("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
_ADD: Final = text("""
    INSERT INTO staff (name, wecom_userid, dingtalk_userid) VALUES (:name, :wecom, :dingtalk) RETURNING id
""")
_BACK: Final = text("UPDATE staff SET name = :name, active = true WHERE id = :id RETURNING id")
_ALSO: Final = text("UPDATE staff SET dingtalk_userid = :dingtalk WHERE id = :id AND dingtalk_userid IS NULL")
_BIND: Final = text("""
    UPDATE staff SET wecom_userid = coalesce(:wecom, wecom_userid),
        dingtalk_userid = coalesce(:dingtalk, dingtalk_userid) WHERE id = :id
""")
_OFF: Final = text("UPDATE staff SET active = false WHERE id = :id")
_NO_ROLES: Final = text("DELETE FROM staff_roles WHERE staff_id = :id")
_ROLE: Final = text("INSERT INTO staff_roles (staff_id, role) VALUES (:id, :role)")
_OTHER_SUPERVISORS: Final = text("""
    SELECT count(*) FROM staff s JOIN staff_roles r ON r.staff_id = s.id
    WHERE s.active AND r.role = 'supervisor' AND s.id <> :id
""")


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of one person on the platforms, "" where there is none, or none is meant. WeCom does not tell case
    apart. Raises Refusal for what is no id."""

    wecom: str = ""
    dingtalk: str = ""

    def __post_init__(self) -> None:
        if any(len(one.split()) > 1 or one.strip() != one for one in (self.wecom, self.dingtalk)):
            raise Refusal("userid 是通讯录里的账号，不能有空格")

    @property
    def one(self) -> str:
        return self.wecom or self.dingtalk


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here, or did."""

    name: str
    ids: Ids
    roles: frozenset[Role]
    active: bool = True

    @property
    def userid(self) -> str:
        """WeCom's, or DingTalk's of who is there alone."""
        return self.ids.one


def members(desk: Desk) -> list[Member]:
    """Everybody who was ever registered."""
    return [_member(row) for row in desk.session.execute(_ALL)]


def add(desk: Desk, ids: Ids, name: str, roles: Sequence[str], *, by: Actor = OPERATOR) -> Member:
    """Register somebody, or take back who had left. Raises Refusal."""
    ids, name = _lower(ids), name.strip()
    if not ids.one:
        raise Refusal("userid 是通讯录里的账号，不能为空")
    if not name:
        raise Refusal("姓名不能为空")
    wanted = _roles(roles)
    desk.session.execute(_ALONE)
    found = _find(desk, ids.one)
    if found is not None and found.active:
        how = f"hub staff roles {ids.one} <角色>" if _in_terminal(by) else f"角色 {found.name} 岗位"
        raise Refusal(f"{ids.one} 已登记为{found.name}；改角色请用 {how}")
    _check_free(desk, ids, found)
    return _register(desk, Member(name, ids, wanted), by, back=found)


def bind(desk: Desk, userid: str, ids: Ids, *, by: Actor = OPERATOR) -> Member:
    """Give somebody an id, or another one, on a platform. Raises Refusal."""
    person, ids = _working(desk, userid, by), _lower(ids)
    if not ids.one:
        raise Refusal("请写要绑定的账号，例如：角色 绑定 小李 钉钉 dt-xiaoli")
    _check_free(desk, ids, person)
    desk.session.execute(_BIND, {"id": person.id, "wecom": ids.wecom or None, "dingtalk": ids.dingtalk or None})
    before, now = _member(person), _member(desk.session.execute(_OF_ID, {"id": person.id}).one())
    said = {"企业微信": [before.ids.wecom, now.ids.wecom], "钉钉": [before.ids.dingtalk, now.ids.dingtalk]}
    changed = {label: pair for label, pair in said.items() if pair[0] != pair[1]}
    trail.write(desk, f"staff:{person.id}", by, action="绑定账号", detail={"姓名": now.name, **changed})
    return now


def set_roles(desk: Desk, userid: str, roles: Sequence[str], *, by: Actor = OPERATOR) -> Member:
    """Give somebody these roles instead of the present ones. Raises Refusal."""
    wanted = _roles(roles)
    person = _working(desk, userid, by)
    if Role.SUPERVISOR not in wanted:
        _keep_a_supervisor(desk, person)
    _give(desk, person.id, wanted)
    before = _member(person)
    said = [role_titles(before.roles), role_titles(wanted)]
    _note(desk, (person.id, before), by, action="修改角色", roles=said)
    _set_free(desk, person, by, why=f"{person.name}换了岗位", fits=wanted)
    return replace(before, roles=wanted)


def switch_off(desk: Desk, userid: str, *, by: Actor = OPERATOR) -> Member:
    """Somebody left: a stranger from now on; what lay with them may be claimed by others. Raises Refusal."""
    person = _working(desk, userid, by)
    _keep_a_supervisor(desk, person)
    desk.session.execute(_OFF, {"id": person.id})
    gone = replace(_member(person), active=False)
    _note(desk, (person.id, gone), by, action="停用成员", roles=role_titles(gone.roles))
    _set_free(desk, person, by, why=f"{person.name}已停用", fits=frozenset())
    return gone


def _set_free(desk: Desk, person: Row[Any], by: Actor, *, why: str, fits: frozenset[Role]) -> None:
    """What the person may not do any more is nobody's, and those who may claim it hear of it. Orders stay with whoever
    works here still."""
    lying = moving.lying_with(desk, person.id)
    if Role.SUPERVISOR in fits:
        return
    if fits:
        misfits = tuple(case for case in lying.cases if Role(case.role) not in fits)
        lying = replace(lying, cases=misfits, orders=())
    changes = moving.to_pool(desk, lying, person.name)
    moving.apply(desk, lying, changes, by, action="放回待认领")
    telling.tell_new_owners(desk, changes, subject=f"staff:{person.id}", why=why)


def seed(desk: Desk) -> None:
    """Register whom `hub.toml` names and the database lacks; who is there stays as changed since."""
    desk.session.execute(_ALONE)
    for person in desk.settings.staff:
        ids = Ids(person.wecom.lower(), person.dingtalk)
        found = _find(desk, ids.one)
        if found is None:
            _register(desk, Member(person.name, ids, frozenset(map(Role, person.roles))), OPERATOR)
        elif ids.dingtalk:
            desk.session.execute(_ALSO, {"dingtalk": ids.dingtalk, "id": found.id})


def _register(desk: Desk, member: Member, by: Actor, *, back: Row[Any] | None = None) -> Member:
    """Somebody new, or `back`, who had left."""
    ids = {"wecom": member.ids.wecom or None, "dingtalk": member.ids.dingtalk or None}
    if back is not None:
        staff_id = desk.session.execute(_BACK, {"name": member.name, "id": back.id}).scalar_one()
        desk.session.execute(_BIND, {"id": staff_id, **ids})
    else:
        staff_id = desk.session.execute(_ADD, {"name": member.name, **ids}).scalar_one()
    _give(desk, staff_id, member.roles)
    _note(desk, (staff_id, member), by, action="登记成员", roles=role_titles(member.roles))
    return member


def _lower(ids: Ids) -> Ids:
    return replace(ids, wecom=ids.wecom.lower())


def _in_terminal(by: Actor) -> bool:
    return by.source == OPERATOR.source


def _check_free(desk: Desk, ids: Ids, person: Row[Any] | None) -> None:
    """Raises Refusal where an id is somebody else's already."""
    for userid in filter(None, (ids.wecom.lower(), ids.dingtalk)):
        other = _find(desk, userid)
        if other is not None and (person is None or other.id != person.id):
            raise Refusal(f"账号 {userid} 已经是{other.name}的，请核对")


def _roles(names: Sequence[str]) -> frozenset[Role]:
    """By slug or by title. Raises Refusal naming the roles that there are."""
    known = "、".join(f"{role}（{title}）" for role, title in ROLE_TITLES.items())
    by_name = {**{str(role): role for role in Role}, **{title: role for role, title in ROLE_TITLES.items()}}
    strange = [name for name in names if name not in by_name]
    if strange or not names:
        what = f"没有角色 {'、'.join(strange)}" if any(strange) else "没有写角色"
        raise Refusal(f"{what}；可用的角色：{known}")
    return frozenset(by_name[name] for name in names)


def _find(desk: Desk, userid: str) -> Row[Any] | None:
    """Whoever has that id; on WeCom first, where it is one's there and another's on DingTalk."""
    found = desk.session.execute(_ONE, {"userid": userid}).all()
    return min(found, key=lambda one: one.wecom_userid != userid.lower(), default=None)


def _working(desk: Desk, userid: str, by: Actor) -> Row[Any]:
    """Raises Refusal for whom nobody knows, and who left."""
    desk.session.execute(_ALONE)
    found = _find(desk, userid.strip())
    if found is None:
        raise Refusal(
            f"没有登记 {userid}；" + ("hub staff 列出所有成员" if _in_terminal(by) else "发「角色」看所有成员")
        )
    if not found.active:
        again = (
            f"hub staff add {userid} <姓名> --roles <角色>"
            if _in_terminal(by)
            else f"角色 新增 {userid} {found.name} 岗位"
        )
        raise Refusal(f"{userid}（{found.name}）已停用；要恢复请用 {again}")
    return found


def _keep_a_supervisor(desk: Desk, person: Row[Any]) -> None:
    if Role.SUPERVISOR in person.roles and not desk.session.execute(_OTHER_SUPERVISORS, {"id": person.id}).scalar_one():
        raise Refusal(f"{person.name}是最后一位主管，请先给别人主管角色")


def _member(row: Row[Any]) -> Member:
    ids = Ids(row.wecom_userid or "", row.dingtalk_userid or "")
    return Member(row.name, ids, frozenset(map(Role, row.roles)), row.active)


def _give(desk: Desk, staff_id: int, roles: frozenset[Role]) -> None:
    desk.session.execute(_NO_ROLES, {"id": staff_id})
    desk.session.execute(_ROLE, [{"id": staff_id, "role": str(role)} for role in sorted(roles)])


def _note(
    desk: Desk, whom: tuple[int, Member], by: Actor, *, action: str, roles: str | list[str]
) -> None:  # fmt: skip
    staff_id, member = whom
    detail = {"姓名": member.name, "账号": member.userid, "角色": roles}
    trail.write(desk, f"staff:{staff_id}", by, action=action, detail=detail)
