"""20: buyers who are not trusted: who is put on the list, what becomes of their orders, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from handlers import commands, gather, show, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.trail import verify
from handlers.views import CaseView, TextView
from models import BlacklistEntry, BlacklistMark, Case, Order, TrailRow
from models.case import short_code
from models.stages import Stage
from rules.blacklist import Blacklist
from rules.verdict import Outcome
from tests.cast import Cast
from tests.factories import NOW, make_order, make_shop, masked, someone, typed


def say(desk: Desk, words: str, actor: Actor) -> str:
    view = commands.run(desk, typed(words, is_group=False), actor)
    assert isinstance(view, TextView)
    assert view.private
    return view.text


def cases(session: Session) -> list[Case]:
    session.expire_all()
    return list(session.scalars(select(Case).where(Case.kind == "blacklist").order_by(Case.id)))


def bought(session: Session, **changes: Any) -> Order:
    values = {"buyer_key": "AAF-buyer-9", "receiver": masked(), "receiver_key": "1abc", "recheck_at": None}
    return make_order(session, **{**values, **changes})


def test_by_an_order_its_buyer_is_known_again_and_what_is_open_is_locked_at_once(
    desk: Desk, session: Session, cast: Cast
) -> None:
    before, open_now = bought(session, stage="done"), bought(session, receiver_key="1other")
    told = say(desk, f"黑名单 加 {before.tag} 原因 多次恶意退款", cast.chenjie)

    entry = session.scalars(select(BlacklistEntry)).one()
    assert f"第 {entry.id} 条" in told
    assert "1 个没发的单已锁住" in told
    (case,) = cases(session)
    assert (case.order_id, case.role, case.blocks, case.evidence["entries"]) == (
        open_now.id, "supervisor", True, [entry.id],
    )  # fmt: skip
    assert f"黑名单第 {entry.id} 条（买家）：多次恶意退款，陈姐 12-22 加入" in case.reason
    assert "高风险买家" in open_now.lock_reason
    later = bought(session, receiver_key="1third")
    watch.arrived(desk, [later.id])
    assert [one.order_id for one in cases(session)] == [open_now.id, later.id]
    assert verify(session, f"blacklist:{entry.id}")
    assert verify(session, f"order:1:{before.external_id}")


@pytest.mark.parametrize(
    ("words", "theirs", "others"),
    [
        ("13800005678", {"receiver": someone(phone="13800005678")}, {"receiver": someone(phone="13800005679")}),
        ("138 0000 5678", {"receiver": someone(phone="+86 138-0000-5678")}, {"receiver": someone()}),
        ("买家 AAF-buyer-9", {"buyer_key": "AAF-buyer-9"}, {"buyer_key": "AAF-buyer-8"}),
    ],
)
def test_by_a_phone_or_by_the_platforms_own_id(
    desk: Desk, session: Session, cast: Cast, words: str, theirs: dict[str, Any], others: dict[str, Any]
) -> None:
    mine, not_mine = make_order(session, **theirs), make_order(session, **others)
    say(desk, f"黑名单 加 {words}，原因：职业打假", cast.chenjie)
    watch.watch(desk, [not_mine.id])
    assert [case.order_id for case in cases(session)] == [mine.id]


def test_nothing_private_is_kept_in_clear(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session, receiver=someone(phone="13800005678"))
    say(desk, f"黑名单 加 {order.tag} 电话 13800005678 一直无理由退", cast.chenjie)
    say(desk, "黑名单 加 买家 AAF-buyer-7 原因 打假", cast.chenjie)
    kept = list(session.execute(text("SELECT row_to_json(b)::text FROM blacklist b")).scalars())
    kept += session.execute(text("SELECT detail FROM trail WHERE subject LIKE 'blacklist:%'")).scalars().all()
    said = say(desk, "黑名单", cast.xiaoli)
    for private in ("13800005678", "0000567", "AAF-buyer-9", "AAF-buyer-7", "王小明", "1abc"):
        assert not any(private in one for one in (*kept, said)), private
    assert f"王** 138****5678（{order.tag}）" in said


def test_taken_off_the_list_their_orders_go_on(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session)
    say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)
    number = session.scalars(select(BlacklistEntry.id)).one()
    told = say(desk, f"黑名单 去 {number} 原因 已谈妥", cast.chenjie)
    assert told.startswith(f"已移出黑名单第 {number} 条")
    (case,) = cases(session)
    assert (case.state, order.lock_reason) == ("solved", "")
    entry = session.scalars(select(BlacklistEntry)).one()
    assert (entry.removed_by, entry.removed_why, entry.removed_at) == ("陈姐", "已谈妥", NOW)
    actions = select(TrailRow.action).where(TrailRow.subject == f"blacklist:{number}").order_by(TrailRow.id)
    assert session.scalars(actions).all() == ["加入黑名单", "移出黑名单"]
    assert "是空的" in say(desk, "黑名单", cast.xiaoli)
    with pytest.raises(Refusal, match=f"没有第 {number} 条"):
        say(desk, f"黑名单 去 {number} 原因 已谈妥", cast.chenjie)
    say(desk, f"黑名单 加 {order.tag} 原因 又来了", cast.chenjie)
    say(desk, f"黑名单 去 {order.tag} 原因 弄错了", cast.chenjie)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("黑名单 加 {tag}", "要写原因"),
        ("黑名单 加 王小明 原因 恶意", "姓名会重名"),
        ("黑名单 加 5678 原因 恶意", "黑名单怎么改"),
        ("黑名单 加", "黑名单怎么改"),
        ("黑名单 {tag}", "黑名单怎么改"),
        ("黑名单 加 TB-20200101-001 原因 恶意", "没有找到订单"),
        ("黑名单 去 {tag} 原因 弄错", "不在黑名单里"),
        ("黑名单 去 3", "要写原因"),
        ("黑名单 加 {tag} 原因 " + "很" * 101, "最多 100 个字"),
    ],
)
def test_what_is_not_understood_says_how(desk: Desk, session: Session, cast: Cast, words: str, said: str) -> None:
    tag = bought(session).tag
    with pytest.raises(Refusal, match=said):
        say(desk, words.format(tag=tag), cast.chenjie)
    assert session.scalars(select(BlacklistEntry)).all() == []


def test_only_a_supervisor_changes_it_and_the_warehouse_does_not_see_it(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = bought(session)
    with pytest.raises(Refusal, match="主管"):
        say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.xiaoli)
    with pytest.raises(Refusal, match="客服"):
        say(desk, "黑名单", cast.laowang)
    assert "是空的" in say(desk, "黑名单", cast.xiaoli)


def test_twice_is_once(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session)
    say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)
    with pytest.raises(Refusal, match="已在黑名单第"):
        say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)


def test_the_supervisor_alone_lets_one_go(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session)
    say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)
    (case,) = cases(session)
    view = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(view, CaseView)
    assert "同意发货" in [offer.text for offer in view.offers]
    with pytest.raises(Refusal, match="主管"):
        commands.run(desk, typed(f"{short_code(case.id)} 同意发货", is_group=False), cast.xiaoli)
    with pytest.raises(Refusal, match="两个人同意"):
        commands.run(desk, typed(f"{short_code(case.id)} 忽略 误报", is_group=False), cast.chenjie)
    commands.run(desk, typed(f"{short_code(case.id)} 同意发货", is_group=False), cast.chenjie)
    watch.watch(desk, [order.id])
    session.refresh(order)
    assert [(one.state, one.solution) for one in cases(session)] == [("solved", "同意发货")]
    assert order.lock_reason == ""
    assert verify(session, f"order:1:{order.external_id}")


def test_whoever_is_listed_once_more_waits_once_more(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session, receiver=someone(phone="13800005678"))
    say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)
    commands.run(desk, typed(f"{short_code(cases(session)[0].id)} 同意发货", is_group=False), cast.chenjie)
    say(desk, "黑名单 加 买家 AAF-buyer-9 原因 又来了", cast.chenjie)
    assert [one.state for one in cases(session)] == ["solved", "open"]


def test_a_masked_name_in_a_table_is_nobody(desk: Desk, session: Session, cast: Cast) -> None:
    table = {"platform": "sheet", "buyer_key": "t**9", "receiver_key": ""}
    first, other = (bought(session, **table, receiver=someone(phone=f"1380000567{last}")) for last in (1, 2))
    say(desk, f"黑名单 加 {first.tag} 原因 恶意退款", cast.chenjie)
    watch.watch(desk, [other.id])
    assert [case.order_id for case in cases(session)] == [first.id]
    assert session.scalars(select(BlacklistMark.kind)).all() == ["phone"]


def test_an_id_of_one_platform_is_nobody_on_another(desk: Desk, session: Session, cast: Cast) -> None:
    make_shop(session)
    first, elsewhere = bought(session), bought(session, platform="jd")
    say(desk, f"黑名单 加 {first.tag} 原因 恶意退款", cast.chenjie)
    watch.watch(desk, [elsewhere.id])
    assert [case.order_id for case in cases(session)] == [first.id]
    say(desk, "黑名单 去 买家 AAF-buyer-9 原因 弄错了", cast.chenjie)
    assert [case.state for case in cases(session)] == ["solved"]
    say(desk, "黑名单 加 买家 AAF-buyer-9 原因 打假", cast.chenjie)  # whose it is nobody says
    assert [case.order_id for case in cases(session)[1:]] == [first.id, elsewhere.id]


def test_a_phone_that_is_hidden_is_not_called_fine(desk: Desk, session: Session, cast: Cast) -> None:
    hidden, seen = bought(session), make_order(session)
    watch.watch(desk, [hidden.id])
    assert _looked_up(desk, hidden) is Outcome.MISS  # nobody is on the list
    told = say(desk, "黑名单 加 13800005678 原因 恶意退款", cast.chenjie)
    assert "能核对的单里没有他没发的。另有 1 个没发的单看不到完整电话，按电话核对不了" in told
    assert (_looked_up(desk, hidden), _looked_up(desk, seen)) == (Outcome.UNKNOWN, Outcome.MISS)


def test_by_ids_alone_a_hidden_phone_is_no_doubt(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session)
    told = say(desk, "黑名单 加 买家 AAF-buyer-7 原因 打假", cast.chenjie)
    assert told.endswith("现在没有他没发的单")
    assert _looked_up(desk, order) is Outcome.MISS


def test_taken_off_it_goes_on_though_its_phone_is_hidden_from_others(desk: Desk, session: Session, cast: Cast) -> None:
    order = bought(session)
    say(desk, f"黑名单 加 {order.tag} 原因 恶意退款", cast.chenjie)
    say(desk, "黑名单 加 13800005678 原因 恶意退款", cast.chenjie)
    first = session.scalars(select(BlacklistEntry.id).order_by(BlacklistEntry.id)).first()
    say(desk, f"黑名单 去 {first} 原因 已谈妥", cast.chenjie)
    session.refresh(order)
    assert [(one.state, one.solution) for one in cases(session)] == [("solved", "已移出黑名单")]
    assert order.lock_reason == ""
    assert verify(session, f"order:1:{order.external_id}")


def _looked_up(desk: Desk, order: Order) -> Outcome:
    (row,) = gather.read_orders(desk, [order.id])
    facts = gather.Facts(desk, [row.id], gather.lines_of(desk, [row.id]), {})
    return Blacklist().judge(facts.of(row, Stage(row.stage), row.stage_entered_at), desk.now).outcome


@pytest.mark.parametrize(
    "words",
    ["{a}、{b}", "{a} {b}", "{a}和{b}", "13800005678、13800005679", "13800005678 13800005679",
     "买家 AAF-buyer-9、买家 AAF-buyer-8", "{a}、13800005678"],
)  # fmt: skip
def test_of_two_none_becomes_a_part_of_the_reason(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    a, b = bought(session).tag, bought(session).tag
    with pytest.raises(Refusal, match="所以都没有动"):
        say(desk, f"黑名单 加 {words.format(a=a, b=b)} 原因 恶意退款", cast.chenjie)
    assert session.scalars(select(BlacklistEntry)).all() == []


@pytest.mark.parametrize("words", ["{a}、{b} 原因 已谈妥", "{a},{b} 原因 已谈妥", "第{a}条和第{b}条 原因 已谈妥",
                                   "{a} {b} 原因：已谈妥", "{a}、{b} 已谈妥", "{a}、{b}、{a} 原因 已谈妥"])  # fmt: skip
def test_several_lines_are_taken_off_together(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    a, b = two_lines(desk, session, cast)
    told = say(desk, f"黑名单 去 {words.format(a=a, b=b)}", cast.chenjie)
    assert [line.split("：")[0] for line in told.splitlines()] == [f"已移出黑名单第 {one} 条" for one in (a, b)]
    assert session.scalars(select(BlacklistEntry.removed_why)).all() == ["已谈妥", "已谈妥"]


@pytest.mark.parametrize("words", ["{a} {b}", "{a}，{b} 已谈妥"])
def test_where_it_is_not_plain_which_nothing_is_taken_off(desk: Desk, session: Session, cast: Cast, words: str) -> None:
    a, b = two_lines(desk, session, cast)
    with pytest.raises(Refusal, match="移出哪几条"):
        say(desk, f"黑名单 去 {words.format(a=a, b=b)}", cast.chenjie)
    with pytest.raises(Refusal, match=f"没有第 {b + 1} 条.*这次都没有动"), session.begin_nested():
        say(desk, f"黑名单 去 {a}、{b + 1} 原因 已谈妥", cast.chenjie)
    say(desk, f"黑名单 去 {a} 2次都谈妥了", cast.chenjie)
    assert session.scalars(select(BlacklistEntry.removed_why).order_by(BlacklistEntry.id)).all() == ["2次都谈妥了", ""]


def two_lines(desk: Desk, session: Session, cast: Cast) -> list[int]:
    for last in (7, 8):
        say(desk, f"黑名单 加 买家 AAF-buyer-{last} 原因 打假", cast.chenjie)
    return list(session.scalars(select(BlacklistEntry.id).order_by(BlacklistEntry.id)))


def test_who_sent_most_back_before_waits_too(desk: Desk, session: Session, cast: Cast) -> None:
    for place in range(5):
        refund = "refunded" if place < 3 else ""
        bought(
            session, stage="cancelled" if refund else "done", refund=refund, created_at=NOW - timedelta(days=place + 2)
        )
    order = bought(session)
    watch.watch(desk, [order.id])
    (case,) = cases(session)
    assert (case.order_id, case.reason) == (order.id, "这位买家最近半年买了 5 单，退了 3 单，先别发，请主管决定")


def test_what_others_with_hidden_names_sent_back_says_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    table = {"platform": "sheet", "buyer_key": "t**9", "receiver_key": ""}
    for last in range(5):
        past = {"stage": "cancelled", "refund": "refunded", "created_at": NOW - timedelta(days=last + 2)}
        bought(session, **table, **past, receiver=someone(phone=f"1380000568{last}"))
    order = bought(session, **table, receiver=someone(phone="13800005679"))
    watch.watch(desk, [order.id])
    assert cases(session) == []
