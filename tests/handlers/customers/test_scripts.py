"""话术: words for buyers who never bind, true of the order and without anybody's person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Desk, Job, Refusal
from handlers.views import TextView
from tests.cast import Cast
from tests.factories import NOW, make_case, make_customer, make_line, make_order, typed

TAG = "TB-20251222-501"


def script(desk: Desk, cast: Cast) -> str:
    view = commands.run(desk, typed(f"话术 {TAG}"), cast.xiaoli)
    assert isinstance(view, TextView)
    return view.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"stage": "done", "courier": "shunfeng", "waybill": "SF1"}, "已经发出，顺丰速运 SF1"),
        ({}, "正在备货，预计 12-24 10:00 前发出"),
        ({"ship_by_at": NOW - timedelta(hours=1)}, "没能按原定时间发出，我们正在加急处理"),
        (
            {"ship_by_at": NOW + timedelta(hours=1), "not_before_at": NOW + timedelta(days=2)},
            "没能按原定时间发出，已安排在 12-24 起发货",
        ),
        ({"refund": "asked"}, "退款申请已收到"),
        ({"stage": "cancelled"}, "订单已取消"),
        ({"stage": "unpaid"}, "还没有付款"),
    ],
)
def test_the_words_are_true_of_the_order(
    desk: Desk, session: Session, cast: Cast, changes: dict[str, Any], words: str
) -> None:
    make_order(session, tag=TAG, external_id="2000000000000077777", lines=[make_line()], **changes)

    said = script(desk, cast)

    assert words in said
    assert "2000****7777" in said
    for private in ("2000000000000077777", "王小明", "13812341234", "紫金花", "http", "微信号"):
        assert private not in said


@pytest.mark.parametrize(("lines", "split"), [(1, False), (2, True)])
def test_who_waits_for_goods_is_given_the_choice(
    desk: Desk, session: Session, cast: Cast, lines: int, split: bool
) -> None:
    kept = [make_line(sku=f"S{one}", line_key=str(one), position=one) for one in range(lines)]
    make_case(session, make_order(session, tag=TAG, lines=kept), kind="short_stock", state="open")

    said = script(desk, cast)

    assert "1、等到货后马上为您发出" in said
    assert "申请退款" in said
    assert ("有货的先发" in said) is split


def test_a_vague_address_is_asked_for(desk: Desk, session: Session, cast: Cast) -> None:
    make_case(session, make_order(session, tag=TAG), kind="address_vague", state="open")
    assert "补充完整的收件地址" in script(desk, cast)


def test_staff_see_who_is_told_anyway(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, tag=TAG)
    assert "没有绑定微信，请复制到平台聊天里" in script(desk, cast)
    make_customer(session)
    assert "已绑定微信，会自动通知" in script(desk, cast)


def test_it_is_for_customer_service(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session, tag=TAG)
    with pytest.raises(Refusal, match="话术由客服操作"):
        commands.run(desk, typed(f"话术 {TAG}"), cast.laowang)


def test_a_code_is_made_behind_the_chat(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, tag=TAG)

    view = commands.run(desk, typed(f"绑定码 {TAG}"), cast.xiaoli)

    assert isinstance(view, TextView)
    assert "马上单独发给您" in view.text
    assert (Job.BIND_CODE, (order.id, cast.xiaoli.staff_id)) in desk.later
