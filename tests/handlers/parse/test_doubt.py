"""A line that asks, takes itself back, or names other orders than can be read changes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.batches.view import BatchView
from handlers.desk import Desk, Refusal
from handlers.parse import misread
from handlers.views import CaseView, OrderListView, OrderView, View
from models import Case, Order, TrailRow
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order, typed


def say(desk: Desk, words: str, cast: Cast) -> View:
    return commands.run(desk, typed(words, is_group=False), cast.chenjie)


@pytest.fixture
def case(session: Session) -> Case:
    return make_case(session, make_order(session, tag="TB-20251221-018", recheck_at=None))


@pytest.fixture
def orders(session: Session) -> list[Order]:
    return [make_order(session, tag=f"TB-20251222-{number:03d}", recheck_at=None) for number in range(1, 6)]


@pytest.mark.parametrize("verb", ["完成", "已确认", "好了", "忽略", "误报", "释放", "认领", "转"])
@pytest.mark.parametrize("doubt", ["吗", "？", "不了", "了吗", "了没", "不了，缺货", "，算了"])
def test_behind_a_short_code_a_question_is_no_order_to_act(
    desk: Desk, session: Session, cast: Cast, case: Case, verb: str, doubt: str
) -> None:
    with pytest.raises(Refusal, match="看不懂"):
        say(desk, f"{short_code(case.id)} {verb}{doubt}", cast)

    session.expire_all()
    assert (case.state, case.owner_id) == ("open", None)


@pytest.mark.parametrize("words", ["完成，没问题了", "已处理 客户说可以", "忽略 买家不要了", "忽略 误报", "完成。"])
def test_what_only_sounds_like_doubt_is_done(desk: Desk, session: Session, cast: Cast, case: Case, words: str) -> None:
    say(desk, f"{short_code(case.id)} {words}", cast)

    session.expire_all()
    assert case.state in ("solved", "dismissed")


@pytest.mark.parametrize("words", ["延后3小时", "延后 4h", "+2h30", "+2小时30分", "延后到明天"])
def test_two_hours_are_not_taken_for_any_other_span(
    desk: Desk, session: Session, cast: Cast, case: Case, words: str
) -> None:
    with pytest.raises(Refusal, match="一次延后 2 小时"):
        say(desk, f"{short_code(case.id)} {words}", cast)

    session.expire_all()
    assert case.due_at is None


@pytest.mark.parametrize("words", ["+2h", "+2H", "＋２小时", "延后两小时", "延后2个小时", "稍后再说", "延后吧"])
def test_two_hours_however_they_are_written(desk: Desk, session: Session, cast: Cast, case: Case, words: str) -> None:
    say(desk, f"{short_code(case.id)} {words}", cast)

    session.expire_all()
    assert case.due_at is not None


@pytest.mark.parametrize("line", ["完成 {}", "【{}】完成", "「{}」 完成", "（{}）完成", "搞定{}", "{}：完成"])
def test_a_short_code_may_stand_behind_the_verb_or_in_brackets(desk: Desk, cast: Cast, case: Case, line: str) -> None:
    view = say(desk, line.format(short_code(case.id)), cast)

    assert isinstance(view, CaseView)
    assert view.settled


def test_a_code_that_was_spelt_out(desk: Desk, cast: Cast, case: Case) -> None:
    view = say(desk, f"{' '.join(short_code(case.id).lower())} 完成", cast)

    assert isinstance(view, CaseView)
    assert view.settled


@pytest.mark.parametrize(
    "line",
    [
        "备注 TB-20251221-018 到 TB-20251222-003 加急", "锁定 TB-20251221-018 到 TB-20251222-003 等货",
        "审核 20251221-018 到 20251222-003", "延发 TB-20251221-018 至 TB-20251222-003 12-25", "锁定 003-001 等货",
        "锁定 TB 001 到 JD 003 等货", "解锁 TB-20251221-018 到 TB-20251222-003", "拦截 TB 001 到 JD 003 退款",
    ],
)  # fmt: skip
def test_a_range_over_days_or_shops_is_not_taken_for_its_first_order(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], case: Case, line: str
) -> None:
    with pytest.raises(Refusal, match="范围请从小的写到大的，而且只在同一家店、同一天里"):
        say(desk, line, cast)

    assert session.scalars(select(TrailRow)).all() == []


@pytest.mark.parametrize(
    "line", ["锁定 全部 除了 002", "备注 001-003 除了 002 加急", "锁定 001-003，不含002 等货", "审核 001 以外的"]
)
def test_whoever_names_what_is_left_out_is_not_asked_about_all(
    desk: Desk, session: Session, cast: Cast, orders: list[Order], line: str
) -> None:
    with pytest.raises(Refusal, match="不能写除了哪些"):
        say(desk, line, cast)

    assert session.scalars(select(TrailRow)).all() == []


@pytest.mark.parametrize(
    "line", ["锁定001吗", "备注 001？", "延发 001 明天吗", "拦截001吗", "审核001别", "解锁 001 算了"]
)
def test_a_question_changes_no_order(desk: Desk, session: Session, cast: Cast, orders: list[Order], line: str) -> None:
    with pytest.raises(Refusal, match="像是在问"):
        say(desk, line, cast)

    assert session.scalars(select(TrailRow)).all() == []


def test_a_question_takes_nothing_back(desk: Desk, session: Session, cast: Cast, orders: list[Order]) -> None:
    say(desk, "审核 001", cast)
    for line in ("撤销吗", "撤销？", "撤销不了"):
        with pytest.raises(Refusal, match="像是在问"):
            say(desk, line, cast)
    session.expire_all()
    assert orders[0].stage == "pending_pick"

    for line in ("撤销 001-003", "撤销 001、002", "撤销 001 除了备注"):
        with pytest.raises(Refusal, match="一次撤销一单或一批，没有动"):
            say(desk, line, cast)
    session.expire_all()
    assert orders[0].stage == "pending_pick"

    say(desk, "撤销，谢谢", cast)
    session.expire_all()
    assert orders[0].stage == "pending_review"


@pytest.mark.parametrize(
    "words", ["除了红色都可以", "到 25 号再发", "没有赠品也行", "不要放驿站", "先别催，等客户回", "到100元再发"]
)
def test_a_note_may_say_such_words(desk: Desk, session: Session, cast: Cast, orders: list[Order], words: str) -> None:
    assert misread(f"JD-20251222-001 {words}", orders=True) == ""


def test_numbers_are_pasted_with_their_labels(desk: Desk, session: Session, cast: Cast, orders: list[Order]) -> None:
    pasted = "\n".join(f"订单编号：{order.external_id}" for order in orders[:3])
    found, asked = say(desk, pasted, cast), say(desk, f"审核\n{pasted}", cast)

    assert isinstance(found, OrderListView)
    assert isinstance(asked, BatchView)
    assert asked.total == 3


def test_the_dash_of_a_chinese_keyboard_makes_a_range(
    desk: Desk, session: Session, cast: Cast, orders: list[Order]
) -> None:
    asked = say(desk, "审核 001——003", cast)

    assert isinstance(asked, BatchView)
    assert asked.total == 3


def test_a_shops_number_that_looks_like_a_short_code_is_the_order(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, tag="TB-20251222-023", recheck_at=None)
    for line in ("tb23", "TB23 审核"):
        view = say(desk, line, cast)
        assert isinstance(view, OrderView)
        assert view.tag == order.tag
    session.expire_all()
    assert order.stage == "pending_pick"
    with pytest.raises(Refusal, match="没有短码 ZZ23"):
        say(desk, "ZZ23", cast)
