"""Who may do what: every command and every action carries its permit, the same for chat, card and board. A supervisor
may do everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from handlers import people
from handlers.desk import Actor, Desk, Refusal
from models import Role
from models.people import ROLE_TITLES
from models.stages import Verb

EVERYBODY: Final = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may do what `title` names. `own_role`: whose matter it is decides, so the roles come with the case."""

    title: str
    roles: frozenset[Role] = EVERYBODY
    own_role: bool = False


STEPS: Final[dict[Verb, Permit]] = {
    Verb.APPROVE: Permit("审核", frozenset({Role.SERVICE})),
    Verb.PICK: Permit("配货", frozenset({Role.WAREHOUSE})),
    Verb.SHIP: Permit("发货", frozenset({Role.WAREHOUSE})),
    Verb.SEND_BACK: Permit("撤销", frozenset({Role.SERVICE, Role.WAREHOUSE})),
}
"""The steps of an order, whether typed or pressed."""


def check(desk: Desk, permit: Permit, actor: Actor, *, own: Role | None = None) -> None:
    """Raises Refusal naming who may. `own` is the role of the case where that decides."""
    roles = _roles(permit, own)
    if not actor.may(*roles):
        raise Refusal(_refusal(desk, permit.title, roles, actor))


def allowed(permit: Permit, actor: Actor | None, *, own: Role | None = None) -> bool:
    """Whether to offer it: a hint only, the press is checked. Nobody in particular (a group's card) sees all."""
    return actor is None or actor.may(*_roles(permit, own))


def _roles(permit: Permit, own: Role | None) -> frozenset[Role]:
    return frozenset({own}) if permit.own_role and own is not None else permit.roles


def _refusal(desk: Desk, title: str, roles: frozenset[Role], actor: Actor) -> str:
    theirs = role_titles(roles)
    mine = role_titles(actor.roles) or "没有角色"
    helper = people.anyone(desk, roles)
    return f"{title}由{theirs}操作，您是{mine}；可以请{helper or '主管'}处理"


def role_titles(roles: frozenset[Role]) -> str:
    return "、".join(ROLE_TITLES[role] for role in Role if role in roles)
