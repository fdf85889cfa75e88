"""The card of an order that a matter locks."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.card import Card
from bot.cards import draw
from bot.payload import Payload
from bot.pen import Pen
from handlers import commands
from handlers.desk import Desk
from tests.cast import Cast
from tests.factories import make_case, make_order, typed


def test_a_locked_order_is_freed_from_its_own_card_by_whose_matter_it_is(
    desk: Desk, session: Session, cast: Cast
) -> None:
    twin = make_order(session, lock_reason="疑似重复下单：与 TB-20251222-001 相同")
    evidence = {"mark": "TB-20251222-001", "other": twin.id}
    matter = make_case(session, twin, kind="bought_twice", reason="与 TB-20251222-001 相同", evidence=evidence)

    drawn = draw(commands.run(desk, typed(f"查 {twin.tag}"), cast.xiaoli), Pen.of(desk))
    assert isinstance(drawn, Card)

    texts = [button.text for button in (*drawn.buttons, *drawn.menu)]
    assert {"认领", "不是重复", "关闭这单"} <= set(texts)
    assert len(texts) <= 6
    no_double = next(one for one in (*drawn.buttons, *drawn.menu) if one.text == "不是重复")
    payload = Payload.unpack(no_double.payload, Pen.of(desk).button_key)
    assert (payload.action, payload.subject) == ("no_double", f"case:{matter.id}")
    others = draw(commands.run(desk, typed(f"查 {twin.tag}"), cast.laowang), Pen.of(desk))
    assert isinstance(others, Card)
    assert not {"认领", "不是重复"} & {button.text for button in (*others.buttons, *others.menu)}
