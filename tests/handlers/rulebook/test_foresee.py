"""What a dry run says of a rule's actions is what the rule then does."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers.desk import Desk
from handlers.rulebook import book, deeds, dry_run, reach, replay
from handlers.rulebook.agreed import agreed
from handlers.rulebook.changing import read
from handlers.rulebook.replay import Span, Tally
from handlers.rulebook.store import Wish
from handlers.rulebook.wish import read as read_wish
from handlers.wording import day_of
from models import Case, Notification, Order, RuleAct, TrailRow, WriteBack
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import make_case, make_customer, make_line, make_order, make_stock
from tests.handlers.customers.test_late import DELAYED
from tests.handlers.rulebook.office import cases, live, look, rule, said, words
from tests.handlers.rulebook.test_dry_run import people_order
from tests.handlers.shortage.test_deciding import STOCK

RULES: Final = (
    "金额 > 140；标记 大额；延到 12-25；提醒 仓库；不建单", "金额 > 140；自动通过；动作 备注 小心；不建单",
    "环节 == '待审核' 且 件数 >= 2；自动通过；标记 多件", "环节 == '待配货'；转环节 待审核；提醒 老王",
    "买家留言 包含 '发票'；延到 2天后；问采购；通知客户 处理 已安排", "停留小时 >= 1；转环节 待配货；不建单",
    "地址 包含 '紫金花'；标记 园区；标记 近处；锁单", "旗帜 == '红' 或 省 == '新疆'；延到 3天后；自动通过",
    "金额 > 140；通知客户 延期；不建单；延到 12-30", "件数 >= 1；通知客户 缺货；标记 缺；不建单",
    "件数 >= 1；通知客户 延期；标记 晚；不建单",
)  # fmt: skip


def a_day(desk: Desk, session: Session, cast: Cast, chance: random.Random) -> list[Order]:
    """Orders of which some wait for a day already, are locked, or are asked to be paid back."""
    make_stock(session, "QH-MUG-01", 25)
    make_stock(session, "QH-CUP-RED", 90)
    clean = [
        {"buyer_key": f"buyer-{number}", "province": "浙江省", "lines": [make_line(quantity=1 + number % 3)]}
        for number in range(15)
    ]
    for number in range(0, 15, 2):
        make_customer(session, buyer_key=f"buyer-{number}", openid=f"oCustomer{number}")
    orders = [people_order(session, chance, **changes) for changes in (*clean, *({} for _ in range(10)))]
    for order in chance.sample(orders, 6):
        said(desk, f"延发 {order.tag} 12-2{chance.choice((4, 6))}", cast.chenjie)
    for order in chance.sample(orders, 3):
        make_case(session, order, kind="person_lock", blocks=True)
    for order in chance.sample(orders, 2):
        session.refresh(order)
        order.refund, order.recheck_at = "asked", desk.now
    look(desk)
    return orders


def tally(desk: Desk, line: str, rule_id: int | None = None) -> Tally:
    found = Tally()
    wish = Wish(**{"title": "试", **read_wish(line, day_of(desk.now))})
    wish = agreed(desk, wish, read(desk, wish.condition))
    tried = book.made(desk, (rule_id or 0, 0), wish)
    replay.look(desk, tried, replay.following(desk, Span.of(desk.now, 7, tried.condition), 0, 10_000), found)
    return found


def standing(session: Session, number: int) -> dict[str, set[int]]:
    """Action → the orders on which it stands."""
    found: dict[str, set[int]] = {}
    rows = select(RuleAct).where(RuleAct.rule_id == number, RuleAct.undone_at.is_(None))
    for row in session.scalars(rows.execution_options(populate_existing=True)):
        found.setdefault(row.deed, set()).add(row.order_id)
    return found


def in_vain(session: Session, number: int) -> int:
    """How many notices of a rule reach nobody."""
    rows = session.execute(select(RuleAct.kept).where(RuleAct.rule_id == number))
    return sum(bool(reach.why(row)) for row in rows)


def in_words(desk: Desk, found: dict[str, set[int]], line: str) -> Counter[str]:
    keys = {deeds.key_of(one): deeds.said(one) for one in read_wish(line, day_of(desk.now))["actions"]}
    keys |= {f"remind:{number}": "提醒老王" for number in range(1, 1000)}
    return Counter({keys[deed]: len(orders) for deed, orders in found.items()})


@pytest.fixture
def settings() -> Settings:
    """Every notice that a rule can send has words."""
    document: dict[str, Any] = settings_document()
    document["weixin"]["templates"] |= {"stock": STOCK, "delayed": DELAYED}
    return parse(document)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("line", RULES)
def test_of_a_new_rule(desk: Desk, session: Session, cast: Cast, line: str, seed: int) -> None:
    a_day(desk, session, cast, random.Random(f"{line}{seed}"))

    foreseen = tally(desk, line)
    number = rule(desk, f"规则 新增 {line}", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)

    assert Counter(foreseen.acts) == in_words(desk, standing(session, number), line)
    assert live(session, number) == set(foreseen.more)
    assert sum(foreseen.missed.values()) == in_vain(session, number)
    assert foreseen.undone == {}
    assert foreseen.acts


@pytest.mark.parametrize("seed", range(4))
def test_of_another_version_of_a_rule_that_is_on(desk: Desk, session: Session, cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    before, after = (
        "金额 > 140；标记 大额；延到 12-25；提醒 仓库",
        "金额 > 160；标记 很大；延到 12-25；提醒 仓库；不建单",
    )
    a_day(desk, session, cast, chance)
    number = rule(desk, f"规则 新增 {before}", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)
    for case in cases(session, number)[:2]:
        case.state, case.solved_by = "dismissed", cast.xiaoli.staff_id
    session.flush()
    had, had_cases = standing(session, number), live(session, number)

    foreseen = tally(desk, after, number)
    rule(desk, f"规则 改 {number} {after}", cast.chenjie)
    look(desk)

    has = standing(session, number)
    new = {deed: orders - had.get(deed, set()) for deed, orders in has.items() if orders - had.get(deed, set())}
    assert Counter(foreseen.acts) == in_words(desk, new, after)
    gone = {deed: orders - has.get(deed, set()) for deed, orders in had.items()}
    assert sum(foreseen.undone.values()) == sum(len(orders) for orders in gone.values())
    assert set(foreseen.fewer) == had_cases
    assert foreseen.more == []


@pytest.mark.parametrize("seed", range(4))
def test_of_other_rules_that_look_at_its_tag(desk: Desk, session: Session, cast: Cast, seed: int) -> None:
    a_day(desk, session, cast, random.Random(seed))
    large = rule(desk, "规则 新增 标记 包含 '大额' 且 件数 >= 2；标题 大额多件；锁单", cast.chenjie).rule_id
    plain = rule(desk, "规则 新增 非 标记 包含 '大额'；标题 没标的", cast.chenjie).rule_id
    for number in (large, plain):
        rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)
    had = live(session, plain)
    line = "金额 > 140；标记 大额；自动通过；不建单"

    foreseen = tally(desk, line)
    number = rule(desk, f"规则 新增 {line}", cast.chenjie).rule_id
    rule(desk, f"规则 启 {number}", cast.chenjie)
    look(desk)
    look(replace(desk, now=desk.now + timedelta(minutes=1)))

    more, gone = live(session, large), had - live(session, plain)
    assert foreseen.ripples == {
        f"规则{large}「大额多件」会跟着命中（开异常，锁单）": len(more), f"规则{plain}「没标的」不再命中": len(gone),
    }  # fmt: skip

    back = tally(desk, "金额 > 9000；标记 大额；不建单", number)
    assert back.ripples == {
        f"规则{large}「大额多件」不再命中": len(more), f"规则{plain}「没标的」会跟着命中（开异常）": len(gone),
    }  # fmt: skip


def test_it_says_which_other_rule_follows(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, paid_fen=150_000)
    other = rule(desk, "规则 新增 标记 包含 '大额'；标题 大额单；锁单", cast.chenjie).rule_id
    rule(desk, f"规则 启 {other}", cast.chenjie)
    look(desk)
    line = "预演 金额 > 1000；标记 大额；不建单"

    assert f"规则{other}「大额单」会跟着命中（开异常，锁单） 1 单" in words(desk, line, cast.chenjie)
    make_case(session, order, kind=f"own_{other}", state="dismissed", solved_by=cast.xiaoli.staff_id,
              evidence={"mark": mark_of(desk, other)})  # fmt: skip
    assert "跟着命中" not in words(desk, line, cast.chenjie)


def mark_of(desk: Desk, number: int) -> str:
    return book.book(desk).live[f"own_{number}"].mark


def test_it_writes_nothing_and_says_what_would_be_done(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        make_order(session, paid_fen=150_000)
    tables = (Case, TrailRow, Notification, RuleAct, WriteBack)

    told = words(
        desk, "预演 金额 > 1000；标记 大额；延到 12-25；自动通过；动作 备注 电话 13800001234；不建单", cast.chenjie
    )

    assert [session.scalar(select(func.count()).select_from(one)) for one in tables] == [0] * 5
    assert "命中后不开异常" in told
    assert "其中 3 单延到了平台发货期限之后" in told
    assert "会做：自动通过审核 3 单、标记「大额」 3 单、延到 12-25 3 单、备注「电话 138****1234」 3 单" in told
    assert "件数不变" in told


def test_a_long_one_keeps_what_it_found(
    desk: Desk, session: Session, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dry_run, "AT_ONCE", 1)
    monkeypatch.setattr(dry_run, "_CHUNK", 2)
    for _ in range(5):
        make_order(session, paid_at=desk.now - timedelta(hours=1))
    said(desk, "预演 金额 > 100；标记 大额；不建单", cast.chenjie)
    (run_id,) = dry_run.live(desk)
    while dry_run.go_on(desk, run_id):
        pass

    assert "会做：标记「大额」 5 单" in words(desk, "预演", cast.chenjie)
