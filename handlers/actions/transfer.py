"""转交: to the person chosen in the drop-down."""

from __future__ import annotations

from handlers import cases, people
from handlers.actions.action import Action, Button, CaseState, Meant, Said, Then, case_id, press_of
from handlers.desk import Actor, Desk, Late, Refusal
from handlers.incoming import Incoming


def press(desk: Desk, incoming: Incoming, actor: Actor) -> Then:
    pressed = press_of(incoming)
    chosen = pressed.selected.get("person", ())
    if not chosen:
        cases.take_up(desk, case_id(pressed), cases.TRANSFER, actor)
        raise Late("先在下拉里选人，再按转交")
    to = next((person for person in people.staff(desk) if str(person.id) == chosen[0]), None)
    if to is None:
        raise Refusal("这个人已经不在名单里，请刷新后再选")
    cases.transfer(desk, case_id(pressed), actor, to)
    return Then(f"{actor.name}转给{to.name}")


def _meant(desk: Desk, said: Said) -> Meant:
    everybody = people.staff(desk)
    found = people.named(everybody, said.rest)
    if len(found) != 1:
        names = "、".join(person.name for person in found or everybody)
        wrong = f"「{said.rest[:20]}」有几位。" if found else f"没有叫「{said.rest[:20]}」的同事。"
        raise Refusal(f"{wrong if said.rest else '转给谁？'}请发：{said.code} 转 人名（{names}）")
    return "", {"person": (str(found[0].id),)}


def _on_case(case: CaseState) -> tuple[Button, ...]:
    # The one drop-down of a wish to wait is the date.
    return (Button("转交"),) if case.is_alone and case.kind != "delay_request" else ()


_WORDS = ("转交给", "转交", "转给", "转")
ACTION = Action(cases.TRANSFER, press, words=dict.fromkeys(_WORDS, ""), meant=_meant, on_case=_on_case)
