from __future__ import annotations

import json
import random
import re
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from handlers.desk import Desk, Job, Refusal
from handlers.rulebook import book, dry_run, replay
from handlers.rulebook.replay import Span, Tally
from handlers.rulebook.store import Wish
from models import Case, Notification, Order, TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_line, make_order, make_stock, masked
from tests.handlers.rulebook.office import cases, live, look, rule, said, words

CONDITIONS: Final = (
    "金额 > 150", "省 属于 ['新疆', '西藏'] 且 件数 >= 2", "买家留言 包含 '发票' 或 旗帜 == '红'", "地址 包含 '紫金花'",
    "非 地址 包含 '紫金花'", "SKU 包含 'QH-MUG-01' 且 非 库存够", "库存够", "停留小时 >= 1", "剩余发货小时 < 20",
    "环节 == '待配货'", "付款后小时 > 1 且 渠道 == '淘宝'", "地址 包含 '紫金花' 或 金额 > 150", "优惠 / 运费 > 1",
)  # fmt: skip
BY_TIME_ALONE: Final = ("停留小时 >= 1", "环节 == '待配货'")


def people_order(session: Session, chance: random.Random, **changes: Any) -> Order:
    """An order of an ordinary day, drawn."""
    now = chance.choice((10, 90, 400))
    drawn: dict[str, Any] = {
        "paid_fen": chance.choice((9_900, 15_000, 15_001, 88_800)), "seller_flag": chance.randint(0, 2),
        "province": chance.choice(("浙江省", "新疆维吾尔自治区")), "buyer_message": chance.choice(("", "要发票")),
        "stage": chance.choice(("pending_review", "pending_pick")),
        "lines": [make_line(chance.choice(("QH-MUG-01", "QH-CUP-RED", "")), quantity=chance.randint(1, 3))],
    }  # fmt: skip
    if chance.random() < 0.3:
        drawn["receiver"] = masked()
    order = make_order(session, **{**drawn, **changes})
    order.stage_entered_at = order.paid_at = order.created_at - timedelta(minutes=now)
    order.ship_by_at = order.paid_at + timedelta(hours=chance.choice((12, 48)))
    session.flush()
    return order


def tally(desk: Desk, condition: str, rule_id: int | None = None, days: int = 30) -> Tally:
    found = Tally()
    rule_ = book.made(desk, (rule_id or 0, 0), Wish("试", condition))
    span = Span.of(desk.now, days, rule_.condition)
    replay.look(desk, rule_, replay.following(desk, span, 0, 10_000), found)
    return found


class TestItsNumbersAreWhatTheRuleThenDoes:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("condition", CONDITIONS)
    def test_a_new_rule(self, desk: Desk, session: Session, cast: Cast, condition: str, seed: int) -> None:
        chance = random.Random(f"{condition}{seed}")
        make_stock(session, "QH-MUG-01", 5)
        for _ in range(25):
            people_order(session, chance)
        look(desk)

        foreseen = tally(desk, condition)
        view = rule(desk, f"规则 新增 {condition}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
        look(desk)

        assert live(session, view) == set(foreseen.more)
        assert (foreseen.open.more, foreseen.open.fewer) == (len(live(session, view)), 0)
        assert foreseen.open.looked == 25

    @pytest.mark.parametrize("seed", range(4))
    def test_another_condition_for_a_rule_that_is_on(self, desk: Desk, session: Session, cast: Cast, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(25):
            people_order(session, chance)
        before, after = chance.sample(CONDITIONS, 2)
        view = rule(desk, f"规则 新增 {before}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
        look(desk)
        for case in cases(session, view)[:3]:  # these are settled, and not raised again under the old condition
            case.state, case.solved_by = "dismissed", cast.xiaoli.staff_id
        session.flush()
        had = live(session, view)

        foreseen = tally(desk, after, view.rule_id)
        rule(desk, f"规则 改 {view.rule_id} {after}", cast.chenjie)
        look(desk)

        assert live(session, view) - had == set(foreseen.more)
        assert had - live(session, view) == set(foreseen.fewer)

    @pytest.mark.parametrize("seed", range(3))
    def test_orders_that_left_count_as_they_did_while_they_were_here(
        self, desk: Desk, session: Session, cast: Cast, seed: int
    ) -> None:
        chance = random.Random(seed)
        condition = chance.choice([one for one in CONDITIONS if one not in BY_TIME_ALONE and "库存" not in one])
        orders = [people_order(session, chance) for _ in range(25)]
        view = rule(desk, f"规则 新增 {condition}", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
        look(desk)
        opened = {case.order_id for case in cases(session, view)}
        left = text("UPDATE orders SET stage = 'done', stage_entered_at = :now WHERE id = ANY(:ids)")
        session.execute(left, {"ids": [order.id for order in orders], "now": desk.now})

        as_new, as_it_is = tally(desk, condition), tally(desk, condition, view.rule_id)

        assert (set(as_new.past_more), as_new.more) == (opened, [])
        assert (as_new.past.hits, as_new.past.looked, as_new.open.looked) == (len(opened), 25, 0)
        assert (as_it_is.past.more, as_it_is.past.fewer) == (0, 0)

    def test_it_opens_writes_and_locks_nothing(self, desk: Desk, session: Session, cast: Cast) -> None:
        for _ in range(5):
            people_order(session, random.Random(1))

        said(desk, "预演 金额 > 1", cast.chenjie)

        assert session.scalar(select(func.count(Case.id))) == 0
        assert session.scalar(select(func.count(TrailRow.id))) == 0
        assert session.scalar(select(func.count(Notification.id))) == 0


class TestWhatItSays:
    def test_how_many_whose_which_and_what_is_not_known(self, desk: Desk, session: Session, cast: Cast) -> None:
        hit, _ = make_order(session), make_order(session, receiver=masked())
        gone = make_order(session, stage="done", stage_entered_at=desk.now - timedelta(days=6))
        make_order(session, stage="done", stage_entered_at=desk.now - timedelta(days=8))

        told = words(desk, "预演 地址 包含 '紫金花'；角色 仓库；等级 P2；锁单", cast.chenjie)

        assert told.splitlines()[:6] == [
            "**预演（近 7 天）**", "> 地址 包含 '紫金花'", "现在没发的 2 单：命中 1 单，多 1 件",
            "近 7 天离开的 1 单：命中 1 单，和当时相比多 1 件", "这些事归仓库，P2，锁单",
            "不能确定的 1 单（不算命中，也不算没问题）：详细地址由平台隐藏 1 单",
        ]  # fmt: skip
        assert f"会新开：{hit.tag}\n已离开，当时会多开（不会真开）：{gone.tag}\n" in told
        assert "按订单现在的资料算" in told
        assert "近 8 天离开的 2 单" in words(desk, "预演 地址 包含 '紫金花' 8天", cast.chenjie)

    def test_a_changed_condition_is_compared_with_the_rule_as_it_is(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        small, large = make_order(session, paid_fen=120_000), make_order(session, paid_fen=220_000)
        view = rule(desk, "规则 新增 金额 > 1000", cast.chenjie)
        rule(desk, f"规则 启 {view.rule_id}", cast.chenjie)
        look(desk)

        assert "命中 2 单，件数不变" in words(desk, f"预演 {view.rule_id}", cast.chenjie)
        told = words(desk, f"预演 {view.rule_id} 金额 > 2000", cast.chenjie)

        assert "命中 1 单，少 1 件" in told
        assert f"会结束：{small.tag}" in told
        assert large.tag not in told

    def test_a_condition_that_names_the_stage_is_not_asked_of_what_left(
        self, desk: Desk, session: Session, cast: Cast
    ) -> None:
        make_order(session)
        make_order(session, stage="done", stage_entered_at=desk.now)

        told = words(desk, "预演 停留小时 > 0.1", cast.chenjie)

        assert "近 7 天发走的订单没有回放" in told
        assert "现在没发的 1 单：命中 1 单" in told

    @pytest.mark.parametrize(("line", "answer"), [
        ("预演 金额额 > 5", "没有「金额额」这个字段"), ("预演 3 99天", "没有规则3"),
        ("预演 金额 > 5 99天", "最多看 30 天"), ("预演 角色 仓库", "还没写条件"),
    ])  # fmt: skip
    def test_it_says_what_is_wrong(self, desk: Desk, cast: Cast, line: str, answer: str) -> None:
        with pytest.raises(Refusal, match=re.escape(answer)):
            said(desk, line, cast.chenjie)


class TestALongOne:
    def test_it_goes_on_behind_says_how_far_it_is_and_tells_who_asked(
        self, desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dry_run, "AT_ONCE", 10)
        monkeypatch.setattr(dry_run, "_CHUNK", 30)
        orders = [make_order(session) for _ in range(50)]
        assert words(desk, "预演 金额 > 100", cast.chenjie).startswith("要看 50 单，正在预演")
        ((job, (run_id,)),) = [one for one in desk.later if one[0] is Job.TRY_RULE]
        assert (job, dry_run.live(desk)) == (Job.TRY_RULE, [run_id])
        assert isinstance(run_id, int)

        assert dry_run.go_on(desk, run_id)
        assert "已看 30 / 50 单" in words(desk, "预演", cast.chenjie)
        assert not dry_run.go_on(desk, run_id)
        assert not dry_run.go_on(desk, run_id)

        mine = select(Notification).where(Notification.subject == f"dry_run:{run_id}").order_by(Notification.id)
        owed = session.scalars(mine).all()
        assert [(one.purpose, one.recipient) for one in owed] == [
            ("text", str(cast.chenjie.staff_id)), ("file", str(cast.chenjie.staff_id))
        ]  # fmt: skip
        assert "命中 50 单，多 50 件" in str(owed[0].body["text"])
        assert "…共 50 单" in str(owed[0].body["text"])
        tags = _table(session, tally(desk, "金额 > 100"))
        assert tags == {order.tag for order in orders}
        assert "命中 50 单" in words(desk, "预演", cast.chenjie)

    def test_whoever_asked_is_told_when_it_broke(
        self, desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dry_run, "AT_ONCE", 0)
        make_order(session)
        said(desk, "预演 金额 > 100", cast.chenjie)
        (run_id,) = dry_run.live(desk)

        dry_run.give_up(desk, run_id)

        (owed,) = session.scalars(select(Notification)).all()
        assert str(owed.body["text"]).startswith("预演没有做完（金额 > 100）")
        assert dry_run.live(desk) == []

    def test_a_number_to_call_in_its_condition_is_hidden_wherever_it_is_said(
        self, desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_order(session)
        line = "预演 买家留言 包含 '13800001234'"
        told = [words(desk, line, cast.chenjie)]
        monkeypatch.setattr(dry_run, "AT_ONCE", 0)
        said(desk, line, cast.chenjie)
        told.append(words(desk, "预演", cast.chenjie))
        dry_run.give_up(desk, dry_run.live(desk)[0])
        told += [words(desk, "预演", cast.chenjie), str(session.scalars(select(Notification)).one().body["text"])]

        assert ["138****1234" in one and "13800001234" not in one for one in told] == [True] * 4


def _table(session: Session, found: Tally) -> set[str]:
    return set(session.scalars(select(Order.tag).where(Order.id.in_(found.more))))


def test_what_was_found_survives_its_row(desk: Desk, session: Session, cast: Cast) -> None:
    make_case(session, make_order(session), kind="own_7")
    found = tally(desk, "金额 > 1000", 7)
    assert found.fewer

    assert Tally.unpacked(json.loads(json.dumps(found.packed()))) == found
    before = {name: kept for name, kept in found.packed().items() if not name.startswith("past_")}
    assert (Tally.unpacked(before).open, Tally.unpacked(before).fewer) == (found.open, []), "one list of both kinds"
    wish = Wish("大单", "金额 > 1000", valid_from=desk.now, actions=({"do": "tag"},))
    assert Wish.unpacked(json.loads(json.dumps(wish.packed()))) == wish
