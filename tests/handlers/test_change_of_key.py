"""After a change of `button_key` whatever was signed before holds while the key of before is named, and not after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from config import parse
from handlers import login
from handlers.customers import binding, visits
from handlers.desk import Desk
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import make_order

NEW = "bmV3LWtleS1vZi10aGUtYnV0dG9ucy0zMi1ieXRlcyE="


def changed(desk: Desk, before: list[str]) -> Desk:
    document: dict[str, Any] = settings_document()
    document["security"] |= {"button_key": NEW, "button_keys_before": before}
    return replace(desk, settings=parse(document))


def test_logins_and_links_of_before_hold_as_long_as_their_key_is_named(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session)
    ticket = login.link(desk, cast.chenjie)
    scene, visitor = binding.scene(desk, order.id), visits.visit_pass(desk, "oOpenid")
    document: dict[str, Any] = settings_document()
    old = document["security"]["button_key"]

    later = changed(desk, [old])
    assert login.pass_for(later, ticket.partition("t=")[2]) is not None
    assert binding.order_of(later, scene) == order.id
    assert visits.visitor(later, visitor) == "oOpenid"
    assert binding.order_of(desk, binding.scene(later, order.id)) is None

    without = changed(desk, [])
    assert login.pass_for(without, ticket.partition("t=")[2]) is None
    assert binding.order_of(without, scene) is None
    assert visits.visitor(without, visitor) == ""
