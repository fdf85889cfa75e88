"""Who may do what, as one table. The same for a command, a card and the board; a supervisor may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handlers import people
from handlers.desk import Actor, Desk, Refusal
from models import Role
from models.people import ROLE_TITLES

_ALL: Final = frozenset(Role)
_SUPERVISOR: Final = frozenset({Role.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class Permit:
    """`own_role`: whose matter it is decides, so the roles come with the case."""

    title: str
    roles: frozenset[Role] = _ALL
    own_role: bool = False


MAY: Final[dict[str, Permit]] = {
    # commands
    "board": Permit("看板"),
    "find": Permit("查"),
    "mine": Permit("我的"),
    "trail": Permit("轨迹"),
    "help": Permit("帮助"),
    "case": Permit("短码"),
    "approve": Permit("审核", frozenset({Role.SERVICE})),
    "pick": Permit("配货", frozenset({Role.WAREHOUSE})),
    "ship": Permit("发货", frozenset({Role.WAREHOUSE})),
    "note": Permit("备注", frozenset({Role.SERVICE})),
    "assign": Permit("指派", _SUPERVISOR),
    "reveal": Permit("查看收件信息", frozenset({Role.SERVICE, Role.WAREHOUSE})),
    # buttons
    "ship_ask": Permit("发货", frozenset({Role.WAREHOUSE})),
    "send_back": Permit("撤销", frozenset({Role.SERVICE, Role.WAREHOUSE})),
    "claim": Permit("认领", own_role=True),
    "release": Permit("释放", own_role=True),
    "solve": Permit("处理", own_role=True),
    "delay": Permit("延后", own_role=True),
    "transfer": Permit("转交", own_role=True),
    "dismiss": Permit("忽略", own_role=True),
    "reopen": Permit("重开", own_role=True),
    "retry": Permit("重试回传", own_role=True),
    "list": Permit("查看清单"),
    "refresh": Permit("刷新"),
}


def check(desk: Desk, what: str, actor: Actor, *, own: Role | None = None) -> None:
    """Raises Refusal naming who may. `own` is the role of the case where that decides."""
    permit = MAY[what]
    roles = frozenset({own}) if permit.own_role and own is not None else permit.roles
    if actor.may(*roles):
        return
    raise Refusal(_refusal(desk, permit.title, roles, actor))


def allowed(what: str, actor: Actor | None, *, own: Role | None = None) -> bool:
    """Whether to offer it: a hint only, the press is checked. Nobody in particular (a group's card) sees all."""
    if actor is None:
        return True
    permit = MAY[what]
    return actor.may(*(frozenset({own}) if permit.own_role and own is not None else permit.roles))


def _refusal(desk: Desk, title: str, roles: frozenset[Role], actor: Actor) -> str:
    theirs = role_titles(roles)
    mine = role_titles(actor.roles) or "没有角色"
    helper = people.anyone(desk, roles)
    return f"{title}由{theirs}操作，您是{mine}；可以请{helper or '主管'}处理"


def role_titles(roles: frozenset[Role]) -> str:
    return "、".join(ROLE_TITLES[role] for role in Role if role in roles)
