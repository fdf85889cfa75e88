from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, trail, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.views import (
    BoardView,
    CaseView,
    HelpView,
    MineView,
    OrderListView,
    OrderView,
    RevealView,
    StockView,
    TextView,
    TrailView,
    View,
)
from models import Case, Notification, Order, Stock, TrailRow, WriteBack
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, make_shop, make_stock, masked, someone, typed


def say(desk: Desk, text: str, by: Actor, **more: Any) -> View:
    view = commands.run(desk, typed(text, **more), by)
    desk.session.expire_all()
    return view


def order_view(view: View) -> OrderView:
    assert isinstance(view, OrderView)
    return view


class TestUnderstanding:
    def test_an_unknown_word_that_sounds_like_one_is_suggested_never_done(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)

        with pytest.raises(Refusal, match=f"您是想说「审核」吗？请发：审核 {order.tag}$"):
            say(desk, f"审合 {order.tag}", cast.xiaoli)
        with pytest.raises(Refusal, match="您是想说「审核」吗？请发：审核 编号"):
            say(desk, "审合", cast.xiaoli)

        assert order.stage == "pending_review"

    def test_what_sounds_like_nothing_gets_help(self, desk: Desk, cast: Cast) -> None:
        with pytest.raises(Refusal, match="没有听懂"):
            say(desk, "今天天气真不错呀", cast.xiaoli)

    def test_an_empty_line_is_a_call_for_help(self, desk: Desk, cast: Cast) -> None:
        assert isinstance(say(desk, "  ", cast.xiaoli), HelpView)

    def test_help_shows_what_one_may(self, desk: Desk, cast: Cast) -> None:
        purchasing, supervisor = say(desk, "帮助", cast.zhaojie), say(desk, "？", cast.chenjie)

        assert isinstance(purchasing, HelpView)
        assert isinstance(supervisor, HelpView)
        assert "发货 编号 快递 运单号" not in [entry.usage for entry in purchasing.commands]
        here = [command for command in commands.COMMANDS.values() if command.there(desk.settings)]
        assert len(supervisor.commands) == len(here) < len(commands.COMMANDS)
        assert (purchasing.name, purchasing.roles) == ("赵姐", "采购")

    def test_a_reply_to_a_card_need_not_repeat_its_number(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        quoted = f"{order.tag} 待审核，剩 2 天"

        view = order_view(say(desk, "审核", cast.xiaoli, quoted=quoted))

        assert view.stage == "pending_pick"
        with pytest.raises(Refusal, match="请写上订单编号"):
            say(desk, "审核", cast.xiaoli, quoted="你好")
        noted = order_view(say(desk, "备注 3 个杯子要加固", cast.xiaoli, quoted=quoted))
        assert noted.seller_memo == "小李：3 个杯子要加固"
        with pytest.raises(Refusal, match="没有找到订单 TB-20201222-001"):
            say(desk, "审核 TB-20201222-001", cast.xiaoli, quoted=quoted)


class TestFind:
    def test_by_tag_however_it_is_typed(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, tag="JD-20251222-001")

        for text in (
            "查JD-20251222-001",
            "查 jd20251222001",
            "查　ＪＤ－２０２５１２２２－００１",
            "JD-20251222-1",
            "查一下 JD-001",
            "查 一 下 JD-001",
            "查 询 JD-001",
        ):
            assert order_view(say(desk, text, cast.zhaojie)).tag == "JD-20251222-001", text

    def test_a_tag_without_prefix_is_the_latest_days(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, tag="TB-20251221-007")
        make_order(session, tag="TB-20251220-007")
        make_order(session, tag="TB-20251221-005")
        make_order(session, tag="JD-20251221-005")

        assert order_view(say(desk, "查 007", cast.zhaojie)).tag == "TB-20251221-007"
        several = say(desk, "查 20251221-005", cast.zhaojie)
        assert isinstance(several, OrderListView)
        assert {row.tag for row in several.rows} == {"TB-20251221-005", "JD-20251221-005"}

    def test_by_platform_number_phone_tail_and_name(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, external_id="251222-123456789012345", receiver=someone(phone="139 1234 9876"))

        for text in ("查 251222-123456789012345", "查 13912349876", "9876", "查王小明"):
            assert order_view(say(desk, text, cast.zhaojie)).tag == order.tag, text

    def test_a_tail_with_more_than_one_hit_is_a_list(self, desk: Desk, session: Session, cast: Cast) -> None:
        for number in range(12):
            make_order(session, receiver=someone(phone="13912345555"), created_at=desk.now - timedelta(hours=number))

        view = say(desk, "5555", cast.zhaojie)

        assert isinstance(view, OrderListView)
        assert (view.total, len(view.rows), view.hint) == (12, 10, "回复完整编号查看")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("查 JD-20251222-404", "没有找到订单 JD-20251222-404"),
            ("查 张无忌", "平台隐藏了姓名的订单查不到"),
            ("查 13900009999", "没有找到 139\\*\\*\\*\\*9999 的订单"),
            ("查 0404", "手机尾号或编号是 0404"),
            ("查", "查什么"),
        ],
    )
    def test_nothing_found_says_what_else_to_try(self, desk: Desk, cast: Cast, text: str, words: str) -> None:
        with pytest.raises(Refusal, match=words):
            say(desk, text, cast.zhaojie)


class TestSteps:
    def test_one_order_gets_its_card_with_undo(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        view = order_view(say(desk, f"审核{order.tag}", cast.xiaoli))

        assert (view.stage, view.note) == ("pending_pick", "小李：已到待配货")
        assert view.offers[-1].action == "send_back"

    def test_several_in_one_message_are_told_one_by_one(self, desk: Desk, session: Session, cast: Cast) -> None:
        good, locked = make_order(session), make_order(session, lock_reason="缺货")

        view = say(desk, f"审核 {good.tag} {locked.tag}", cast.xiaoli)

        assert isinstance(view, TextView)
        first, *lines = view.text.split("\n")
        assert first == "审核：办成 1 单，1 单没有办成"
        assert lines[0] == f"✓ {good.tag} 已到待配货"
        assert lines[1].startswith(f"✗ {locked.tag}：")

    def test_words_behind_the_numbers_are_not_guessed_at(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        with pytest.raises(Refusal, match="「通过」看不懂"):
            say(desk, f"审核 {order.tag} 通过", cast.xiaoli)
        with pytest.raises(Refusal, match="请写上订单编号"):
            say(desk, "审核", cast.xiaoli)

    def test_pick_is_the_warehouses(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_pick")

        with pytest.raises(Refusal, match="配货由仓库操作，您是客服；可以请老王处理"):
            say(desk, f"配货 {order.tag}", cast.xiaoli)
        assert order_view(say(desk, f"配货 {order.tag}", cast.laowang)).stage == "pending_ship"


class TestShip:
    def ready(self, session: Session, **changes: Any) -> Order:
        return make_order(session, stage="pending_ship", **changes)

    def test_courier_and_number_in_one_breath(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.ready(session, tag="TB-20251222-777")

        view = order_view(say(desk, "发货tb-20251222-777顺丰SF1234567890123", cast.laowang))

        assert (view.stage, view.courier, view.waybill) == ("done", "顺丰速运", "SF1234567890123")
        assert view.note == "老王已发货：顺丰速运 SF1234567890123，正在回传平台"
        assert session.scalars(select(WriteBack.order_id)).one() == order.id

    def test_a_number_of_another_shape_is_asked_about_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = self.ready(session)

        with pytest.raises(Refusal, match=f"不像顺丰速运的单号.*\n发货 {order.tag} 顺丰 YT123 确认"):
            say(desk, f"发货 {order.tag} 顺丰 YT123", cast.laowang)
        say(desk, f"发货 {order.tag} 顺丰 YT123 确认", cast.laowang)

        assert (order.stage, order.waybill) == ("done", "YT123")

    @pytest.mark.parametrize(
        ("rest", "words"),
        [
            ("", "请写明快递公司"),
            ("SF1234567890123", "请写明快递公司（顺丰"),
            ("顺丰", "还缺运单号"),
            ("顺丰 7.73E+14", "科学计数"),
            ("顺丰 单号在这里", "看不懂"),
        ],
    )
    def test_what_is_missing_is_named(self, desk: Desk, session: Session, cast: Cast, rest: str, words: str) -> None:
        order = self.ready(session)

        with pytest.raises(Refusal, match=words):
            say(desk, f"发货 {order.tag} {rest}", cast.laowang)

        assert order.stage == "pending_ship"

    def test_an_order_that_is_not_packed_cannot_leave(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_pick")

        for actor in (cast.laowang, cast.chenjie):
            with pytest.raises(Refusal, match="还在待配货，要先配货才能发货"):
                say(desk, f"发货 {order.tag} 顺丰 SF1234567890123", actor)

    def test_two_orders_of_one_number_are_named_not_chosen(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.ready(session, tag="TB-20251222-009")
        self.ready(session, tag="JD-20251222-009")

        with pytest.raises(Refusal, match=r"「009」有 2 单：.*请写完整编号"):
            say(desk, "发货 009 顺丰 SF1234567890123", cast.laowang)


class TestNote:
    def test_it_stands_in_the_trail_and_with_the_order(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, seller_memo="加固")

        view = order_view(say(desk, f"备注 {order.tag} 客户要送货上门，电话 138 0000 1234", cast.xiaoli))

        assert view.seller_memo == "加固；小李：客户要送货上门，电话 138****1234"
        assert view.revision == 2
        row = session.scalars(select(TrailRow)).one()
        assert (row.action, row.actor) == ("备注", "小李")
        assert trail.verify(session, f"order:1:{order.external_id}")

    def test_it_needs_words_and_not_too_many(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        with pytest.raises(Refusal, match="备注什么"):
            say(desk, f"备注 {order.tag}", cast.xiaoli)
        with pytest.raises(Refusal, match="最多 200 个字"):
            say(desk, f"备注 {order.tag} {'长' * 201}", cast.xiaoli)
        with pytest.raises(Refusal, match="备注由客服操作，您是仓库"):
            say(desk, f"备注 {order.tag} 好", cast.laowang)


class TestAssign:
    def test_an_order_is_given_to_a_person_who_hears_of_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        view = order_view(say(desk, f"指派 {order.tag} 小李", cast.chenjie))

        assert (view.owner, view.note) == ("小李", "陈姐指派给小李")
        told = session.scalars(select(Notification).where(Notification.purpose == "card")).one()
        assert (told.channel, told.recipient, told.subject) == ("staff", str(cast.xiaoli.staff_id), f"order:{order.id}")
        assert trail.verify(session, f"order:1:{order.external_id}")

    def test_the_name_may_come_first_and_be_short(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        assert order_view(say(desk, f"指派 陈姐 {order.tag}", cast.chenjie)).owner == "陈姐"
        assert order_view(say(desk, f"指派 {order.tag} 给李", cast.chenjie)).owner == "小李"

    @pytest.mark.parametrize("stage", ["done", "cancelled", "unpaid"])
    def test_an_order_that_nobody_works_on_is_given_to_nobody(
        self, desk: Desk, session: Session, cast: Cast, stage: str
    ) -> None:
        order = make_order(session, stage=stage)

        with pytest.raises(Refusal, match=f"{order.tag} 现在是.+，没有要处理的环节"):
            say(desk, f"指派 {order.tag} 老王", cast.chenjie)

        session.expire_all()
        assert order.owner_id is None

    def test_it_is_given_to_whoever_may_work_on_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_ship")

        with pytest.raises(Refusal, match="赵姐是采购，待发货的单要仓库处理"):
            say(desk, f"指派 {order.tag} 赵姐", cast.chenjie)

        session.expire_all()
        assert order.owner_id is None
        assert order_view(say(desk, f"指派 {order.tag} 老王", cast.chenjie)).owner == "老王"

    def test_a_case_is_given_by_its_code(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = make_case(session, make_order(session))

        view = say(desk, f"指派 {short_code(case.id)} 小李", cast.chenjie)

        assert isinstance(view, CaseView)
        assert view.owner == "小李"

    def test_who_is_not_known_is_not_guessed(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        with pytest.raises(Refusal, match="没有叫「王五」的同事，可以指派给：小李、老王、赵姐、陈姐"):
            say(desk, f"指派 {order.tag} 王五", cast.chenjie)
        with pytest.raises(Refusal, match="指派给谁"):
            say(desk, f"指派 {order.tag}", cast.chenjie)
        with pytest.raises(Refusal, match="「姐」有几位：赵姐、陈姐"):
            say(desk, f"指派 {order.tag} 姐", cast.chenjie)
        with pytest.raises(Refusal, match="指派哪一单给老王"):
            say(desk, "指派 老王", cast.chenjie)
        with pytest.raises(Refusal, match="指派由主管操作，您是客服；可以请陈姐处理"):
            say(desk, f"指派 {order.tag} 老王", cast.xiaoli)


class TestReveal:
    def test_only_in_a_private_chat_with_a_reason_and_written_down(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, receiver=someone())

        view = say(desk, f"收件 {order.tag} 客户要求改地址", cast.xiaoli, is_group=False)

        assert view == RevealView(
            order.tag, "王小明", "13800001234", "浙江省杭州市西湖区三墩镇 紫金花路 88 号 3 幢 1201", ""
        )
        row = session.scalars(select(TrailRow)).one()
        assert (row.actor, row.action, row.detail) == ("小李", "查看收件信息", '{"原因":"客户要求改地址"}')

    def test_what_the_platform_hides_is_said_plainly(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, receiver=masked())

        view = say(desk, f"收件 {order.tag} 打单核对", cast.laowang, is_group=False)

        assert isinstance(view, RevealView)
        assert (view.name, view.phone) == ("王**", "*******1234")
        assert view.unknown == "姓名、电话、详细地址由平台隐藏，这里只有掩码，请到平台后台查看"

    def test_not_in_a_group_not_without_a_reason_not_for_purchasing(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)

        with pytest.raises(Refusal, match="只能私聊查看"):
            say(desk, f"收件 {order.tag} 核对", cast.chenjie)
        with pytest.raises(Refusal, match="请写明查看原因"):
            say(desk, f"收件 {order.tag}", cast.xiaoli, is_group=False)
        with pytest.raises(Refusal, match="由客服、仓库操作，您是采购"):
            say(desk, f"收件 {order.tag} 核对", cast.zhaojie, is_group=False)
        assert session.scalars(select(TrailRow)).all() == []


class TestShortCodes:
    def vague(self, desk: Desk) -> tuple[Case, str]:
        order = make_order(desk.session, district="")
        watch.watch(desk, [order.id])
        case = desk.session.scalars(select(Case).where(Case.order_id == order.id)).one()
        return case, short_code(case.id)

    def test_a_code_alone_shows_the_card(self, desk: Desk, cast: Cast) -> None:
        case, code = self.vague(desk)

        view = say(desk, code.lower(), cast.laowang)

        assert isinstance(view, CaseView)
        assert (view.case_id, view.code) == (case.id, code)

    @pytest.mark.parametrize(
        ("words", "state", "solution"),
        [
            ("完成", "solved", "已确认"),
            (" 完成 客户补了门牌", "solved", "客户补了门牌"),
            ("认领", "claimed", ""),
            ("忽略 重复了", "dismissed", "重复了"),
            (" 忽略 误报", "dismissed", "误报"),
            (" 误报", "open", ""),
            ("＋２ｈ", "open", ""),
        ],
    )
    def test_the_words_do_what_the_buttons_do(
        self, desk: Desk, cast: Cast, words: str, state: str, solution: str
    ) -> None:
        case, code = self.vague(desk)

        say(desk, code + words, cast.xiaoli)

        assert (case.state, case.solution) == (state, solution)

    def test_handed_over_by_name(self, desk: Desk, cast: Cast) -> None:
        case, code = self.vague(desk)

        say(desk, f"{code} 转 陈姐", cast.xiaoli)

        assert case.owner_id == cast.chenjie.staff_id
        with pytest.raises(Refusal, match=f"^没有叫「王五」的同事。请发：{code} 转 人名（"):
            say(desk, f"{code} 转 王五", cast.xiaoli)
        with pytest.raises(Refusal, match=r"^转给谁？"):
            say(desk, f"{code} 转", cast.xiaoli)

    def test_a_new_date_is_typed(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, buyer_message="先不要发,等我通知")
        watch.watch(desk, [order.id])
        code = short_code(session.scalars(select(Case.id)).one())

        with pytest.raises(Refusal, match="日期「随便」看不懂"):
            say(desk, f"{code} 改期 随便", cast.xiaoli)
        say(desk, f"{code} 改期 12-31", cast.xiaoli)

        assert order.not_before_at is not None
        assert order.not_before_at.date().isoformat() == "2025-12-30", "midnight in Beijing"

    def test_what_is_no_code_and_no_verb(self, desk: Desk, cast: Cast) -> None:
        _, code = self.vague(desk)

        with pytest.raises(Refusal, match="没有短码 Z9Z9"):
            say(desk, "Z9Z9 完成", cast.xiaoli)
        with pytest.raises(Refusal, match=f"看不懂。可以回复：{code} 认领|没有听懂|没有找到订单 {code}"):
            say(desk, f"{code} 12345", cast.xiaoli)


def test_the_trail_is_shown_and_checked(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, f"审核 {order.tag}", cast.xiaoli)
    say(desk, f"备注 {order.tag} 打 13800001234", cast.xiaoli)

    view = say(desk, f"轨迹 {order.tag}", cast.zhaojie)

    assert isinstance(view, TrailView)
    assert (view.tag, view.total, view.whole) == (order.tag, 2, True)
    assert [(entry.action, entry.detail) for entry in view.entries] == [
        ("审核", "环节：待审核 → 待配货"), ("备注", "备注：打 138****1234"),
    ]  # fmt: skip


def test_the_board_counts(desk: Desk, session: Session, cast: Cast) -> None:
    make_shop(session, state="stopped")
    make_order(session, stage_entered_at=desk.now - timedelta(hours=3), paid_fen=100)
    make_order(session, stage_entered_at=desk.now - timedelta(hours=3), hold="风控", paid_fen=200)
    make_order(session, stage="pending_ship")
    make_order(session, stage="done", stage_entered_at=desk.now - timedelta(hours=1))
    make_order(session, stage="done", stage_entered_at=desk.now - timedelta(hours=11))
    make_case(session, make_order(session))

    view = say(desk, "看板", cast.zhaojie)

    assert isinstance(view, BoardView)
    assert [(row.stage, row.count, row.stale, row.paid_fen) for row in view.stages] == [
        ("pending_review", 3, 1, 14100), ("pending_pick", 0, 0, 0), ("pending_ship", 1, 0, 13800),
    ]  # fmt: skip
    assert view.stages[0].oldest_entered_at == desk.now - timedelta(hours=3)
    assert (view.cases, view.done_today, view.stopped_shops) == ((("地址模糊", 1),), 1, ("青禾淘宝店",))


def test_mine_is_what_lies_with_me_or_my_role(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, stage="pending_pick")
    make_case(session, order)
    make_case(session, order, kind="writeback_fail", role="warehouse", owner_id=cast.xiaoli.staff_id)
    make_case(session, order, kind="short_stock", role="service", owner_id=cast.laowang.staff_id)
    make_case(session, order, kind="delay_request", state="solved")
    make_order(session)
    own = make_order(session, owner_id=cast.xiaoli.staff_id, stage="pending_ship")
    make_order(session, owner_id=cast.chenjie.staff_id)

    view = say(desk, "我的", cast.xiaoli)

    assert isinstance(view, MineView)
    assert (view.name, view.roles, view.case_total, view.order_total) == ("小李", "客服", 1, 1)
    assert [(row.title, row.owner) for row in view.cases] == [("回传失败", "小李")]
    assert [row.tag for row in view.orders] == [own.tag]
    assert (view.free_case_total, view.free_order_total) == (1, 1)
    assert [row.title for row in view.free_cases] == ["地址模糊"]


def test_of_what_nobody_has_the_five_most_urgent_are_named(desk: Desk, session: Session, cast: Cast) -> None:
    hours = (9, 3, None, 5, 1, 7, 8)
    orders = [make_order(session, ship_by_at=one and desk.now + timedelta(hours=one)) for one in hours]
    for order in orders:
        make_case(session, order, due_at=None)

    view = say(desk, "我的", cast.xiaoli)

    assert isinstance(view, MineView)
    assert (view.case_total, view.order_total) == (0, 0)
    assert (view.free_case_total, view.free_order_total) == (7, 7)
    assert [row.tag for row in view.free_cases] == [orders[place].tag for place in (4, 1, 3, 5, 6)]


def test_a_shortage_is_counted_once_as_its_skus_matter(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_case(
            session, make_order(session), kind="short_stock", role="purchasing", evidence={"skus": ["QH-CUP-RED"]}
        )
    alone = make_order(session)
    make_case(session, alone, kind="short_stock", role="purchasing", evidence={"skus": ["QH-CUP-BLU"]})
    make_case(session, kind="shortage", role="purchasing", group_key="QH-CUP-RED")

    view, board = say(desk, "我的", cast.zhaojie), say(desk, "看板", cast.zhaojie)

    assert isinstance(view, MineView)
    assert isinstance(board, BoardView)
    assert view.free_case_total == 2
    assert {row.tag for row in view.free_cases} == {"", alone.tag}
    assert dict(board.cases) == {"缺货": 2}


@pytest.mark.parametrize("slug", sorted(commands.COMMANDS))
def test_every_command_says_how_it_is_used_and_what_it_is_called(slug: str) -> None:
    command = commands.COMMANDS[slug]

    assert command.usage
    assert command.does
    assert command.permit.title


class TestGroupId:
    def test_the_group_hears_its_own_number(self, desk: Desk, cast: Cast) -> None:
        view = say(desk, "群号", cast.chenjie, chat="wrAbC-12_3")

        assert isinstance(view, TextView)
        assert "`wrAbC-12_3`" in view.text

    def test_it_is_asked_in_the_group_and_by_the_supervisor(self, desk: Desk, cast: Cast) -> None:
        with pytest.raises(Refusal, match="群号要在群里问"):
            say(desk, "群号", cast.chenjie, is_group=False)
        with pytest.raises(Refusal, match="查群号由主管操作，您是采购；可以请陈姐处理"):
            say(desk, "群号", cast.zhaojie)


class TestStock:
    def test_everybody_may_ask_what_lies_there_and_who_waits(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_stock(session, "QH-CUP-RED", 3)
        late = make_order(session, lines=[make_line("QH-CUP-RED", quantity=2)], paid_at=desk.now)
        first = make_order(session, lines=[make_line("QH-CUP-RED", quantity=2)], stage="pending_ship")
        make_order(session, lines=[make_line("QH-CUP-RED", quantity=9)], stage="done")
        make_order(session, lines=[make_line("QH-CUP-RED", refund="refunded"), make_line("QH-CUP-RED", shipped=True)])

        for actor in cast:
            view = say(desk, "库存 qh-cup-red", actor)
            assert isinstance(view, StockView)
            assert (view.sku, view.title, view.on_hand) == ("QH-CUP-RED", "马克杯 红色", 3)
            assert (view.waiting_pieces, view.waiting_orders) == (4, 2)
            assert [row.tag for row in view.waiting] == [first.tag, late.tag]

    def test_what_arrived_frees_the_orders_that_wait_and_the_next(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_stock(session, "A", 0)
        short = make_order(session, lines=[make_line("A", quantity=2)])
        watch.watch(desk, [short.id])
        session.expire_all()
        assert short.lock_reason

        view = say(desk, "库存 A 40件", cast.zhaojie)

        assert isinstance(view, StockView)
        assert (view.on_hand, view.waiting_pieces) == (40, 2)
        assert view.note == "赵姐盘点：0 件 → 40 件，缺货的订单稍后自动重新核对"
        assert short.recheck_at == desk.now
        following = make_order(session, lines=[make_line("A", quantity=3)])
        watch.watch(desk, [short.id, following.id])
        session.expire_all()
        assert (short.lock_reason, following.lock_reason) == ("", "")
        row = session.scalars(select(TrailRow).where(TrailRow.subject == "stock:A")).one()
        assert (row.action, row.actor) == ("盘点", "赵姐")
        assert trail.verify(session, "stock:A")

    def test_only_purchasing_counts(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_stock(session, "A", 1)

        for actor in (cast.xiaoli, cast.laowang):
            with pytest.raises(Refusal, match=r"改库存由采购操作，您是(客服|仓库)；可以请赵姐处理"):
                say(desk, "库存 A 5", actor)
        say(desk, "库存 A 5", cast.chenjie)

        assert session.get_one(Stock, "A").on_hand == 5

    def test_new_goods_are_confirmed_so_that_a_slip_makes_none(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, lines=[make_line("ORDERED")])

        with pytest.raises(Refusal, match=r"没有 SKU「NEW-1」.*\n库存 NEW-1 8 确认"):
            say(desk, "库存 NEW-1 8", cast.zhaojie)
        say(desk, "库存 NEW-1 8 确认", cast.zhaojie)
        say(desk, "盘点 ORDERED 4", cast.zhaojie)

        assert {row.sku: row.on_hand for row in session.scalars(select(Stock))} == {"NEW-1": 8, "ORDERED": 4}

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("库存 NOTHING", "没有 SKU「NOTHING」"),
            ("库存 A 很多", "「很多」看不懂"),
            ("库存 A +5", "「\\+5」看不懂"),
            ("库存 A 9999999", "请核对数量"),
        ],
    )
    def test_what_is_wrong_is_named(self, desk: Desk, session: Session, cast: Cast, words: str, said: str) -> None:
        make_stock(session, "A", 1)

        with pytest.raises(Refusal, match=said):
            say(desk, words, cast.zhaojie)

        assert session.get_one(Stock, "A").on_hand == 1


class TestOneWishAtATime:
    @pytest.mark.parametrize(
        "line",
        [
            "拦截 {a}、{b} 客户要退款",
            "拦截 {a} 和 {b} 客户要退款",
            "{a}、{b} 拦截 客户要退款",
            "作废 {a}、{b} 下错了",
            "登记 {a} {b} 少件",
            "收件 {a}、{b} 客户要改地址",
            "改地址 {a}、{b} 浙江省杭州市西湖区文三路 1 号",
            "改电话 {a} {b} 13800001234",
            "话术 {a} {b}",
            "轨迹 {a}、{b}",
            "为什么 {a}、{b}",
            "{a} 完成 {b}",
        ],
    )
    def test_a_second_order_does_not_end_in_the_reason_of_the_first(
        self, desk: Desk, session: Session, cast: Cast, line: str
    ) -> None:
        one = make_order(session, stage="pending_pick", tag="CHAT-20251222-701", platform="chat")
        other = make_order(session, stage="pending_pick", tag="CHAT-20251222-702", platform="chat")
        make_case(session, one)

        with pytest.raises(Refusal, match=f"一次只.+一单，后面还写着 {other.tag}，所以都没有动"):
            say(desk, line.format(a=one.tag, b=other.tag), cast.chenjie, is_group=False)

        assert session.scalars(select(TrailRow)).all() == []

    @pytest.mark.parametrize(
        "line", ["完成 {a} {b}", "{a} 完成 {b}", "{a} {b} 完成", "完成 {a}、{b}", "{a} 忽略 误报\n{b} 忽略 误报",
                 "完成 {a}\n完成 {b}", "{a} 完成\n{b}", "认领 {a}\n认领 {b}", "{a} 完成\n备注 {tag} 补了门牌"],
    )  # fmt: skip
    def test_a_second_code_is_no_reason_either(self, desk: Desk, session: Session, cast: Cast, line: str) -> None:
        first, second = make_case(session, make_order(session)), make_case(session, make_order(session))
        first.id, second.id = 640, 641  # of letters and figures both
        session.flush()
        codes = {"a": short_code(640), "b": short_code(641), "tag": make_order(session).tag}
        assert all(not code.isalpha() and not code.isdigit() for code in codes.values())

        with pytest.raises(Refusal, match=r"都没有动|没有待处理的短码"):
            say(desk, line.format(**codes), cast.chenjie)

        session.expire_all()
        assert (first.state, second.state) == ("open", "open")

    @pytest.mark.parametrize(
        "lines",
        [
            "备注 {a} 要红色\n备注 {b} 要蓝色",
            "备注 {a} 要红色\n{b} 要蓝色",
            "{a} 备注 要红色\n{b} 备注 要蓝色",
            "锁定 {a} 等客户\n锁定 {b} 等采购",
            "延发 {a} 周五\n延发 {b} 周六",
            "延发 {a} 周五\n{b} 周六",
            "拦截 {a} 客户要退款\n拦截 {b} 客户要退款",
            "审核 {a}\n审核 {b}",
        ],
    )
    def test_lines_that_are_wishes_of_their_own_are_not_done_by_halves(
        self, desk: Desk, session: Session, cast: Cast, lines: str
    ) -> None:
        one, other = make_order(session), make_order(session)

        with pytest.raises(Refusal, match=r"都没有动。请一件一条，分开发；第二件是：|后面只写编号"):
            say(desk, lines.format(a=one.tag, b=other.tag), cast.chenjie)

        assert session.scalars(select(TrailRow)).all() == []
        assert (one.revision, other.revision) == (1, 1)

    def test_parcels_line_by_line_want_the_word_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        one, other = make_order(session, stage="pending_ship"), make_order(session, stage="pending_ship")
        lines = f"发货 {one.tag} 顺丰 SF1234567890123\n发货 {other.tag} 顺丰 SF1234567890124"

        with pytest.raises(Refusal, match="只在第一行写「发货」"):
            say(desk, lines, cast.laowang)

    def test_a_note_of_several_lines_is_kept_whole(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        view = order_view(say(desk, f"备注 {order.tag} 客户要红色\n查一下有没有货\n3 楼没人", cast.xiaoli))

        assert view.seller_memo == "小李：客户要红色\n查一下有没有货\n3 楼没人"
