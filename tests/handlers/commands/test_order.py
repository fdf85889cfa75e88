from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Actor, Desk, Refusal
from handlers.views import CaseView, OrderView, View
from models import Order
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order, make_shop, typed


def say(desk: Desk, text: str, by: Actor, quoted: str = "") -> View:
    view = commands.run(desk, typed(text, quoted=quoted), by)
    desk.session.expire_all()
    return view


def test_words_behind_a_tag_end_the_orders_only_matter(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, order)

    view = say(desk, f"{order.tag} 完成 补了门牌", cast.xiaoli)

    assert isinstance(view, CaseView)
    assert (view.settled, case.state, case.solution) == (True, "solved", "补了门牌")


def test_of_several_matters_the_one_that_has_the_button_is_meant_else_they_are_named(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session)
    stale = make_case(session, order, kind="stale_stage", blocks=False, evidence={"stage": "pending_review"})
    vague, far = make_case(session, order), make_case(session, order, kind="unreachable", role="service")

    with pytest.raises(Refusal) as refused:
        say(desk, f"{order.tag} 完成", cast.chenjie)
    say(desk, f"{order.tag} 已确认 电话问过", cast.chenjie)

    said = str(refused.value)
    assert "这一单有 2 件事" in said
    assert short_code(vague.id) in said
    assert short_code(far.id) in said
    assert short_code(stale.id) not in said
    # The others end by themselves, for nothing is wrong with this order.
    assert [case.solved_by for case in (vague, far, stale)] == [cast.chenjie.staff_id, None, None]


def test_where_nothing_is_open_it_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    with pytest.raises(Refusal, match=f"{order.tag} 没有待处理的异常，不用「完成」"):
        say(desk, f"{order.tag} 完成", cast.xiaoli)


def test_what_only_the_orders_own_card_offers_can_be_typed(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, kind="perhaps_reship", kind_evidence="备注“补发”")

    view = say(desk, f"{order.tag} 不是补发", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (view.note, order.kind) == ("小李确认不是补发", "normal")
    assert isinstance(say(desk, f"{order.tag} 刷新", cast.laowang), OrderView)


def test_a_verb_alone_under_a_quoted_card_acts_on_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, order)
    other = make_case(session, make_order(session))
    card = f"订单中枢 · {short_code(case.id)}\n地址模糊 · 剩 2 天\n{order.tag} · 青禾淘宝店"

    say(desk, "完成", cast.xiaoli, quoted=card)

    assert (case.state, other.state) == ("solved", "open")


def test_a_verb_alone_without_a_card_does_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    case = make_case(session, make_order(session))

    with pytest.raises(Refusal, match="完成哪一件"):
        say(desk, "完成", cast.xiaoli)
    assert case.state == "open"


def test_who_may_not_press_may_not_type(desk: Desk, session: Session, cast: Cast) -> None:
    order: Order = make_order(session)
    make_case(session, order)

    with pytest.raises(Refusal, match="处理由客服操作，您是仓库"):
        say(desk, f"{order.tag} 完成", cast.laowang)


@pytest.mark.parametrize(
    "line", ["轨迹 {}", "备注 {} 客户要红色", "认领 {}", "转 {} 陈姐", "收件 {} 客户要改地址", "{} 完成", "{} 认领"]
)
def test_an_order_may_be_written_apart_from_its_shop_wherever_one_is_named(
    desk: Desk, session: Session, cast: Cast, line: str
) -> None:
    make_shop(session, id=1)
    make_case(session, make_order(session, tag="TB-20251222-007"))

    view = commands.run(desk, typed(line.format("tb 7"), is_group=False), cast.xiaoli)

    assert getattr(view, "tag", getattr(view, "title", "")).startswith("TB-20251222-007")


@pytest.mark.parametrize("line", ["轨迹 全部", "收件 001-020 打面单"])
def test_where_one_order_is_meant_several_are_refused(desk: Desk, cast: Cast, line: str) -> None:
    with pytest.raises(Refusal, match="不止一单"):
        commands.run(desk, typed(line, is_group=False), cast.xiaoli)
