"""指派: an order or a case to a person."""

from __future__ import annotations

from handlers import cases, codes, find, owning, people, show
from handlers.commands.command import Command, Group, Request
from handlers.commands.matter import is_over, nothing_done
from handlers.desk import Actor, Desk, Refusal
from handlers.dispatch import dispatch
from handlers.parse import code_in, leading, references
from handlers.permissions import Permit
from handlers.views import View
from models import Role


def run(desk: Desk, request: Request, actor: Actor) -> View:
    if not request.rest.strip():
        return dispatch.show(desk)
    everybody = people.staff(desk)
    code = code_in(request.rest)
    if code is not None and not code[0].isdigit() and not references(code[1])[0]:
        return _case(desk, code, everybody, actor)
    wanted, rest = find.first_in(request.rest)
    if wanted.kind == "name":  # 指派 老王 JD-20251222-001
        to, behind = _person(everybody, wanted.text), leading(rest)
        if behind is None:
            raise Refusal(f"指派哪一单给{to.name}？请发：指派 编号 {to.name}")
        return _order(desk, find.one(desk, behind[0]), to, actor)
    if references(rest)[0]:
        raise Refusal("一次指派一单，请分开发：指派 编号 人名；还没人管的事也可以发「指派」，在卡片上选")
    return _order(desk, find.one(desk, wanted), _person(everybody, rest.strip(" ,，给")), actor)


def _case(desk: Desk, named: tuple[str, str], everybody: list[people.Person], actor: Actor) -> View:
    case_id = codes.case_of(desk, named[0])
    to = _person(everybody, named[1].strip(" ,，给"))
    if is_over(desk, case_id):
        return nothing_done(show.show(desk, f"case:{case_id}", actor))
    cases.transfer(desk, case_id, actor, to)
    return show.show(desk, f"case:{case_id}", actor, note=f"{actor.name}指派给{to.name}")


def _order(desk: Desk, order_id: int, to: people.Person, actor: Actor) -> View:
    owning.assign(desk, order_id, to, actor)
    return show.show_order(desk, order_id, actor, note=f"{actor.name}指派给{to.name}")


def _person(everybody: list[people.Person], name: str) -> people.Person:
    return people.one_named(everybody, name, ask="指派给")


COMMAND = Command(
    ("指派", "分派", "派给", "安排"),
    "指派 编号/短码 人名",
    "把订单或异常交给某人",
    run,
    Permit("指派", frozenset({Role.SUPERVISOR})),
    about_order=True,
    group=Group.PEOPLE,
    example="指派 JD-20251222-001 老王",
    brief="派给某人",
)
