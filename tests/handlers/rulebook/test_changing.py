from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, pressing, show, trail
from handlers.desk import Desk, Refusal
from handlers.reports.view import ExceptionsView
from handlers.rulebook.view import RuleView
from handlers.views import BoardView, CaseView, TextView
from models import Case, Notification, TrailRow, Urgency
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_order, masked, pressed, typed
from tests.handlers.rulebook.office import cases, change, live, look, press, rule, said, versions, words


class TestFromTheFirstWordToTheCase:
    def test_a_rule_is_a_draft_then_on_and_opens_its_case_with_its_manner(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        there: dict[str, Any] = {"province": "新疆维吾尔自治区", "city": "乌鲁木齐市", "district": "天山区", "town": ""}
        far, near = make_order(session, **there, paid_fen=150_000), make_order(session)
        look(desk)

        view = rule(
            desk,
            "规则 新增 金额＞1000 且 省 属于 【“新疆”、“西藏”】；标题 大额偏远；角色 仓库；等级 P1；锁单；认领 10；"
            "处理 2小时",
            cast.chenjie,
        )

        assert (view.title, view.state, view.judges) == ("大额偏远", "草稿", False)
        assert (view.whose, view.limits) == ("仓库 · P1 · 锁单", "10 分钟认领，2 小时处理")
        assert [offer.text for offer in view.offers] == ["启用", "影子", "预演", "取消"]
        look(desk)
        assert cases(session, view) == []

        after = press(desk, "rule_on", view, cast.chenjie)
        assert isinstance(after, RuleView)
        assert (after.state, after.note) == ("启用", "陈姐已设为启用：马上生效，没发的订单几分钟内都会重新检查")
        look(desk)

        (case,) = cases(session, view)
        assert (case.order_id, case.role, case.blocks) == (far.id, "warehouse", True)
        assert case.reason == "金额＞1000 且 省 属于 【“新疆”、“西藏”】（金额=1500，省=新疆）"
        assert [step["after"] for step in case.steps] == [0, 10, 130]
        assert case.evidence["rule"]["title"] == "大额偏远"
        session.refresh(far)
        session.refresh(near)
        assert far.lock_reason == f"大额偏远：{case.reason}"
        assert near.lock_reason == ""
        shown = show.show(desk, f"case:{case.id}", cast.laowang)
        assert isinstance(shown, CaseView)
        assert (shown.title, shown.severity, shown.offers[0].text) == ("大额偏远", "P1", "已处理")
        assert trail.verify(session, f"order:{far.shop_id}:{far.external_id}")

    def test_its_case_ends_by_a_person_and_is_not_raised_again(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, buyer_message="要发票")
        view = rule(desk, "规则 新增 买家留言 包含 '发票'", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        (case,) = cases(session, view)

        pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.xiaoli)
        change(session, order)
        look(desk)

        assert [one.state for one in cases(session, view)] == ["solved"]

    def test_what_people_settled_stays_settled_however_the_condition_is_written(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_order(session)
        number = rule(desk, "规则 新增 金额 > 1 且 件数 >= 1", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        look(desk)
        said(desk, f"{short_code(cases(session, number)[0].id)} 忽略 误报", cast.xiaoli)

        for alike in ("金额>1 且 件数>=1", "(金额 大于 1.0) and 件数 不少于 1"):
            rule(desk, f"规则 改 {number} {alike}", cast.chenjie)
            look(desk)
            assert [one.state for one in cases(session, number)] == ["dismissed"]

        rule(desk, f"规则 改 {number} 金额 > 2 且 件数 >= 1", cast.chenjie)
        look(desk)
        assert [one.state for one in cases(session, number)] == ["dismissed", "open"]

    def test_its_case_ends_by_itself_when_the_order_is_no_longer_so(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, buyer_message="要发票")
        view = rule(desk, "规则 新增 买家留言 包含 '发票'", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        change(session, order, buyer_message="")
        look(desk)

        (case,) = cases(session, view)
        assert (case.state, case.solution) == ("solved", "不符合条件")

    def test_what_nobody_can_see_opens_nothing_and_ends_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        view = rule(desk, "规则 新增 地址 包含 '紫金花'", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        assert live(session, view) == {order.id}
        change(session, order, receiver=desk.vault.seal_receiver(masked()))
        other = make_order(session, receiver=masked())

        look(desk)

        assert live(session, view) == {order.id}
        assert other.id not in live(session, view)
        assert "紫金花路" not in cases(session, view)[0].reason.replace("'紫金花'", "")

    def test_a_case_ends_when_the_order_leaves_and_a_stage_is_seen_at_once(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)
        view = rule(desk, "规则 新增 环节 == '待配货' 且 金额 > 100", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        assert live(session, view) == set()

        said(desk, f"审核 {order.tag}", cast.xiaoli)
        look(desk)
        assert live(session, view) == {order.id}

        said(desk, f"配货 {order.tag}", cast.laowang)
        look(desk)
        assert live(session, view) == set()

    def test_whose_they_are_is_chosen_on_the_card(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session)
        view = rule(desk, "规则 新增 金额 > 100", cast.chenjie)
        assert view.choice is not None
        assert (view.choice.selected, [title for _, title in view.choice.options][:2]) == ("service", ["客服", "仓库"])

        chosen = pressed("rule_on", f"rule:{view.rule_id}", revision=view.revision, role="warehouse")
        after = pressing.press(desk, chosen, cast.chenjie)
        look(desk)

        assert isinstance(after, RuleView)
        assert (after.whose, after.choice) == ("仓库 · P3 · 不锁单", None)
        assert after.versions[0].endswith("陈姐：状态：草稿 → 启用；角色：客服 → 仓库")
        assert [case.role for case in cases(session, view)] == ["warehouse"]

    def test_what_stands_in_quotes_is_kept_as_it_was_typed(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, buyer_message="你好，请开发票！")
        view = rule(desk, "规则 新增 买家留言 包含 '好，请' 且 买家留言 包含 “票！”；备注 全角，照原样", cast.chenjie)
        assert view.condition == "买家留言 包含 '好，请' 且 买家留言 包含 “票！”"
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)

        assert live(session, view) == {order.id}
        told = words(desk, "预演 买家留言 包含 '好，请' 14天", cast.chenjie)
        assert "近 14 天" in told
        assert "命中 1 单" in told


class TestEveryChangeIsAVersion:
    def test_nothing_is_overwritten_and_one_command_brings_the_version_before_back(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, paid_fen=150_000)
        made = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)
        number = made.rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)
        look(desk)
        assert live(session, made) == {order.id}

        changed = rule(desk, f"规则 改 {number} 金额 > 2000；标题 很大的单", cast.chenjie)
        assert "条件：金额 > 1000 → 金额 > 2000" in changed.note
        look(desk)
        assert live(session, made) == set()

        back = rule(desk, f"规则 回滚 {number}", cast.chenjie)
        look(desk)

        assert back.note.startswith("已回滚到第 2 版：")
        assert live(session, made) == {order.id}
        assert versions(session, number) == [
            (1, "draft", "金额 > 1000"), (2, "on", "金额 > 1000"), (3, "on", "金额 > 2000"), (4, "on", "金额 > 1000"),
        ]  # fmt: skip
        assert [line[:4] for line in back.versions] == ["第 4 ", "第 3 ", "第 2 ", "第 1 "]
        assert all("陈姐" in line for line in back.versions)
        found = session.scalars(select(TrailRow).where(TrailRow.subject == f"rule:{number}").order_by(TrailRow.id))
        assert [row.action for row in found] == ["新增规则", "改规则", "改规则", "回滚规则"]
        assert trail.verify(session, f"rule:{number}")

    def test_it_goes_back_to_any_version_by_its_number(self, desk: Desk, session: Session, cast: Cast) -> None:
        number = rule(desk, "规则 新增 金额 > 1000", cast.chenjie).rule_id
        rule(desk, f"规则{number} 启用", cast.chenjie)
        rule(desk, f"规则 改 {number} 金额 > 2000", cast.chenjie)
        rule(desk, f"规则 改 {number} 金额 > 3000", cast.chenjie)

        back = rule(desk, f"规则 回滚 {number} 第2版", cast.chenjie)

        assert (back.condition, back.state) == ("金额 > 1000", "启用")
        with pytest.raises(Refusal, match="没有可以回滚到的版本"):
            said(desk, f"规则 回滚 {number} 第99版", cast.chenjie)

    def test_a_press_on_an_old_card_changes_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        old = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)
        press(desk, "rule_shadow", old, cast.chenjie)

        after = press(desk, "rule_on", old, cast.chenjie)

        assert isinstance(after, RuleView)
        assert (after.state, after.note) == ("影子", f"规则{old.rule_id}刚被改过，请再看一眼")
        assert len(versions(session, old.rule_id)) == 2

    def test_the_same_again_is_no_version(self, desk: Desk, session: Session, cast: Cast) -> None:
        number = rule(desk, "规则 新增 金额 > 1000", cast.chenjie).rule_id
        rule(desk, f"规则 启 {number}", cast.chenjie)

        assert rule(desk, f"规则 启 {number}", cast.chenjie).note == f"规则{number}「规则{number}」现在就是启用"
        with pytest.raises(Refusal, match="没有变化"):
            said(desk, f"规则 改 {number} 金额 > 1000", cast.chenjie)
        assert len(versions(session, number)) == 2

    def test_a_rule_that_is_switched_off_ends_its_cases(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)
        view = rule(desk, "规则 新增 金额 > 100；锁单", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)

        rule(desk, f"规则 停 {view.rule_id}", cast.chenjie)
        look(desk)

        (case,) = cases(session, view)
        assert (case.state, case.solution) == ("solved", "规则已停用")
        session.refresh(order)
        assert order.lock_reason == ""

    def test_other_supervisors_cards_are_brought_up_to_date(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)

        owed = session.scalars(select(Notification.dedupe_key).where(Notification.subject == f"rule:{view.rule_id}"))
        assert list(owed) == [f"rule:{view.rule_id}:edit:3"]


class TestShadow:
    def test_it_counts_and_opens_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, paid_fen=150_000)
        make_order(session)
        view = rule(desk, "规则 新增 金额 > 1000；锁单", cast.chenjie)
        press(desk, "rule_shadow", view, cast.chenjie)
        look(desk)
        change(session, order)
        look(desk)

        assert cases(session, view) == []
        session.refresh(order)
        assert order.lock_reason == ""
        assert session.execute(text("SELECT order_id FROM rule_shadow_hits")).scalars().all() == [order.id]
        assert f"- **{view.rule_id}** [影子] 0 件，影子 1 单：金额 > 1000" in words(desk, "规则", cast.chenjie)

    def test_from_on_to_shadow_its_cases_end(self, desk: Desk, session: Session, cast: Cast) -> None:
        make_order(session)
        view = rule(desk, "规则 新增 金额 > 100", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        assert len(live(session, view)) == 1

        rule(desk, f"规则 影子 {view.rule_id}", cast.chenjie)
        look(desk)

        assert live(session, view) == set()


class TestTime:
    def test_time_alone_opens_a_case_at_its_moment(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage_entered_at=desk.now - timedelta(hours=1))
        view = rule(desk, "规则 新增 停留小时 >= 1.5", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        session.refresh(order)
        assert order.recheck_at == desk.now + timedelta(minutes=30)

        look(replace(desk, now=desk.now + timedelta(minutes=30)))

        assert live(session, view) == {order.id}

    def test_a_case_whose_reason_holds_a_time_does_not_change_by_the_minute(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session, stage_entered_at=desk.now - timedelta(hours=1))
        view = rule(desk, "规则 新增 停留小时 > 0.5 且 金额 > 100", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        (case,) = cases(session, view)
        revision = case.revision

        change(session, order)
        look(replace(desk, now=desk.now + timedelta(minutes=7)))

        (case,) = cases(session, view)
        assert (case.revision, case.reason) == (revision, "停留小时 > 0.5 且 金额 > 100（金额=138）")

    def test_it_holds_from_its_first_day_to_its_last(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, ship_by_at=None, hold="平台风控")  # no other rule looks at it in between
        view = rule(desk, "规则 新增 金额 > 100；从 12-24；到 12-25", cast.chenjie)
        assert view.period == "12-24 至 12-25"
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)
        assert live(session, view) == set()

        look(replace(desk, now=desk.now + timedelta(hours=38)))  # 12-24 00:00
        assert live(session, view) == {order.id}

        look(replace(desk, now=desk.now + timedelta(hours=86)))  # 12-26 00:00
        assert live(session, view) == set()

    @pytest.mark.parametrize(("days", "period"), [
        ("从 12-01；到 12-31", "12-01 至 12-31"),
        ("从 2025-12-01；到 2025-12-31", "12-01 至 12-31"),
        ("从 12-25；到 01-10", "12-25 至 2026-01-10"),
        ("从 11-01", "11-01 起"),
        ("从 2024-11-11；到 12-22", "2024-11-11 至 12-22"),
        ("从 1号", "2026-01-01 起"),
    ])  # fmt: skip
    def test_a_day_is_of_the_nearest_year_which_is_told_where_it_is_not_this_one(
        self, desk: Desk, cast: Cast, days: str, period: str
    ) -> None:
        assert rule(desk, f"规则 新增 金额 > 1000；{days}", cast.chenjie).period == period

    def test_a_day_that_is_over_ends_no_rule_and_begins_one_that_goes_on(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)
        view = rule(desk, "规则 新增 金额 > 100", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        look(desk)

        for over in ("12-21", "2025-12-21"):
            with pytest.raises(Refusal, match="到 2025-12-21 已经过去了，请写今天或以后的日期"):
                said(desk, f"规则 改 {view.rule_id} 到 {over}", cast.chenjie)
        begun = rule(desk, f"规则 改 {view.rule_id} 从 12-20", cast.chenjie)
        assert begun.period == "12-20 起"
        assert begun.versions[0].endswith("陈姐：从：不限 → 12-20")
        look(desk)
        assert live(session, view) == {order.id}
        ends = rule(desk, f"规则 改 {view.rule_id} 到 01-03", cast.chenjie)
        assert ends.versions[0].endswith("到：不限 → 2026-01-03")

    def test_the_list_and_its_card_say_that_a_rule_is_over_or_has_not_begun(self, desk: Desk, cast: Cast) -> None:
        for what in ("标题 短期；到 12-23", "标题 元旦；从 01-01", "标题 看看；从 12-25", "标题 一直"):
            view = rule(desk, f"规则 新增 金额 > 1000；{what}", cast.chenjie)
            rule(desk, f"规则 {'影子' if '看看' in what else '启'} {view.rule_id}", cast.chenjie)

        told = words(desk, "规则", cast.chenjie)
        for line in ("短期 [启用]", "元旦 [启用，2026-01-01 起]", "看看 [影子，12-25 起]", "一直 [启用]"):
            assert line in told

        desk.now += timedelta(days=5)
        told = words(desk, "规则", cast.chenjie)
        for line in ("短期 [已过期]", "元旦 [启用，2026-01-01 起]", "看看 [影子]", "一直 [启用]"):
            assert line in told
        over = int(told.partition(" 短期")[0].rpartition("**")[0].rpartition("**")[2])
        assert rule(desk, f"规则 {over}", cast.chenjie).state == "已过期"
        rule(desk, f"规则 停 {over}", cast.chenjie)
        again = rule(desk, f"规则 启 {over}", cast.chenjie)
        assert again.note == f"陈姐已设为启用：但它已经过期，要再用请改日期：规则 改 {over} 到 不限"
        assert rule(desk, f"规则 改 {over} 到 不限", cast.chenjie).state == "启用"


class TestWhatIsRefused:
    @pytest.mark.parametrize(("line", "answer"), [
        ("规则 新增 金额额 > 5", "没有「金额额」这个字段\n金额额 > 5\n^^^\n您是想写「金额」吗"),
        ("规则 新增 金额 > '大'", "「金额」是数字，不能和文字 '大' 比"),
        ("规则 新增", "还没写条件"),
        ("规则 新增 金额 > 5；角色 老板", "角色可以是：客服、仓库、采购、主管"),
        ("规则 新增 金额 > 5；等级 P9", "等级可以是：P1"),
        ("规则 新增 金额 > 5；认领 0", "认领请写多久"),
        ("规则 新增 金额 > 5；从 12-31；到 12-24", "开始日期在结束日期后面了：从 2025-12-31，到 2025-12-24"),
        ("规则 新增 金额 > 5；从 1号；到 周五", "开始日期在结束日期后面了：从 2026-01-01，到 2025-12-26"),
        ("规则 新增 金额 > 5；到 12-21", "到 2025-12-21 已经过去了，请写今天或以后的日期；明年的请写：到 2026-12-21"),
        ("规则 新增 金额 > 5；从 昨天", "从请写日期"),
        ("规则 新增 金额 > 5；负责人 查无此人", "没有叫「查无此人」的同事，可以写："),
        ("规则 新增 金额 > 5；运费 > 5", "一条规则只有一个条件"),
        ("规则 新增 金额 > 5；到 后天吧", "到请写日期"),
        ("规则 999", "没有规则999"),
        ("规则 停 999", "没有规则999"),
        ("规则 乱写", "「乱写」看不懂"),
    ])  # fmt: skip
    def test_it_says_what_is_wrong_and_keeps_nothing(
        self, desk: Desk, session: Session, cast: Cast, line: str, answer: str
    ) -> None:
        with pytest.raises(Refusal) as caught:
            said(desk, line, cast.chenjie)

        assert answer in str(caught.value)
        assert session.execute(text("SELECT count(*) FROM rule_versions")).scalar_one() == 0

    def test_only_supervisors_make_and_see_them(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)

        for line in ("规则", f"规则 启 {view.rule_id}", "规则 新增 金额 > 5", f"预演 {view.rule_id}"):
            with pytest.raises(Refusal, match="由主管操作"):
                said(desk, line, cast.xiaoli)
        with pytest.raises(Refusal, match="由主管操作"):
            press(desk, "rule_on", view, cast.laowang)

    def test_a_draft_that_waited_too_long_is_over_and_says_what_to_send_again(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        view = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)
        later = replace(desk, now=desk.now + timedelta(hours=2, seconds=1))

        with pytest.raises(Refusal, match="请重新发：规则 新增 金额 > 1000"):
            press(later, "rule_on", view, cast.chenjie)
        assert rule(later, f"规则 {view.rule_id}", cast.chenjie).over == "草稿已过期"
        assert "还没有自己的规则" in words(later, "规则", cast.chenjie)

    def test_a_draft_is_dropped_by_its_button_and_a_used_rule_is_not(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        draft, used = rule(desk, "规则 新增 金额 > 1", cast.chenjie), rule(desk, "规则 新增 金额 > 2", cast.chenjie)
        dropped = press(desk, "rule_drop", draft, cast.chenjie)
        assert isinstance(dropped, RuleView)
        assert (dropped.over, dropped.offers) == ("已取消", ())

        rule(desk, f"规则 启 {used.rule_id}", cast.chenjie)
        with pytest.raises(Refusal, match="已经用过，请停用它"):
            said(desk, f"规则 删 {used.rule_id}", cast.chenjie)

    def test_a_rule_whose_shop_is_gone_says_that_it_cannot_judge(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        order = make_order(session)
        view = rule(desk, "规则 新增 店铺 == '青禾淘宝店'", cast.chenjie)
        press(desk, "rule_on", view, cast.chenjie)
        session.execute(text("UPDATE rule_versions SET condition = '店铺 == ''青禾旧店'''"))
        desk.session.info.pop("rulebook", None)

        look(desk)

        assert live(session, view) == set()
        assert "条件现在读不懂，请主管修改" in words(desk, f"为什么 {order.tag}", cast.chenjie)
        assert rule(desk, f"规则 停 {view.rule_id}", cast.chenjie).state == "停用"
        with pytest.raises(Refusal, match="条件有问题"):
            said(desk, f"规则 启 {view.rule_id}", cast.chenjie)


def test_whoever_answers_for_a_rule_is_kept_by_the_whole_name_and_may_leave(
    desk: Desk, session: Session, cast: Cast
) -> None:
    view = rule(desk, "规则 新增 金额 > 1000；负责人 李", cast.chenjie)
    assert view.owner == "小李"

    session.execute(text("UPDATE staff SET active = false WHERE name = '小李'"))

    assert rule(desk, f"规则 启 {view.rule_id}", cast.chenjie).state == "启用"
    assert rule(desk, f"规则 改 {view.rule_id} 负责人 无", cast.chenjie).owner == ""


def test_the_list_and_the_facts_are_told(desk: Desk, session: Session, cast: Cast) -> None:
    assert "还没有自己的规则" in words(desk, "规则", cast.chenjie)
    rule(desk, "规则 新增 金额 > 1000；标题 大单；负责人 小李；备注 双十二用", cast.chenjie)

    assert "大单 [草稿] 0 件：金额 > 1000" in words(desk, "规则", cast.chenjie)
    told = words(desk, "规则 字段", cast.chenjie)
    assert "- 金额（数字）：实付金额，元。如：金额 > 1000" in told
    assert "SKU件数('QH-MUG-01')" in told


def test_a_rule_that_finds_many_orders_is_told_once_by_its_title(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(12):
        make_order(session, recheck_at=None)
    view = rule(desk, "规则 新增 金额 > 100；标题 大单；角色 仓库", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    look(desk)

    assert len(live(session, view)) == 12
    (group,) = session.scalars(select(Case).where(Case.kind == "cause_group")).all()
    assert (group.role, group.reason, group.group_key) == ("warehouse", "12 单大单", f"own_{view.rule_id}:大单")
    shown = show.show(desk, f"case:{group.id}", cast.laowang)
    assert isinstance(shown, CaseView)
    assert shown.title == "多单大单"
    owed = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    assert [one.subject for one in owed if one.channel == "group"] == [f"case:{group.id}"]


def test_its_cases_are_asked_for_and_counted_by_its_title(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    view = rule(desk, "规则 新增 金额 > 100；标题 大单；锁单", cast.chenjie)
    rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    look(desk)

    asked = said(desk, "异常 大单", cast.chenjie)
    assert isinstance(asked, ExceptionsView)
    assert [(one.title, one.cases) for one in asked.kinds] == [("大单", 1)]
    board = said(desk, "看板", cast.chenjie)
    assert isinstance(board, BoardView)
    assert board.cases == (("大单", 1),)
    with pytest.raises(Refusal, match="大单：金额 > 100"):
        said(desk, f"审核 {order.tag}", cast.xiaoli)


def test_an_urgent_one_is_an_alert_and_one_for_today_is_not(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session)
    for grade in ("P1", "P3"):
        view = rule(desk, f"规则 新增 金额 > 100；等级 {grade}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
    look(desk)

    owed = session.scalars(select(Notification).where(Notification.purpose == "card").order_by(Notification.id)).all()
    kinds = {f"case:{case.id}": case.evidence["rule"]["severity"] for case in session.scalars(select(Case))}
    assert {(kinds[one.subject], one.urgency == Urgency.ALERT) for one in owed} == {("P1", True), ("P3", False)}


def test_a_reply_to_its_card_is_about_that_rule(desk: Desk, session: Session, cast: Cast) -> None:
    make_order(session)
    view = rule(desk, "规则 新增 金额 > 100", cast.chenjie)
    card = f"订单中枢\n{view.code} [草稿]\n金额 > 100"

    tried = commands.run(desk, typed("预演", sender="chenjie", quoted=card), cast.chenjie)
    assert isinstance(tried, TextView)
    assert "命中 1 单" in tried.text
    on = commands.run(desk, typed("启用", sender="chenjie", quoted=card), cast.chenjie)
    assert isinstance(on, RuleView)
    assert on.state == "启用"
