"""角色: who works here, as what, and by which ids; for supervisors also who comes, goes, and may do what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from handlers import people, permissions, staffing
from handlers.commands.command import Command, Group, Looking, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.permissions import Permit, role_titles
from handlers.staffing import Ids, Member
from handlers.views import TextView, View
from models import Role
from models.people import ROLE_TITLES, platform_of

CHANGE: Final = Permit("改角色", frozenset({Role.SUPERVISOR}))
_ADD: Final = ("新增", "添加", "登记", "恢复")
_OFF: Final = ("停用", "离职", "删除")
_BIND: Final = ("绑定", "绑")
_PLATFORMS: Final = {
    "企业微信": "wecom", "企微": "wecom", "微信": "wecom", "wecom": "wecom", "钉钉": "dingtalk", "dingtalk": "dingtalk",
}  # fmt: skip
_TITLES: Final = {**{title: title for title in ROLE_TITLES.values()}, **{str(role): str(role) for role in Role}}
_HOW_TO_ADD: Final = "请发：角色 新增 小赵 客服 企业微信 xiaozhao，钉钉的写：钉钉 账号"


def run(desk: Desk, request: Request, actor: Actor) -> View:
    words = request.rest.replace("，", " ").replace("、", " ").replace(",", " ").split()
    if not words:
        return _listed(desk, actor, is_group=request.incoming.is_group)
    permissions.check(desk, CHANGE, actor)
    first, rest = words[0], words[1:]
    if first in _ADD:
        return _add(desk, _back(desk, rest) if first == "恢复" else rest, actor)
    if first in _OFF:
        member = _one(desk, rest[0] if rest else "", "停用")
        gone = staffing.switch_off(desk, member.userid, by=actor)
        return TextView(f"{gone.name}已停用，不能再操作；手上的事放回待认领。要恢复请发：{_again(gone)}")
    if first in _BIND:
        return _bind(desk, rest, actor)
    member = _one(desk, first, "修改角色")
    if not rest:
        raise Refusal(
            f"{member.name}现在是{role_titles(member.roles) or '没有角色'}；要改请发：角色 {member.name} 客服 仓库"
        )
    changed = staffing.set_roles(desk, member.userid, rest, by=actor)
    return TextView(f"{member.name}：{role_titles(member.roles) or '没有角色'} → {role_titles(changed.roles)}")


def _listed(desk: Desk, actor: Actor, *, is_group: bool) -> TextView:
    """Ids are a supervisor's business, and no group's."""
    shows_ids = Role.SUPERVISOR in actor.roles
    found = staffing.members(desk)
    here = [one for one in found if one.active]
    lines = [f"**成员 {len(here)} 人**", *(f"- {_line(one, shows_ids=shows_ids)}" for one in here)]
    if shows_ids:
        lines += [f"- {_line(one, shows_ids=True)}（已停用）" for one in found if not one.active]
        lines.append("> 改角色：角色 小李 客服 仓库；也可以 新增、停用、绑定，发「帮助 角色」看写法")
    return TextView("\n".join(lines), private=shows_ids and is_group)


def _line(member: Member, *, shows_ids: bool) -> str:
    ids = [("企业微信", member.ids.wecom), ("钉钉", member.ids.dingtalk)]
    shown = "，".join(f"{platform} {userid}" for platform, userid in ids if userid)
    return f"{member.name} {role_titles(member.roles) or '没有角色'}" + (f"（{shown}）" if shows_ids else "")


def _add(desk: Desk, words: list[str], actor: Actor) -> View:
    """角色 新增 小赵 客服 企业微信 xiaozhao; a lone id is of the platform on which the supervisor writes."""
    ids, others = _ids(words)
    roles = [word for word in others if word in _TITLES]
    names = [word for word in others if word not in _TITLES]
    if not ids.one and len(names) == 2:
        userid = next((word for word in names if word.isascii()), "")
        names = [word for word in names if word != userid]
        ids = Ids(**{platform_of(actor.source): userid}) if platform_of(actor.source) in _PLATFORMS.values() else ids
    if len(names) != 1 or not roles or not ids.one:
        raise Refusal(_HOW_TO_ADD)
    member = staffing.add(desk, ids, names[0], roles, by=actor)
    return TextView(f"已登记：{_line(member, shows_ids=True)}。现在就可以对我说话了")


def _back(desk: Desk, words: list[str]) -> list[str]:
    """角色 恢复 老王 仓库: with the ids, and where no role is said with the roles, of the only one who left by that
    name."""
    gone = [one for one in staffing.members(desk) if not one.active and one.name in words]
    if len(gone) != 1 or _ids(words)[0].one:
        return words
    named = (("企业微信", gone[0].ids.wecom), ("钉钉", gone[0].ids.dingtalk))
    roles = [] if any(word in _TITLES for word in words) else [str(role) for role in gone[0].roles]
    return [*words, *roles, *(word for platform, userid in named if userid for word in (platform, userid))]


def _bind(desk: Desk, words: list[str], actor: Actor) -> View:
    ids, others = _ids(words)
    if len(others) != 1 or not ids.one:
        raise Refusal("请发：角色 绑定 小李 钉钉 账号，或：角色 绑定 小李 企业微信 账号")
    member = staffing.bind(desk, _one(desk, others[0], "绑定").userid, ids, by=actor)
    return TextView(f"已绑定：{_line(member, shows_ids=True)}", private=True)


def _ids(words: Iterable[str]) -> tuple[Ids, list[str]]:
    """The ids, each behind its platform's name, and the other words. Raises Refusal for a name without an id."""
    found: dict[str, str] = {}
    others: list[str] = []
    rest = iter(words)
    for word in rest:
        platform = _PLATFORMS.get(word.lower().rstrip(":："))
        if platform is None:
            others.append(word)
            continue
        userid = next(rest, "")
        if not userid:
            raise Refusal(f"{word}后面请写账号。{_HOW_TO_ADD}")
        found[platform] = userid
    return Ids(**found), others


def _one(desk: Desk, name: str, what: str) -> Member:
    """The one of that name or id who works here. Raises Refusal."""
    person = people.one_named(people.staff(desk), name, ask=what)
    wanted = set(person.userids.values())
    return next(one for one in staffing.members(desk) if wanted & {one.ids.wecom, one.ids.dingtalk} - {""})


def _again(member: Member) -> str:
    platform = "企业微信" if member.ids.wecom else "钉钉"
    return f"角色 恢复 {member.name} {role_titles(member.roles).replace('、', ' ')} {platform} {member.userid}"


COMMAND = Command(
    ("角色", "成员", "人员"),
    "角色 [人名 岗位…]",
    "谁是什么岗位；主管可以改，例如：角色 小李 客服 仓库",
    run,
    Permit("角色"),
    group=Group.STEER,
    example="角色",
    brief="谁的岗位",
    more=(
        "岗位有 客服、仓库、采购、主管，可以写几个；写的就是全部",
        "新同事：角色 新增 小赵 客服 企业微信 xiaozhao 钉钉 dt-xiaozhao（有一个账号就行）",
        "离职：角色 停用 小赵，手上的事放回待认领；另一个平台的账号：角色 绑定 小李 钉钉 dt-xiaoli",
        "最后一位主管不能去掉",
    ),
    changes=CHANGE,
    looking=Looking("角色", "谁是什么岗位", "角色"),
)
