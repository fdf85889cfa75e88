"""Whose an order is: assigned by a supervisor, handed on by who has it or works at its stage, claimed by who may."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, text

from handlers import cases, owe, permissions, trail
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.duty import duty
from handlers.people import Person
from handlers.permissions import Permit
from models import Role
from models.people import ROLE_TITLES
from models.stages import OPEN, TITLES, Stage
from rules.stale import OWNERS

_ORDER: Final = text("SELECT id, tag, stage, owner_id FROM orders WHERE id = :id FOR NO KEY UPDATE")
_NAME: Final = text("SELECT name FROM staff WHERE id = :id")  # by itself: a row that was waited for is joined as it was
_CASES: Final = text("""
    SELECT id, role, state, owner_id FROM cases WHERE order_id = :id AND state IN ('open', 'claimed') ORDER BY id
""")
_OWNER: Final = text("UPDATE orders SET owner_id = :owner, revision = revision + 1 WHERE id = :id RETURNING revision")


def assign(desk: Desk, order_id: int, to: Person, actor: Actor) -> None:
    """It is theirs, and they hear of it. Raises Refusal for an order that is over, who may not work on it, or is
    absent."""
    _check_can(_open(desk, order_id), to)
    _give(desk, order_id, to, actor, action="指派")


def _check_can(order: Row[Any], to: Person) -> None:
    stage = Stage(order.stage)
    if not to.roles & {OWNERS[stage], Role.SUPERVISOR}:
        theirs = permissions.role_titles(to.roles) or "没有角色"
        raise Refusal(f"{to.name}是{theirs}，{TITLES[stage]}的单要{ROLE_TITLES[OWNERS[stage]]}处理")


def _give(desk: Desk, order_id: int, to: Person, actor: Actor, *, action: str) -> None:
    duty.check_here(desk, to)
    trail.write_order(desk, order_id, actor=actor, action=action, detail={"负责人": to.name})
    revision = desk.session.execute(_OWNER, {"owner": to.id, "id": order_id}).scalar_one()
    subject = f"order:{order_id}"
    told = owe.Owed(f"{subject}:assigned{revision}:staff:{to.id}", "staff", "card", subject, str(to.id))
    owe.owe(desk, [told, owe.order_edit(order_id, revision)], by=actor)


def hand_on(desk: Desk, order_id: int, to: Person, actor: Actor) -> None:
    """The same by whoever has it, or works at its stage; to somebody who may work on it. Raises Refusal."""
    order = _open(desk, order_id)
    role = OWNERS[Stage(order.stage)]
    if order.owner_id is None or order.owner_id != actor.staff_id:
        permissions.check(desk, Permit("转单", frozenset({role})), actor)
    _check_can(order, to)
    _give(desk, order_id, to, actor, action="转单")


def claim(desk: Desk, order_id: int, actor: Actor, minutes: int | None) -> str:
    """The order and those of its open cases that the person may do are theirs; each case with its promise. Returns
    what came of it. Raises Refusal, and Late where somebody has it."""
    order = _open(desk, order_id)
    live = desk.session.execute(_CASES, {"id": order_id}).all()
    roles = frozenset({OWNERS[Stage(order.stage)], *(Role(case.role) for case in live)})
    permissions.check(desk, Permit("认领", roles), actor)
    if order.owner_id not in (None, actor.staff_id):
        owner = desk.session.execute(_NAME, {"id": order.owner_id}).scalar_one()
        raise Late(f"{order.tag} 已由{owner}负责，要换人请发：转 {order.tag} 人名")
    free = [case for case in live if case.state == "open" and actor.may(Role(case.role))]
    for case in free:
        cases.claim(desk, case.id, actor, minutes)
    mine = order.owner_id == actor.staff_id
    if mine and not free:
        raise Late(f"{order.tag} 您已经认领")
    if not mine:
        trail.write_order(desk, order_id, actor=actor, action="认领", detail={"负责人": actor.name})
        revision = desk.session.execute(_OWNER, {"owner": actor.staff_id, "id": order_id}).scalar_one()
        owe.owe(desk, [owe.order_edit(order_id, revision)], by=actor)
    with_cases = f"，连同 {len(free)} 件异常" if free else ""
    untimed = "；这一单没有待处理的异常，不计时" if minutes is not None and not free else ""
    return f"{actor.name}已认领{with_cases}{untimed}"


def _open(desk: Desk, order_id: int) -> Row[Any]:
    """Locked. Raises Refusal for an order that nobody works on any more, or yet."""
    order = desk.session.execute(_ORDER, {"id": order_id}).one()
    if Stage(order.stage) not in OPEN:
        raise Refusal(f"{order.tag} 现在是{TITLES[Stage(order.stage)]}，没有要处理的环节")
    return order
