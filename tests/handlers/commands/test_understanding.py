from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands
from handlers.commands import understanding
from handlers.desk import Actor, Desk, Refusal
from handlers.views import BoardView, OrderListView, OrderView, RevealView, TextView, View
from tests.cast import Cast
from tests.conftest import settings_document, shop
from tests.factories import make_order, someone, typed


def say(desk: Desk, text: str, by: Actor) -> View:
    view = commands.run(desk, typed(text), by)
    desk.session.expire_all()
    return view


def test_a_misspelt_question_is_answered_and_says_how_it_was_understood(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = make_order(session)

    board, found = say(desk, "看版", cast.xiaoli), say(desk, f"客户问{order.tag}发了没有", cast.xiaoli)

    assert isinstance(board, BoardView)
    assert board.note == "按「看板」理解的"
    assert isinstance(found, OrderView)
    assert (found.tag, found.note) == (order.tag, f"按「查 {order.tag}」理解的")


def test_a_misspelt_change_is_only_suggested_as_it_should_be_typed(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)

    for typed_line in (f"审合 {order.tag}", f"{order.tag} 审合", f"看下审核 {order.tag}"):
        with pytest.raises(Refusal, match=f"您是想说「审核」吗？请发：审核 {order.tag}$"):
            say(desk, typed_line, cast.xiaoli)
    assert order.stage == "pending_review"


def test_a_name_alone_is_looked_up_where_somebody_of_that_name_ordered(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_order(session, receiver=someone(name="欧阳晓明"))

    view = say(desk, "欧阳晓明", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert view.note == "按「查 欧阳晓明」理解的"
    with pytest.raises(Refusal, match="没有听懂"):
        say(desk, "司马光", cast.xiaoli)


def test_two_commands_of_the_same_initials_are_both_named(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match=r"「bz」可能是「.*备注.*」.*请写全"):
        say(desk, "bz 001", cast.xiaoli)


def test_initials_are_no_command_where_a_shop_is_called_so(
    desk: Desk, session: Session, cast: Cast, settings: Settings
) -> None:
    order = make_order(session, tag="SH-20251222-001")
    document = settings_document()
    document["shops"] = [*document["shops"], shop("sh", "taobao", "SH", "上海店")]  # type: ignore[misc]
    here = replace(desk, settings=parse(document))

    view = say(here, "sh 001", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert (view.tag, order.stage) == (order.tag, "pending_review")


def test_initials_act_where_nothing_else_is_called_so(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, tag="TB-20251222-888")

    say(desk, "sh 888", cast.xiaoli)

    assert order.stage == "pending_pick"


def test_a_pasted_list_and_a_range_are_shown_as_a_list(desk: Desk, session: Session, cast: Cast) -> None:
    tags = [make_order(session, tag=f"TB-20251222-{number}").tag for number in (701, 702, 703)]

    for line in ("查 701-703", "TB 701-703", "\n".join(tags), f"查 {tags[0]}、{tags[1]} 703"):
        view = say(desk, line, cast.zhaojie)
        assert isinstance(view, OrderListView)
        assert [row.tag for row in view.rows] == tags, line
    partly = say(desk, f"查 {tags[0]} TB-20251222-999", cast.zhaojie)
    assert isinstance(partly, OrderListView)
    assert (partly.total, partly.hint) == (1, "没有找到 TB-20251222-999")


def test_a_whole_shop_is_no_order(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="看京东积压了多少请发：积压 京东"):
        say(desk, "查 京东", cast.xiaoli)


def test_every_answer_to_a_question_has_room_for_the_word() -> None:
    assert understanding.said(TextView("好"), "看板") == TextView("好\n> 按「看板」理解的")
    with pytest.raises(LookupError, match="RevealView has no note"):
        understanding.said(RevealView("", "", "", "", ""), "收件")
