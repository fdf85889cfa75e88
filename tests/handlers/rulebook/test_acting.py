"""What rules do beside their cases: once, on the trail, and taken back where that makes sense."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings, parse
from handlers import show, trail, watch
from handlers.customers import manners
from handlers.desk import Desk, Refusal
from handlers.holding import hold as holding
from handlers.views import OrderListView, OrderView
from models import Case, Notification, Order, RuleAct, TrailRow, Urgency, WriteBack
from models.case import short_code
from tests.cast import Cast, hire_all
from tests.conftest import settings_document
from tests.factories import NOW, make_case, make_customer, make_line, make_order, make_stock, masked
from tests.handlers.customers.test_late import DELAYED
from tests.handlers.rulebook.office import cases, change, live, look, rule, said, words
from tests.handlers.shortage.test_deciding import STOCK
from tests.handlers.test_concurrency import Two

CHRISTMAS = datetime(2025, 12, 24, 16, tzinfo=UTC)
"""12-25 begins in Beijing."""


def on(desk: Desk, cast: Cast, words: str) -> int:
    """A rule that is on, after the looks that follow."""
    number = rule(desk, f"规则 新增 {words}", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)
    return number


def again(desk: Desk, session: Session, order: Order, **changes: object) -> None:
    change(session, order, **changes)
    look(desk)
    session.refresh(order)


def acts(session: Session) -> dict[tuple[int, str], bool]:
    """(order, action) → whether it stands."""
    found = session.scalars(select(RuleAct).execution_options(populate_existing=True))
    return {(one.order_id, one.deed): one.undone_at is None for one in found}


def said_of(session: Session, order: Order, action: str) -> list[str]:
    found = select(TrailRow).where(TrailRow.subject == f"order:{order.shop_id}:{order.external_id}")
    return [row.detail for row in session.scalars(found.order_by(TrailRow.id)) if row.action == action]


def notes(session: Session) -> list[tuple[str, str]]:
    found = session.scalars(select(Notification).where(Notification.purpose == "text").order_by(Notification.id))
    return [(one.recipient, str(one.body["text"])) for one in found]


def shown(desk: Desk, order: Order) -> OrderView:
    view = show.show(desk, f"order:{order.id}", None)
    assert isinstance(view, OrderView)
    return view


class TestATag:
    def test_it_is_set_once_shown_and_taken_back_when_the_order_is_no_longer_so(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order, other = make_order(session, paid_fen=150_000), make_order(session)
        number = on(desk, cast, "金额 > 1000；标题 大单；动作 标记 大额；不建单")

        assert acts(session) == {(order.id, "tag:大额"): True}
        assert ("标记", "大额") in shown(desk, order).fields
        assert shown(desk, other).fields == ()
        for _ in range(3):
            again(desk, session, order)
        assert len(said_of(session, order, "标记")) == 1
        assert f'"规则":"规则{number}「大单」 第2版"' in said_of(session, order, "标记")[0]
        assert cases(session, number) == []

        again(desk, session, order, paid_fen=90_000)

        assert acts(session) == {(order.id, "tag:大额"): False}
        assert shown(desk, order).fields == ()
        assert len(said_of(session, order, "去掉标记")) == 1
        again(desk, session, order, paid_fen=150_000)
        assert acts(session) == {(order.id, "tag:大额"): True}
        assert trail.verify(session, f"order:{order.shop_id}:{order.external_id}")

    @pytest.mark.parametrize(
        "line", ["规则 停 {}", "规则 影子 {}", "规则 改 {} 动作 标记 别的", "规则 改 {} 金额 > 9999"]
    )
    def test_it_goes_with_the_rule_or_its_action(self, desk: Desk, session: Session, cast: Cast, line: str) -> None:
        order = make_order(session)
        number = on(desk, cast, "金额 > 1；动作 标记 大额；不建单")
        assert acts(session)[order.id, "tag:大额"]

        rule(desk, line.format(number), cast.chenjie)
        look(desk)

        assert not acts(session)[order.id, "tag:大额"]

    def test_what_nobody_can_tell_sets_nothing_and_takes_nothing_back(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order, hidden = make_order(session), make_order(session, receiver=masked())
        on(desk, cast, "地址 包含 '紫金花'；动作 标记 园区；提醒 仓库；不建单")
        assert acts(session) == {(order.id, "tag:园区"): True, (order.id, "remind:warehouse"): True}

        again(desk, session, order, receiver=desk.vault.seal_receiver(masked()))
        again(desk, session, hidden)

        assert acts(session) == {(order.id, "tag:园区"): True, (order.id, "remind:warehouse"): True}

    def test_an_order_that_left_keeps_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        number = on(desk, cast, "金额 > 1；动作 标记 大额；不建单")
        again(desk, session, order, stage="done", stage_entered_at=desk.now)

        rule(desk, f"规则 停 {number}", cast.chenjie)
        again(desk, session, order)

        assert acts(session) == {(order.id, "tag:大额"): True}

    def test_it_is_looked_for_and_other_rules_see_it(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, other = make_order(session, paid_fen=150_000), make_order(session, paid_fen=160_000)
        make_order(session)
        second = on(desk, cast, "标记 包含 '大额' 且 金额 > 1550")
        on(desk, cast, "金额 > 1000；动作 标记 大额；不建单")
        assert live(session, second) == set()

        later = replace(desk, now=desk.now + timedelta(minutes=1))
        look(later)

        assert live(session, second) == {other.id}
        for line in ("查 标记 大额", "查 标记=大额", "查 标记：大额"):
            view = said(desk, line, cast.xiaoli)
            assert isinstance(view, OrderListView)
            assert {row.tag for row in view.rows} == {order.tag, other.tag}
        with pytest.raises(Refusal, match="没有标记「小额」的订单，现在有的标记：大额"):
            said(desk, "查 标记 小额", cast.xiaoli)


class TestADay:
    def test_the_order_waits_until_it_and_the_warehouse_is_called(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；延到 12-25；不建单")
        session.refresh(order)

        assert order.not_before_at == CHRISTMAS
        (case,) = session.scalars(select(Case).where(Case.kind == "hold_until")).all()
        assert (case.reason, case.due_at) == (
            f"约定 12-25 起发货：规则{number}，晚于平台期限 12-24 10:00",
            CHRISTMAS + timedelta(hours=9),
        )
        assert len(said_of(session, order, "延发")) == 1
        for _ in range(3):
            again(desk, session, order)
        assert len(said_of(session, order, "延发")) == 1

        morning = replace(desk, now=CHRISTMAS + timedelta(hours=9, minutes=1))
        assert holding.wake(morning) == 1
        assert (str(cast.laowang.staff_id), f"延发到今天的单可以发货了：{order.tag}") in notes(session)

    def test_it_is_lifted_with_the_rule_and_what_was_agreed_before_holds(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        before = CHRISTMAS - timedelta(days=1)
        order = make_order(session, paid_fen=150_000, not_before_at=before)
        number = on(desk, cast, "金额 > 1000；延到 12-25；不建单")
        session.refresh(order)
        assert order.not_before_at == CHRISTMAS

        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)

        session.refresh(order)
        assert order.not_before_at == before
        (case,) = session.scalars(select(Case).where(Case.kind == "hold_until")).all()
        session.refresh(case)
        assert (case.state, case.solution) == ("solved", "规则不再要求")
        assert len(said_of(session, order, "取消延发")) == 1

    def test_a_person_goes_first_and_what_they_changed_stays(self, desk: Desk, session: Session, cast: Cast) -> None:
        mine, theirs = make_order(session, paid_fen=150_000), make_order(session, paid_fen=150_000)
        said(desk, f"延发 {theirs.tag} 12-24", cast.xiaoli)
        number = on(desk, cast, "金额 > 1000；延到 12-25；不建单")
        session.refresh(theirs)
        assert theirs.not_before_at == CHRISTMAS - timedelta(days=1)
        assert acts(session) == {(mine.id, "hold:2025-12-25"): True}

        said(desk, f"延发 {mine.tag} 12-24 客户在家", cast.xiaoli)
        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)

        session.refresh(mine)
        assert mine.not_before_at == CHRISTMAS - timedelta(days=1)

    def test_another_rule_whose_number_begins_alike_lifts_nothing(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)
        session.execute(text("SELECT setval(pg_get_serial_sequence('rules', 'id'), 1, false)"))
        first = on(desk, cast, "金额 > 1；延到 12-25；不建单")
        said(desk, f"延发 {order.tag} 取消", cast.xiaoli)
        session.execute(text("SELECT setval(pg_get_serial_sequence('rules', 'id'), 9)"))
        tenth = on(desk, cast, "件数 >= 1；延到 12-25；不建单")
        session.refresh(order)
        assert (first, tenth, order.not_before_at) == (1, 10, CHRISTMAS)

        rule(desk, f"规则 停 {first}", cast.chenjie)
        look(desk)
        session.refresh(order)
        assert order.not_before_at == CHRISTMAS

        rule(desk, f"规则 停 {tenth}", cast.chenjie)
        look(desk)
        session.refresh(order)
        assert order.not_before_at is None

    def test_the_same_day_said_by_a_person_is_theirs(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, ship_by_at=NOW + timedelta(days=9))
        number = on(desk, cast, "金额 > 1；延到 12-25；不建单")
        said(desk, f"延发 {order.tag} 12-24 客户要早点", cast.xiaoli)
        said(desk, f"延发 {order.tag} 12-25 客户在家", cast.xiaoli)

        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)

        session.refresh(order)
        assert order.not_before_at == CHRISTMAS

    def test_so_many_days_count_from_the_finding(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        on(desk, cast, "金额 > 1；延到 3天后")

        session.refresh(order)
        assert order.not_before_at == CHRISTMAS

    def test_another_day_or_question_of_the_rule_takes_the_place_of_the_first_at_once(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        before = CHRISTMAS - timedelta(days=1)
        order = make_order(session, not_before_at=before)
        number = on(desk, cast, "金额 > 1；延到 12-25；问采购 何时到；不建单")

        rule(desk, f"规则 改 {number} 动作 延到 12-28；问采购 有没有替代款", cast.chenjie)
        look(desk)

        session.refresh(order)
        assert order.not_before_at == CHRISTMAS + timedelta(days=3)
        found = session.scalars(select(Case).where(Case.state == "open").order_by(Case.kind)).all()
        assert [one.reason.partition("：规则")[0].partition("（")[0] for one in found] == [
            "约定 12-28 起发货", "有没有替代款"
        ]  # fmt: skip
        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)
        session.refresh(order)
        assert order.not_before_at == before

    def test_two_rules_keep_it_back_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        first = on(desk, cast, "金额 > 1；延到 12-25；不建单")
        on(desk, cast, "金额 > 2；延到 12-28；不建单")
        session.refresh(order)
        assert order.not_before_at == CHRISTMAS

        rule(desk, f"规则 停 {first}", cast.chenjie)
        look(desk)
        again(desk, session, order)

        assert order.not_before_at == CHRISTMAS + timedelta(days=3)


class TestANote:
    def test_it_is_shown_and_owed_to_the_platform_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；动作 备注 发顺丰，红旗；不建单")
        for _ in range(2):
            again(desk, session, order)

        assert len(said_of(session, order, "备注")) == 1
        assert "系统：发顺丰" in shown(desk, order).seller_memo
        (owed,) = session.scalars(select(WriteBack)).all()
        assert owed.body == {"line": "发顺丰", "flag": 1, "by": cast.chenjie.staff_id}
        rule(desk, f"规则 停 {number}", cast.chenjie)
        again(desk, session, order)
        assert "系统：发顺丰" in shown(desk, order).seller_memo


class TestAskingPurchasing:
    def test_it_is_a_matter_of_theirs_which_is_over_when_it_is_needless(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；标题 大单；问采购 能不能周五前到；不建单")
        again(desk, session, order)

        (case,) = session.scalars(select(Case).where(Case.kind == "rule_ask")).all()
        assert (case.role, case.reason) == ("purchasing", f"能不能周五前到（规则{number}「大单」）")
        again(desk, session, order, paid_fen=100)
        session.refresh(case)
        assert (case.state, case.solution) == ("solved", "不用再问")

    def test_an_answer_is_an_answer(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        on(desk, cast, "金额 > 1000；问采购；不建单")
        (case,) = session.scalars(select(Case).where(Case.kind == "rule_ask")).all()
        case.state, case.solved_by = "solved", cast.chenjie.staff_id
        session.flush()

        again(desk, session, order)

        assert session.scalar(select(func.count(Case.id)).where(Case.kind == "rule_ask")) == 1


class TestAReminder:
    def test_one_sentence_tells_a_person_of_all_orders_once(self, desk: Desk, session: Session, cast: Cast) -> None:
        orders = [make_order(session, paid_fen=150_000) for _ in range(3)]
        number = on(desk, cast, "金额 > 1000；标题 大单；提醒 老王；不建单")
        for order in orders:
            again(desk, session, order)

        tags = "、".join(order.tag for order in orders)
        assert notes(session) == [(str(cast.laowang.staff_id), f"规则{number}「大单」提醒：{tags}")]
        (owed,) = session.scalars(select(Notification).where(Notification.purpose == "text")).all()
        assert owed.urgency == Urgency.CARD

    def test_a_role_hears_and_of_one_order_also_why(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；提醒仓库；不建单")

        told = f"规则{number}提醒：{order.tag}（金额 > 1000（金额=1500））"
        assert notes(session) == [(str(cast.laowang.staff_id), told)]

    def test_who_has_left_is_not_told_but_a_supervisor(self, desk: Desk, session: Session, cast: Cast) -> None:
        on(desk, cast, "金额 > 1000；提醒 老王；不建单")
        session.execute(text("UPDATE staff SET active = false WHERE id = :id"), {"id": cast.laowang.staff_id})

        make_order(session, paid_fen=150_000)
        look(desk)

        assert [one for one, _ in notes(session)] == [str(cast.chenjie.staff_id)]


class TestACustomer:
    def test_it_is_owed_once_by_the_customers_own_manners(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        make_customer(session, buyer_key="buyer-1")
        on(desk, cast, "金额 > 1000；通知客户 处理 已加急；不建单")
        for _ in range(2):
            again(desk, session, order)

        (owed,) = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
        assert (owed.body["template"], owed.body["values"]["result"]) == ("solved", "已加急")
        assert len(said_of(session, order, "通知客户")) == 1
        night = replace(desk, now=datetime(2025, 12, 22, 15, tzinfo=UTC))
        kept = manners.kept_back(night, owed)
        assert kept is not None
        assert kept.why == manners.QUIET
        session.execute(text("INSERT INTO opt_outs (channel, address, at) VALUES ('wechat_oa', :to, :now)"),
                        {"to": owed.recipient, "now": desk.now})  # fmt: skip
        kept = manners.kept_back(desk, owed)
        assert kept is not None
        assert kept.why == manners.OUT

    def test_what_waits_is_withdrawn_with_the_rule_what_was_sent_is_not_said_twice(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        waits, was_sent = make_order(session, paid_fen=150_000), make_order(session, paid_fen=150_000)
        make_customer(session, buyer_key="buyer-1")
        number = on(desk, cast, "金额 > 1000；通知客户 处理 已加急；不建单")
        session.execute(text("UPDATE notifications SET state = 'sent' WHERE channel = 'customer' AND subject = :one"),
                        {"one": f"order:{was_sent.id}"})  # fmt: skip

        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)
        owed = select(Notification.subject).where(Notification.channel == "customer").order_by(Notification.id)
        assert list(session.scalars(owed)) == [f"order:{was_sent.id}"]
        assert len(said_of(session, waits, "撤回客户通知")) == 1

        rule(desk, f"规则 启 {number}", cast.chenjie)
        look(desk)
        assert list(session.scalars(owed)) == [f"order:{was_sent.id}", f"order:{waits.id}"]


class TestACustomerWhomNobodyCanReach:
    """Their notice is not said to be done, by no one; the dry run says as much before."""

    LINE = "金额 > 1000；通知客户 处理 已加急；不建单"

    def test_the_trail_says_so_once_and_the_notice_comes_when_they_are_bound(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, paid_fen=150_000)
        told = words(desk, f"预演 {self.LINE}", cast.chenjie)
        assert "通知不到客户 1 单：没有绑定，请用 话术" in told
        assert "会做" not in told
        number = on(desk, cast, self.LINE)
        for _ in range(2):
            again(desk, session, order)

        (said_once,) = said_of(session, order, "没通知到客户")
        assert '"原因":"没有绑定，请用 话术"' in said_once
        assert said_of(session, order, "通知客户") == []
        assert "通知客户「处理 已加急」（没通知到客户：没有绑定，请用 话术）" in words(
            desk, f"为什么 {order.tag}", cast.chenjie
        )
        assert "通知不到客户 1 单" in words(desk, f"预演 {number}", cast.chenjie)

        make_customer(session, buyer_key="buyer-1")
        assert "会做：通知客户「处理 已加急」 1 单" in words(desk, f"预演 {number}", cast.chenjie)
        again(desk, session, order)

        (owed,) = session.scalars(select(Notification).where(Notification.channel == "customer")).all()
        assert owed.body["values"]["result"] == "已加急"
        assert len(said_of(session, order, "通知客户")) == 1
        assert "已做，第 2 版" in words(desk, f"为什么 {order.tag}", cast.chenjie)
        rule(desk, f"规则 停 {number}", cast.chenjie)
        look(desk)
        assert len(said_of(session, order, "撤回客户通知")) == 1

    def test_of_two_orders_one_is_told_and_one_is_not(self, desk: Desk, session: Session, cast: Cast) -> None:
        stranger, known = make_order(session, paid_fen=150_000, buyer_key="u1"), make_order(session, paid_fen=150_000)
        make_customer(session, buyer_key="buyer-1")
        told = words(desk, f"预演 {self.LINE}", cast.chenjie)
        assert "会做：通知客户「处理 已加急」 1 单\n通知不到客户 1 单：没有绑定" in told
        on(desk, cast, self.LINE)

        assert acts(session) == {(known.id, "tell:solved:已加急"): True, (stranger.id, "tell:solved:已加急"): False}
        assert said_of(session, known, "没通知到客户") == []
        assert said_of(session, stranger, "通知客户") == []

    def test_who_said_no_is_not_told_and_it_says_why(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        customer = make_customer(session, buyer_key="buyer-1")
        session.execute(text("INSERT INTO opt_outs (channel, address, at) VALUES ('wechat_oa', :to, :now)"),
                        {"to": customer.openid, "now": desk.now})  # fmt: skip
        assert "通知不到客户 1 单：已退订" in words(desk, f"预演 {self.LINE}", cast.chenjie)
        on(desk, cast, self.LINE)

        assert '"原因":"已退订"' in said_of(session, order, "没通知到客户")[0]

    def test_what_is_switched_off_comes_when_it_is_on_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        make_customer(session, buyer_key="buyer-1")
        said(desk, "模板 处理 关闭", cast.chenjie)
        assert "通知不到客户 1 单：「处理」通知没有开，见 模板" in words(desk, f"预演 {self.LINE}", cast.chenjie)
        on(desk, cast, self.LINE)
        assert acts(session) == {(order.id, "tell:solved:已加急"): False}

        said(desk, "模板 处理 打开", cast.chenjie)
        again(desk, session, order)

        assert acts(session) == {(order.id, "tell:solved:已加急"): True}
        assert session.scalar(select(func.count(Notification.id)).where(Notification.channel == "customer")) == 1


class TestANoticeOfHowAnOrderStands:
    """It is true, or it waits until it is; the dry run promises no more."""

    @pytest.fixture
    def settings(self) -> Settings:
        document: dict[str, Any] = settings_document()
        document["weixin"]["templates"] |= {"stock": STOCK, "delayed": DELAYED}
        return parse(document)

    @staticmethod
    def owed(session: Session) -> list[str]:
        found = select(Notification).where(Notification.channel == "customer").order_by(Notification.id)
        return [str(one.body["template"]) for one in session.scalars(found)]

    def test_that_it_is_late_is_told_when_it_is(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session, buyer_key="buyer-1")
        order = make_order(session, paid_fen=150_000, ship_by_at=NOW + timedelta(hours=5))
        assert (
            "通知客户" not in words(desk, "预演 金额 > 1000；通知客户 延期；不建单", cast.chenjie).partition("会做")[2]
        )
        on(desk, cast, "金额 > 1000；通知客户 延期；不建单")
        now = desk.now
        while now < NOW + timedelta(hours=5):
            assert self.owed(session) == []
            session.refresh(order)
            assert order.recheck_at is not None
            now = order.recheck_at
            look(replace(desk, now=now))

        assert (self.owed(session), now) == (["delayed"], NOW + timedelta(hours=5))
        owed = session.scalars(select(Notification).where(Notification.channel == "customer")).one()
        assert manners.kept_back(replace(desk, now=NOW + timedelta(hours=6)), owed) is None

    def test_that_goods_are_short_is_told_when_they_are(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session, buyer_key="buyer-1")
        make_stock(session, "QH-CUP-RED", 9)
        order = make_order(session, lines=[make_line("QH-CUP-RED")], paid_fen=150_000)
        on(desk, cast, "金额 > 1000；通知客户 缺货；不建单")
        again(desk, session, order)
        assert self.owed(session) == []

        session.execute(text("UPDATE stock SET on_hand = 0"))
        again(desk, session, order)
        assert self.owed(session) == ["stock"]

    def test_whoever_wants_the_money_back_hears_neither(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_customer(session, buyer_key="buyer-1")
        order = make_order(session, paid_fen=150_000, ship_by_at=NOW - timedelta(hours=5), refund="asked")
        on(desk, cast, "金额 > 1000；通知客户 延期；不建单")
        again(desk, session, order)
        assert self.owed(session) == []


class TestPassing:
    def test_an_order_passes_though_the_usual_limits_would_not_let_it(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, buyer_message="好的", receiver=masked())
        number = on(desk, cast, "金额 < 1000；标题 小单；自动通过；不建单")

        session.refresh(order)
        assert order.stage == "pending_pick"
        assert f'"规则":"规则{number}「小单」 第2版"' in said_of(session, order, "自动审核")[0]
        assert trail.verify(session, f"order:{order.shop_id}:{order.external_id}")

    @pytest.mark.parametrize(
        "changes",
        [
            {"refund": "asked"},
            {"hold": "风控审核"},
            {"city": "", "district": "", "town": ""},
            {"lines": [make_line(quantity=100)]},
            {"lines": [make_line(sku="QH-UNKNOWN")]},
        ],
    )
    def test_never_over_what_a_person_must_look_at(
        self, desk: Desk, session: Session, cast: Cast, changes: dict[str, Any]
    ) -> None:
        make_stock(session, "QH-CUP-RED", 99)
        order = make_order(session, **changes)
        on(desk, cast, "金额 < 1000；自动通过；不建单")

        session.refresh(order)
        assert order.stage == "pending_review"

    @pytest.mark.parametrize("decided", ["合并", "不合并"])
    def test_it_waits_for_who_shall_go_together_and_not_longer(
        self, desk: Desk, session: Session, cast: Cast, decided: str
    ) -> None:
        alike: dict[str, Any] = {"receiver": masked(), "receiver_key": "1abc", "buyer_key": "bb"}
        twins = [make_order(session, created_at=NOW - timedelta(hours=hours), **alike) for hours in (3, 1)]
        watch.arrived(desk, [one.id for one in twins])
        on(desk, cast, "金额 < 1000；自动通过；不建单")
        (case,) = session.scalars(select(Case).where(Case.kind == "unmerged"))
        for one in twins:
            session.refresh(one)
            assert one.stage == "pending_review"

        said(desk, f"{short_code(case.id)} {decided}", cast.xiaoli)
        for one in twins:
            again(desk, session, one)

        assert [one.stage for one in twins] == ["pending_pick", "pending_pick"]

    def test_a_lock_keeps_it_and_its_end_lets_it_go(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        case = make_case(session, order, kind="person_lock", blocks=True)
        on(desk, cast, "金额 < 1000；自动通过；不建单")
        session.refresh(order)
        assert order.stage == "pending_review"

        case.state = "solved"
        again(desk, session, order)

        assert order.stage == "pending_pick"

    def test_what_a_person_sent_back_it_does_not_pass_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        on(desk, cast, "金额 < 1000；自动通过；不建单")
        again(desk, session, order, stage="pending_review")

        assert order.stage == "pending_review"

    def test_back_to_the_audit_goes_what_nobody_has_picked(self, desk: Desk, session: Session, cast: Cast) -> None:
        order, picked = make_order(session, stage="pending_pick"), make_order(session, stage="pending_ship")
        number = on(desk, cast, "金额 > 1；转环节 待审核")

        session.refresh(order)
        session.refresh(picked)
        assert (order.stage, picked.stage) == ("pending_review", "pending_ship")
        assert len(said_of(session, order, "规则退回")) == 1
        assert order.id in live(session, number)
        again(desk, session, order, stage="pending_pick")
        assert order.stage == "pending_pick"


class TestOnceAndOnlyWhenItCounts:
    def test_shadow_does_nothing_and_is_counted(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        number = rule(desk, "规则 新增 金额 > 1；标记 大额；延到 12-25；提醒 仓库；自动通过", cast.chenjie).rule_id
        view = rule(desk, f"规则 影子 {number}", cast.chenjie)
        look(desk)

        session.refresh(order)
        assert (order.stage, order.not_before_at, acts(session), notes(session)) == ("pending_review", None, {}, [])
        assert "影子 1 单" in rule(desk, f"规则 {view.rule_id}", cast.chenjie).hits

    def test_another_version_with_the_same_words_does_not_do_it_again(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；提醒 老王；不建单")
        for line in ("改 {} 标题 新名字", "改 {} 金额 > 1001", "停 {}", "启 {}", "回滚 {}"):
            rule(desk, f"规则 {line.format(number)}", cast.chenjie)
            look(desk)

        assert len(notes(session)) == 1

    def test_what_a_person_settled_leads_to_nothing_new(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000")
        (case,) = cases(session, number)
        case.state, case.solved_by = "dismissed", cast.xiaoli.staff_id
        session.flush()

        rule(desk, f"规则 改 {number} 动作 标记 大额", cast.chenjie)
        again(desk, session, order)

        assert acts(session) == {}

    def test_a_rule_without_cases_ends_those_that_it_had(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session, paid_fen=150_000)
        number = on(desk, cast, "金额 > 1000；标记 大额")
        assert len(live(session, number)) == 1

        rule(desk, f"规则 改 {number} 不建单", cast.chenjie)
        look(desk)

        (case,) = cases(session, number)
        assert (case.state, case.solution) == ("solved", "规则不再开异常")

    def test_the_number_of_statements_does_not_grow_with_the_orders(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        on(desk, cast, "金额 > 1；标记 大额；动作 备注 小心；延到 12-25；提醒 仓库；问采购；自动通过；不建单")

        def statements(count: int) -> int:
            fresh = [make_order(session, buyer_key=f"{count}-{number}").id for number in range(count)]
            seen: list[str] = []
            listener = lambda *given: seen.append(given[2])  # noqa: E731
            event.listen(session.connection(), "before_cursor_execute", listener)
            watch.watch(desk, fresh)
            event.remove(session.connection(), "before_cursor_execute", listener)
            return len(seen)

        statements(20)
        assert statements(40) == statements(20)

    def test_two_workers_at_once_do_it_once(
        self, sessions: sessionmaker[Session], settings: Settings, now: datetime
    ) -> None:
        with sessions() as session:
            cast = hire_all(session)
            desk = Desk(session, now, settings)
            number = rule(desk, "规则 新增 金额 > 1；标记 大额；提醒 老王；延到 12-25；不建单", cast.chenjie).rule_id
            rule(desk, f"规则 启 {number}", cast.chenjie)
            ids = [make_order(session).id for _ in range(4)]
            session.commit()

        Two(sessions, settings, now).at_once(*(lambda desk: watch.watch(desk, ids) for _ in range(2)))

        with sessions() as session:
            assert len(acts(session)) == 12
            assert len([one for one in notes(session) if "提醒" in one[1]]) == 1
            assert session.scalar(select(func.count(Case.id)).where(Case.kind == "hold_until")) == 4
            for action in ("标记", "提醒", "延发"):
                assert session.scalar(select(func.count(TrailRow.id)).where(TrailRow.action == action)) == 4
