"""JD-20251222-001 完成: acts on an order by its tag, as the buttons of its card, or of its only case, would."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, text

from handlers import actions, find, listing, pressing
from handlers.actions.action import Action, CaseState, Said, nothing
from handlers.commands.command import Command, Group, Request
from handlers.desk import Actor, Desk, Refusal
from handlers.incoming import Press
from handlers.kinds import title_of
from handlers.parse import case_verb
from handlers.permissions import Permit
from handlers.views import View
from models import Role
from models.case import short_code
from models.stages import Stage

_CASES: Final = text("""
    SELECT c.id, c.kind, c.evidence, c.role, c.state, c.owner_id, c.revision, o.stage, o.lock_reason, o.hold
    FROM cases c JOIN orders o ON o.id = c.order_id
    WHERE c.order_id = :id AND c.state IN ('open', 'claimed') ORDER BY c.id
""")


def run(desk: Desk, request: Request, actor: Actor) -> View:
    wanted, rest = find.first_in(request.rest)
    verb = case_verb(rest.strip(), actions.words())
    if verb is None:
        raise Refusal(f"「{rest.strip()[:20]}」看不懂。请发：编号 卡片上的字，例如：{wanted.text} 刷新")
    find.alone(desk, verb.rest, "处理")
    action = actions.ACTIONS[verb.action]
    order_id = find.one(desk, wanted)
    if action.on_order is not nothing:
        subject, code = f"order:{order_id}", wanted.text
    else:
        case = _only_case(desk, order_id, action, (rest.strip(), actor))
        subject, code = f"case:{case.id}", short_code(case.id)
    value, selected = action.meant(desk, Said(verb.value, verb.rest, code))
    press = Press(verb.action, subject, 0, value, selected)
    return pressing.press(desk, replace(request.incoming, press=press), actor)


def _only_case(desk: Desk, order_id: int, action: Action, spoken: tuple[str, Actor]) -> Row[Any]:
    """The one matter of the order to which the words can belong. Raises Refusal where there is none, or several."""
    words, actor = spoken
    live = desk.session.execute(_CASES, {"id": order_id}).all()
    offered = {row.id: [button.text for button in action.on_case(_state(row, actor))] for row in live}
    said = [row for row in live if any(words.startswith(text) for text in offered[row.id])]  # 已到货, not 已确认
    found = said or [row for row in live if offered[row.id]] or live
    if len(found) == 1:
        return found[0]
    if not found:
        tag = listing.rows(desk, [order_id])[0].tag
        raise Refusal(f"{tag} 没有待处理的异常，不用「{words[:10]}」")
    named = "、".join(f"{short_code(row.id)} {title_of(row.kind, row.evidence)}" for row in found)
    raise Refusal(f"这一单有 {len(found)} 件事：{named}。请写短码，例如：{short_code(found[0].id)} {words[:20]}")


def _state(row: Row[Any], actor: Actor) -> CaseState:
    locked = bool(row.lock_reason or row.hold)
    return CaseState(
        row.id, row.revision, row.kind, Role(row.role), row.state, row.owner_id, actor.staff_id == row.owner_id,
        Stage(row.stage), locked, row.evidence,
    )  # fmt: skip


COMMAND = Command(
    (),
    "编号 卡片上的字",
    "按编号处理，和按卡片上的按钮一样",
    run,
    Permit("处理"),
    group=Group.ACT,
    example="JD-20251222-001 完成",
    brief="办一单",
    more=("订单只有一件异常时，完成、认领、+2h、转 人名 都可以直接跟在编号后面；有几件时请用短码",),
)
