"""认领, 转, 值班, 角色: as they are typed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands, due, people, trail
from handlers.desk import Actor, Desk, Refusal
from handlers.duty.view import DutyView
from handlers.views import CaseView, OrderView, TextView, View
from models import Case, Notification, Order, Role, Staff, TrailRow
from models.case import short_code
from tests.cast import Cast, Member, hire
from tests.factories import make_case, make_order, typed
from tests.handlers.duty.rota import is_away, when, works


def say(desk: Desk, text: str, actor: Actor, *, is_group: bool = False) -> View:
    return commands.run(desk, typed(text, is_group=is_group), actor)


def a_case(session: Session, **changes: object) -> tuple[Case, Order]:
    order = make_order(session, recheck_at=None)
    return make_case(session, order, **changes), order


class TestClaim:
    @pytest.mark.parametrize(
        ("said", "minutes"), [("", 120), (" 30分钟", 30), (" 15", 15), (" 60", 60), (" 半小时", 30), (" 2小时", 120)]
    )
    def test_a_claim_promises_a_time(self, desk: Desk, session: Session, cast: Cast, said: str, minutes: int) -> None:
        case, order = a_case(session)

        view = say(desk, f"认领 {short_code(case.id)}{said}", cast.xiaoli)

        assert isinstance(view, CaseView)
        session.refresh(case)
        assert (case.state, case.owner_id) == ("claimed", cast.xiaoli.staff_id)
        assert case.claimed_until == case.due_at == desk.now + timedelta(minutes=minutes)
        row = session.scalars(select(TrailRow).where(TrailRow.action == "认领")).one()
        assert row.subject == trail.order_subject(order.shop_id, order.external_id)

    def test_behind_the_code_it_is_the_same(self, desk: Desk, session: Session, cast: Cast) -> None:
        case, _ = a_case(session)

        view = say(desk, f"{short_code(case.id)} 认领 15", cast.xiaoli)

        assert isinstance(view, CaseView)
        assert view.note == "小李已认领，15 分钟内处理"
        session.refresh(case)
        assert case.claimed_until == desk.now + timedelta(minutes=15)

    def test_a_promise_that_is_not_kept_is_reminded_of_and_then_the_matter_is_the_pools(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case, _ = a_case(session, steps=[
            {"after": 0, "tell": ["group"]}, {"after": 15, "tell": ["role"]}, {"after": 135, "tell": ["supervisor"]},
        ])  # fmt: skip
        say(desk, f"认领 {short_code(case.id)} 30", cast.xiaoli)

        due.look(when(desk, "12-22 10:29"))
        session.refresh(case)
        assert case.state == "claimed"
        due.look(when(desk, "12-22 10:30"))
        reminders = select(Notification).where(Notification.dedupe_key.like("%remind%"))
        assert [row.recipient for row in session.scalars(reminders)] == [str(cast.xiaoli.staff_id)]
        due.look(when(desk, "12-22 10:45"))
        session.refresh(case)
        assert (case.state, case.owner_id) == ("open", None)

    def test_nobody_promises_more_than_the_platform_gives(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, ship_by_at=desk.now + timedelta(minutes=40))
        case = make_case(session, order)

        with pytest.raises(Refusal, match="平台发货时限是 12-22 10:40，承诺的时间不能晚于它"):
            say(desk, f"认领 {short_code(case.id)} 60", cast.xiaoli)
        say(desk, f"认领 {short_code(case.id)} 30", cast.xiaoli)

    def test_the_second_sees_who_was_faster(self, desk: Desk, session: Session, cast: Cast) -> None:
        case, order = a_case(session)
        say(desk, f"认领 {short_code(case.id)}", cast.xiaoli)

        view = say(desk, f"认领 {short_code(case.id)}", cast.chenjie)
        assert isinstance(view, CaseView)
        assert view.note == "已由小李认领"

        say(desk, f"认领 {order.tag}", cast.xiaoli)
        view = say(desk, f"认领 {order.tag}", cast.chenjie)
        assert isinstance(view, OrderView)
        assert view.note == f"{order.tag} 已由小李负责，要换人请发：转 {order.tag} 人名"
        again = say(desk, f"认领 {order.tag}", cast.xiaoli)
        assert isinstance(again, OrderView)
        assert again.note == f"{order.tag} 您已经认领"

    def test_an_order_is_claimed_with_the_matters_that_one_may_do(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        case, order = a_case(session)
        other = make_case(session, order, kind="short_stock", role="purchasing")

        view = say(desk, f"认领 {order.tag} 30分钟", cast.xiaoli)

        assert isinstance(view, OrderView)
        assert (view.owner, view.note) == ("小李", "小李已认领，连同 1 件异常")
        session.refresh(case)
        session.refresh(other)
        assert (case.owner_id, other.owner_id) == (cast.xiaoli.staff_id, None)
        assert trail.verify(session, trail.order_subject(order.shop_id, order.external_id))

    def test_an_order_without_matters_has_an_owner_and_no_clock(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session)

        view = say(desk, f"认领 {order.tag} 30", cast.xiaoli)

        assert isinstance(view, OrderView)
        assert view.note == "小李已认领；这一单没有待处理的异常，不计时"

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("认领", "请写上短码或订单编号，例如：认领 A7F2 30分钟"),
            ("认领 Z9Z9", "没有待处理的短码 Z9Z9|没有找到订单"),
            ("认领 {code} 马上", "「马上」不是多久"),
            ("认领 {code} 1000", "5 分钟到 8 小时"),
            ("认领 {done}", "现在是已完成，没有要处理的环节"),
            ("认领 {pick}", "认领由仓库操作，您是客服；可以请老王处理"),
        ],
    )
    def test_what_cannot_be_is_refused(self, desk: Desk, session: Session, cast: Cast, line: str, why: str) -> None:
        case, _ = a_case(session)
        done, pick = make_order(session, stage="done"), make_order(session, stage="pending_pick")

        with pytest.raises(Refusal, match=why):
            say(desk, line.format(code=short_code(case.id), done=done.tag, pick=pick.tag), cast.xiaoli)
        session.refresh(case)
        assert case.state == "open"


class TestPassOn:
    @pytest.fixture(autouse=True)
    def wangwu(self, session: Session, cast: Cast) -> Actor:
        return hire(session, Member("王五", "wangwu", Role.SERVICE))

    @pytest.mark.parametrize("line", ["转 {code} 王五", "转给王五 {code}", "转 王五 {code}", "转 {code} 给王五"])
    def test_a_matter_goes_to_a_colleague_who_hears_of_it(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor, line: str
    ) -> None:
        case, _ = a_case(session)

        view = say(desk, line.format(code=short_code(case.id)), cast.xiaoli)

        assert isinstance(view, CaseView)
        assert (view.owner, view.note) == ("王五", "小李转给王五")
        cards = select(Notification.recipient).where(Notification.dedupe_key.like("%assigned%"))
        assert session.scalars(cards).all() == [str(wangwu.staff_id)]

    def test_an_order_goes_to_somebody_who_may_work_on_it(
        self, desk: Desk, session: Session, cast: Cast, wangwu: Actor
    ) -> None:
        order = make_order(session)

        view = say(desk, f"转 {order.tag} 王五", cast.xiaoli)

        assert isinstance(view, OrderView)
        assert (view.owner, view.note) == ("王五", "小李转给王五")
        row = session.scalars(select(TrailRow).where(TrailRow.action == "转单")).one()
        assert row.detail == '{"负责人":"王五"}'
        with pytest.raises(Refusal, match="老王是仓库，待审核的单要客服处理"):
            say(desk, f"转 {order.tag} 老王", cast.xiaoli)

    def test_the_owner_may_hand_on_what_is_not_of_the_own_role(self, desk: Desk, session: Session, cast: Cast) -> None:
        order = make_order(session, stage="pending_pick", owner_id=cast.zhaojie.staff_id)
        with pytest.raises(Refusal, match="转单由仓库操作，您是客服"):
            say(desk, f"转 {order.tag} 老王", cast.xiaoli)

        view = say(desk, f"转 {order.tag} 老王", cast.zhaojie)

        assert isinstance(view, OrderView)
        assert view.owner == "老王"

    def test_nothing_goes_to_the_absent(self, desk: Desk, session: Session, cast: Cast, wangwu: Actor) -> None:
        is_away(session, wangwu, "12-22 00:00", "12-23 00:00")
        case, order = a_case(session)

        for line in (f"转 {short_code(case.id)} 王五", f"转 {order.tag} 王五", f"指派 {order.tag} 王五"):
            with pytest.raises(Refusal, match="王五请假（12-22），现在不能交给王五"):
                say(desk, line, cast.chenjie)

    @pytest.mark.parametrize(
        ("line", "why"),
        [("转", "请写上短码或订单编号"), ("转 {code}", "转给谁？"), ("转 {code} 张三", "没有叫「张三」的同事")],
    )
    def test_what_cannot_be_is_refused(self, desk: Desk, session: Session, cast: Cast, line: str, why: str) -> None:
        case, _ = a_case(session)
        with pytest.raises(Refusal, match=why):
            say(desk, line.format(code=short_code(case.id)), cast.xiaoli)


class TestDuty:
    def duty(self, desk: Desk, text: str, actor: Actor) -> DutyView:
        view = say(desk, text, actor)
        assert isinstance(view, DutyView)
        return view

    def test_it_says_who_is_there_and_who_works_when(self, desk: Desk, session: Session, cast: Cast) -> None:
        works(session, cast.laowang, 12, 20)
        is_away(session, cast.zhaojie, "12-22 00:00", "12-24 00:00")

        view = self.duty(desk, "值班", cast.xiaoli)

        by_title = {role.title: role for role in view.roles}
        assert by_title["客服"].now == ("小李（到 22:00）",)
        assert by_title["仓库"].now == ("现在没有人值班，急事找陈姐",)
        assert by_title["采购"].now == ("现在没有人值班，急事找陈姐",)
        assert by_title["仓库"].week == ("老王 每天 12:00–20:00",)
        assert by_title["采购"].week == ("赵姐 默认：每天 08:00–22:00；12-22 至 12-23 请假",)
        assert view.night == "免打扰 22:00–08:00，09:00 一起发；发货时限快到的除外"

    def test_a_supervisor_sets_shifts_and_leads(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = self.duty(desk, "值班 老王 周一至周五 9-18", cast.chenjie)
        assert view.note == "老王：周一至周五 09:00–18:00"
        assert self.duty(desk, "值班 小李 12-25 18-24", cast.chenjie).note == (
            "小李：默认：每天 08:00–22:00；12-25 18:00–24:00"
        )
        view = self.duty(desk, "值班 仓库 负责人 老王", cast.chenjie)
        assert view.note == "没有人值班时，仓库的急事找老王"
        late = self.duty(when(desk, "12-22 20:00"), "值班", cast.xiaoli)
        assert next(role for role in late.roles if role.title == "仓库").now == ("现在没有人值班，急事找老王",)
        assert self.duty(desk, "值班 仓库 负责人 取消", cast.chenjie).note == "仓库不再指定负责人"

    @pytest.mark.parametrize("line", ["值班 小李 9-18", "值班 仓库 负责人 老王"])
    def test_nobody_else_does(self, desk: Desk, cast: Cast, line: str) -> None:
        with pytest.raises(Refusal, match="排班由主管操作，您是客服；可以请陈姐处理"):
            say(desk, line, cast.xiaoli)

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("值班 张三 9-18", "没有叫「张三」的同事，可以排班的是：小李"),
            ("值班 小李 早班", "「早班」看不懂。请发：值班 小李 09:00-18:00"),
            ("值班 仓库 9-18", "要指定负责人请发：值班 仓库 负责人 人名"),
        ],
    )
    def test_what_is_not_understood_says_how(self, desk: Desk, cast: Cast, line: str, why: str) -> None:
        with pytest.raises(Refusal, match=why):
            say(desk, line, cast.chenjie)


class TestRoles:
    def text(self, desk: Desk, line: str, actor: Actor, *, is_group: bool = False) -> TextView:
        view = say(desk, line, actor, is_group=is_group)
        assert isinstance(view, TextView)
        return view

    def test_everybody_sees_who_is_what_and_supervisors_the_ids(self, desk: Desk, cast: Cast) -> None:
        theirs = self.text(desk, "角色", cast.xiaoli, is_group=True)
        assert "- 老王 仓库\n" in theirs.text
        assert "laowang" not in theirs.text
        assert not theirs.private

        hers = self.text(desk, "角色", cast.chenjie, is_group=True)
        assert "- 老王 仓库（企业微信 laowang，钉钉 dt-laowang）" in hers.text
        assert hers.private, "ids are no group's business"

    def test_roles_are_set_and_stand_in_the_trail(self, desk: Desk, session: Session, cast: Cast) -> None:
        view = self.text(desk, "角色 小李 客服 仓库", cast.chenjie)

        assert view.text == "小李：客服 → 客服、仓库"
        assert people.find_actor(desk, "xiaoli", "wecom_app").roles == {Role.SERVICE, Role.WAREHOUSE}  # type: ignore[union-attr]
        row = session.scalars(select(TrailRow).where(TrailRow.action == "修改角色")).one()
        assert (row.actor, row.source) == ("陈姐", "wecom_bot")

    def test_what_the_new_role_may_not_do_is_the_pools(self, desk: Desk, session: Session, cast: Cast) -> None:
        hire(session, Member("王五", "wangwu", Role.SERVICE))
        case, _ = a_case(session, state="claimed", owner_id=cast.xiaoli.staff_id)
        kept, _ = a_case(session, state="claimed", owner_id=cast.xiaoli.staff_id, role="warehouse")

        self.text(desk, "角色 小李 仓库", cast.chenjie)

        session.refresh(case)
        session.refresh(kept)
        assert (case.owner_id, kept.owner_id) == (None, cast.xiaoli.staff_id)
        words = session.scalars(select(Notification.body).where(Notification.purpose == "text")).all()
        assert [str(body["text"])[:22] for body in words] == [
            "小李换了岗位，放回待认领，请认领：" + short_code(case.id) + " "
        ]

    def test_somebody_new_comes_by_either_platform(self, desk: Desk, session: Session, cast: Cast) -> None:
        self.text(desk, "角色 新增 小赵 客服 企业微信 XiaoZhao 钉钉 dt-xiaozhao", cast.chenjie)
        assert people.find_actor(desk, "dt-xiaozhao", "dingtalk").name == "小赵"  # type: ignore[union-attr]
        assert people.find_actor(desk, "xiaozhao", "wecom_app").name == "小赵"  # type: ignore[union-attr]

        self.text(desk, "角色 新增 dt-qian 小钱 仓库 采购", Actor("陈姐", cast.chenjie.roles, 4, "dingtalk"))
        assert people.find_actor(desk, "dt-qian", "dingtalk").roles == {Role.WAREHOUSE, Role.PURCHASING}  # type: ignore[union-attr]
        assert people.find_actor(desk, "dt-qian", "wecom_app") is None

    def test_an_id_on_the_other_platform_is_bound_later(self, desk: Desk, session: Session, cast: Cast) -> None:
        staff = session.get_one(Staff, cast.xiaoli.staff_id)
        staff.dingtalk_userid = None
        session.flush()

        view = self.text(desk, "角色 绑定 小李 钉钉 dt-li", cast.chenjie)

        assert "钉钉 dt-li" in view.text
        assert people.find_actor(desk, "dt-li", "dingtalk").name == "小李"  # type: ignore[union-attr]
        row = session.scalars(select(TrailRow).where(TrailRow.action == "绑定账号")).one()
        assert row.detail == '{"姓名":"小李","钉钉":["","dt-li"]}'

    def test_who_left_is_a_stranger_and_nothing_lies_with_them(self, desk: Desk, session: Session, cast: Cast) -> None:
        case, order = a_case(session, state="claimed", owner_id=cast.xiaoli.staff_id)
        order.owner_id = cast.xiaoli.staff_id
        session.flush()

        view = self.text(desk, "角色 停用 小李", cast.chenjie)

        assert people.find_actor(desk, "xiaoli", "wecom_app") is None
        session.refresh(case)
        session.refresh(order)
        assert (case.state, case.owner_id, order.owner_id) == ("open", None, None)
        assert trail.verify(session, trail.order_subject(order.shop_id, order.external_id))
        again = view.text.partition("请发：")[2]
        assert again == "角色 恢复 小李 客服 企业微信 xiaoli"
        self.text(desk, again, cast.chenjie)
        self.text(desk, "角色 停用 小李", cast.chenjie)
        assert "已登记：小李 客服（企业微信 xiaoli" in self.text(desk, "角色 恢复 小李", cast.chenjie).text
        assert people.find_actor(desk, "dt-xiaoli", "dingtalk").name == "小李"  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("角色 陈姐 客服", "陈姐是最后一位主管"),
            ("角色 停用 陈姐", "陈姐是最后一位主管"),
            ("角色 小李", "小李现在是客服；要改请发：角色 小李 客服 仓库"),
            ("角色 小李 老板", "没有角色 老板；可用的角色：service（客服）"),
            ("角色 张三 客服", "没有叫「张三」的同事"),
            ("角色 停用", "停用谁？"),
            ("角色 新增 小赵 客服", "请发：角色 新增 小赵 客服 企业微信 xiaozhao"),
            ("角色 新增 小赵 客服 钉钉", "钉钉后面请写账号"),
            ("角色 新增 小赵 客服 企业微信 laowang", "laowang 已登记为老王；改角色请用 角色 老王 岗位"),
            ("角色 新增 小赵 客服 企业微信 xz 钉钉 dt-laowang", "账号 dt-laowang 已经是老王的"),
            ("角色 绑定 小李 钉钉 dt-laowang", "账号 dt-laowang 已经是老王的"),
            ("角色 绑定 小李", "请发：角色 绑定 小李 钉钉 账号"),
        ],
    )
    def test_what_cannot_be_is_refused(self, desk: Desk, cast: Cast, line: str, why: str) -> None:
        with pytest.raises(Refusal, match=why):
            say(desk, line, cast.chenjie)

    def test_only_a_supervisor_changes_roles(self, desk: Desk, cast: Cast) -> None:
        with pytest.raises(Refusal, match="改角色由主管操作，您是客服；可以请陈姐处理"):
            say(desk, "角色 小李 主管", cast.xiaoli)


@pytest.mark.parametrize(
    "slug", ["claim", "pass_on", "duty", "hand_over", "take_over", "refuse_over", "absence", "end_absence", "roles"]
)
def test_each_example_is_read_as_its_command(slug: str) -> None:
    command = commands.COMMANDS[slug]
    asked = commands.read(command.example)

    assert asked is not None
    assert asked.slug == slug


class TestOver:
    """What is typed to a matter that has ended changes nothing, and says so: who ended it, and when."""

    @pytest.mark.parametrize(
        "line", ["{code} +2h", "{code} 转 王五", "{code} 完成", "{code} 认领", "{code} 忽略 误报",
                 "转 {code} 王五", "认领 {code}", "指派 {code} 王五", "{code} 延后"]
    )  # fmt: skip
    def test_it_says_that_nothing_was_done_and_why(self, desk: Desk, session: Session, cast: Cast, line: str) -> None:
        hire(session, Member("王五", "wangwu", Role.SERVICE))
        case, _ = a_case(session)
        code = short_code(case.id)
        say(desk, f"{code} 完成", cast.xiaoli)
        before = session.scalars(select(TrailRow.id)).all()
        session.refresh(case)
        revision = case.revision

        view = say(when(desk, "12-22 11:30"), line.format(code=code), cast.chenjie)

        assert isinstance(view, CaseView)
        ended = "小李已确认 12-22 10:00"
        assert view.note == f"什么都没有改：这件事已经结束，{ended}。要重新处理请发：{code} 重开"
        session.refresh(case)
        assert (case.state, case.revision) == ("solved", revision)
        assert session.scalars(select(TrailRow.id)).all() == before

    def test_a_code_that_reads_like_a_shops_number_is_the_matter_all_the_same(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        hire(session, Member("王五", "wangwu", Role.SERVICE))
        number = next(n for n in range(5000, 9000) if re.fullmatch(r"[A-Z]{3}\d", short_code(n)))
        a_case(session, id=number, state="solved", solved_at=desk.now, solution="已确认")

        view = say(desk, f"转 {short_code(number)} 王五", cast.chenjie)

        assert isinstance(view, CaseView)
        assert view.note.startswith("什么都没有改：这件事已经结束")

    def test_looking_at_it_and_opening_it_again_are_no_failures(self, desk: Desk, session: Session, cast: Cast) -> None:
        case = make_case(session, make_order(session, district="", recheck_at=None))
        code = short_code(case.id)
        say(desk, f"{code} 完成", cast.xiaoli)

        for line in (code, f"{code} 刷新"):
            view = say(desk, line, cast.chenjie)
            assert isinstance(view, CaseView)
            assert view.note == "小李已确认 12-22 10:00"
        again = say(desk, f"{code} 重开", cast.xiaoli)
        assert isinstance(again, CaseView)
        assert (again.settled, again.note) == (False, "小李重开")

    def test_what_ended_by_itself_is_said_to_have(self, desk: Desk, session: Session, cast: Cast) -> None:
        case, _ = a_case(session, order_id=None, state="solved", solved_at=desk.now, solution="恢复正常")

        view = say(desk, f"{short_code(case.id)} +2h", cast.chenjie)

        assert isinstance(view, CaseView)
        assert view.note == "什么都没有改：这件事已经结束，已自动解除：恢复正常 12-22 10:00"
