"""A supervisor asks for what nobody has, and hands it out by the form: on the phone, through the real callbacks."""

from __future__ import annotations

import pytest

from models import Case
from models.case import short_code
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from tests.flows.chats import shown
from tests.flows.house import House, on_dingtalk, on_wecom

CHATS = pytest.mark.parametrize("place", ["app", "bot"])
"""The app's own chat calls by HTTP, the bot's by its long connection."""


def waiting(house: House) -> Case:
    """A matter that nobody has."""
    order = house.arrived("taobao", kind="plain")
    house.move(hours=3)
    house.look()
    return next(case for case in house.cases("stale_stage") if case.order_id == order.id)


def owner(house: House, case: Case) -> tuple[int | None, str, int]:
    now = next(one for one in house.cases(case.kind) if one.id == case.id)
    return now.owner_id, now.state, now.revision


def form(house: House, place: str) -> Message:
    house.ask("chenjie", "指派", place)
    return house.card(house.phones.chat_name("chenjie", house.edge.place(place)), "待指派")


def submit(house: House, message: Message, **chosen: str) -> Outcome:
    """Press the form's own button; a drop-down that is not named is left as it shows."""
    body = message.body_for("chenjie")
    key = body.get("template_card", body)["submit_button"]["key"]
    selected = {name: [one] for name, one in chosen.items()}
    outcome = house.phones.press({"who": "chenjie", "message_id": message.id, "key": key, "selected": selected})
    assert outcome.answered, outcome.why
    house.work()
    return outcome


def said_since(house: House, place: str, before: set[str]) -> str:
    name = house.phones.chat_name("chenjie", house.edge.place(place))
    return "\n".join(shown(one, "chenjie") for one in house.said(name) if one.id not in before)


@on_wecom
@CHATS
def test_a_press_without_choosing_anybody_gives_the_matter_to_nobody(house: House, place: str) -> None:
    """An untouched drop-down comes back with what it shows, and the first option where it names none."""
    case = waiting(house)
    message = form(house, place)
    before, rows = owner(house, case), house.counts()["trail"]
    seen = {one.id for one in house.chat(house.phones.chat_name("chenjie", house.edge.place(place)))}
    submit(house, message)
    assert owner(house, case) == before
    assert house.counts()["trail"] == rows
    assert "请先选交给谁" in said_since(house, place, seen) + shown(message, "chenjie")
    assert not house.complaints()


@on_wecom
@CHATS
def test_who_is_chosen_gets_it_and_the_next_press_needs_a_choice_of_its_own(house: House, place: str) -> None:
    case = waiting(house)
    message = form(house, place)
    body = message.body_for("chenjie")
    persons = body.get("template_card", body)["select_list"][1]
    xiaoli = next(one["id"] for one in persons["option_list"] if one["text"].startswith("小李"))
    submit(house, message, person=xiaoli)
    assert owner(house, case)[0] == int(xiaoli)
    assert f"{short_code(case.id)} 已交给小李" in shown(message, "chenjie")
    assert not house.complaints()


@on_dingtalk
def test_where_nothing_can_be_chosen_the_press_says_how_to_say_it(house: House) -> None:
    case = waiting(house)
    house.ask("chenjie", "指派")
    message = house.card("app:chenjie", "待指派")
    assert "请选择" not in shown(message, "chenjie"), "there is nothing to choose from by hand"
    told = house.pressed("chenjie", message, "指派") + "\n".join(shown(one) for one in house.said("app:chenjie"))
    assert "指派 短码 人名" in told
    assert owner(house, case)[0] is None
    assert not house.complaints()
