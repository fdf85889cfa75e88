from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings, parse
from handlers import commands, pressing
from handlers.batches.view import BatchView
from handlers.commands.command import Command
from handlers.desk import Actor, Desk, Job, Late, Refusal
from handlers.drafts import drafts, show
from handlers.drafts import goods as drafts_goods
from handlers.drafts.view import DraftView
from handlers.views import TextView, View
from models import Draft, Notification, TrailRow
from models.draft import DraftLine, opened
from tests.cast import Cast
from tests.conftest import settings_document
from tests.factories import NOW, make_line, make_order, make_shop, make_stock, pressed, someone, typed

WHO = "王小明 13800001234 浙江省杭州市西湖区文三路 1 号"
WHOLE = f"{WHO} QH-CUP-RED ×2 共138元"
CHAT = {"slug": "chat", "platform": "chat", "prefix": "CHAT", "name": "微信群"}
GROUP = {"slug": "group", "platform": "chat", "prefix": "GRP", "name": "团购群"}


@pytest.fixture
def settings() -> Settings:
    document = settings_document()
    return parse(document | {"shops": [*document["shops"], CHAT, GROUP]})  # type: ignore[misc]


@pytest.fixture(autouse=True)
def shops(session: Session) -> None:
    for one in (CHAT, GROUP):
        make_shop(session, **one)
    make_stock(session, "QH-CUP-RED", 40)
    make_stock(session, "QH-CUP-BLU", 40)
    make_order(session, lines=[make_line(title="马克杯", spec="红色")], created_at=NOW - timedelta(days=60),
               receiver=someone(phone="13999990000", name="别人"))  # fmt: skip


def say(desk: Desk, text: str, actor: Actor) -> DraftView:
    view = commands.run(desk, typed(text, is_group=False), actor)
    assert isinstance(view, DraftView)
    return view


def asked(desk: Desk, text: str, actor: Actor) -> str:
    """The question that follows, "" where there is something to confirm."""
    view = commands.run(desk, typed(text, is_group=False), actor)
    return view.question if isinstance(view, DraftView) else view.text  # type: ignore[union-attr]


def the_draft(session: Session) -> Draft:
    session.expire_all()
    return session.scalars(select(Draft).order_by(Draft.id.desc())).first()  # type: ignore[return-value]


def test_what_is_missing_is_asked_for_one_by_one(desk: Desk, cast: Cast) -> None:
    questions = [asked(desk, "新单", cast.xiaoli)]
    for answer in ("王小明", "0571-88886666", "杭州市西湖区", "文三路 1 号", "红色马克杯 ×2", "138"):
        questions.append(asked(desk, answer, cast.xiaoli))
    assert [question[:4] for question in questions] == [
        "收件人叫",
        "收件人电",
        "送到哪里",
        "地址还缺",
        "要什么货",
        "一共多少",
        "",
    ]


def test_one_answer_may_tell_more_than_was_asked_for(desk: Desk, cast: Cast) -> None:
    say(desk, "新单 QH-CUP-RED 2件 138元", cast.xiaoli)
    assert say(desk, WHO, cast.xiaoli).question == ""


def test_the_maker_sees_it_in_clear_and_others_masked(desk: Desk, cast: Cast) -> None:
    mine = say(desk, WHOLE, cast.xiaoli)
    assert (mine.name, mine.phone, mine.address, mine.private) == ("王小明", "13800001234", "文三路 1 号", True)
    for other in (cast.chenjie, None):
        theirs = show.show(desk, mine.draft_id, other)
        assert (theirs.name, theirs.phone, theirs.address, theirs.private) == ("王**", "138****1234", "", False)
        assert theirs.offers == ()


def test_it_is_sealed_at_rest(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHOLE, cast.xiaoli)
    draft = the_draft(session)
    assert "王小明".encode() not in draft.content
    assert opened(desk.vault, draft.content).receiver.name == "王小明"
    assert "王小明" not in "".join(session.scalars(select(TrailRow.detail)))


def test_a_second_draft_takes_the_place_of_the_first(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHO, cast.xiaoli)
    say(desk, WHOLE, cast.xiaoli)
    session.expire_all()
    assert [one.state for one in session.scalars(select(Draft).order_by(Draft.id))] == ["cancelled", "open"]


def test_the_shop_may_be_named_first(desk: Desk, session: Session, cast: Cast) -> None:
    assert say(desk, f"新单 {WHOLE}", cast.xiaoli).shop == "微信群"
    assert say(desk, f"新单 团购群 {WHOLE}", cast.xiaoli).shop == "团购群"
    assert say(desk, f"新单 group {WHOLE}", cast.xiaoli).shop == "团购群"


def test_without_a_shop_for_it_nobody_orders_in_chat(desk: Desk, cast: Cast) -> None:
    bare = replace(desk, settings=parse(settings_document()))
    with pytest.raises(Refusal, match='platform = "chat"'):
        commands.run(bare, typed(f"新单 {WHOLE}", is_group=False), cast.xiaoli)


def test_only_service_orders(desk: Desk, cast: Cast) -> None:
    for actor in (cast.laowang, cast.zhaojie):
        with pytest.raises(Refusal, match="下单由客服操作"):
            commands.run(desk, typed(f"新单 {WHOLE}"), actor)


def test_a_note_that_looks_like_an_order_stays_a_note(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    commands.run(desk, typed(f"备注 {order.tag} 改寄 {WHO}", is_group=False), cast.xiaoli)
    assert session.scalars(select(Draft)).all() == []


def test_in_a_group_nothing_is_taken_for_an_order_or_an_answer(desk: Desk, cast: Cast) -> None:
    with pytest.raises(Refusal, match="没有听懂"):
        commands.run(desk, typed(f"{WHOLE}", is_group=True), cast.xiaoli)
    say(desk, WHO, cast.xiaoli)
    with pytest.raises(Refusal, match="没有听懂"):
        commands.run(desk, typed("红色马克杯 ×2", is_group=True), cast.xiaoli)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("qh-cup-red", ["QH-CUP-RED"]),
        ("红色马克杯", ["QH-CUP-RED"]),
        ("红色的马克杯", ["QH-CUP-RED"]),
        ("蓝色马克杯", ["QH-CUP-RED"]),  # four letters of five: to be chosen, never taken
        ("电饭煲", []),
    ],
)
def test_goods_are_known_by_sku_or_by_what_they_are_called(desk: Desk, words: str, found: list[str]) -> None:
    candidates = drafts_goods.candidates(desk, words)
    assert [goods.sku for goods, _ in candidates] == found
    (line,) = drafts_goods.settle(desk, [DraftLine(words, 1)])
    assert line.settled == (bool(found) and words != "蓝色马克杯")


def test_a_choice_that_is_none_is_asked_again(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, f"{WHO} 蓝色马克杯 2个 138元", cast.xiaoli)
    with pytest.raises(Refusal, match="没有第 7 个"):
        say(desk, "7", cast.xiaoli)
    assert say(desk, "QH-CUP-BLU", cast.xiaoli).lines == ("QH-CUP-BLU ×2",)


def test_a_press_on_an_old_card_changes_nothing_and_says_so(desk: Desk, session: Session, cast: Cast) -> None:
    seen = say(desk, WHOLE, cast.xiaoli)
    say(desk, "金额：99", cast.xiaoli)
    press = pressed("draft_confirm", f"draft:{seen.draft_id}", revision=seen.revision, value="normal")
    view = pressing.press(desk, press, cast.xiaoli)
    assert isinstance(view, DraftView)
    assert "再看一眼" in view.note
    assert (view.paid_fen, the_draft(session).state) == (9900, "open")


def test_what_is_pointed_out_at_the_last_moment_is_another_card(desk: Desk, session: Session, cast: Cast) -> None:
    """The same button at the same place would be taken for the same press."""
    seen = say(desk, WHOLE, cast.xiaoli)
    say(desk, WHOLE, cast.chenjie)
    say(desk, "确认", cast.chenjie)
    press = pressed("draft_confirm", f"draft:{seen.draft_id}", revision=seen.revision, value="normal")
    view = pressing.press(desk, press, cast.xiaoli)
    assert isinstance(view, DraftView)
    assert "再看一眼" in view.note
    assert view.revision == seen.revision + 1


def test_anothers_draft_is_not_for_pressing(desk: Desk, cast: Cast) -> None:
    seen = say(desk, WHOLE, cast.xiaoli)
    for action in ("draft_confirm", "draft_change", "draft_cancel"):
        with pytest.raises(Refusal, match="别人的草稿"):
            pressing.press(desk, pressed(action, f"draft:{seen.draft_id}", revision=seen.revision), cast.chenjie)
    with pytest.raises(Refusal, match="没有这个操作"):
        pressing.press(desk, pressed("draft_confirm", "order:1"), cast.xiaoli)
    with pytest.raises(Refusal, match="没有这个操作"):
        pressing.press(desk, pressed("approve", f"draft:{seen.draft_id}"), cast.xiaoli)


def test_a_confirmed_draft_is_asked_for_until_its_order_stands(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHOLE, cast.xiaoli)
    say(desk, "确认", cast.xiaoli)
    assert (Job.PULL_SHOP, ("chat",)) in desk.later
    later = Desk(session=session, now=NOW + timedelta(seconds=10), settings=desk.settings)
    drafts.look(later)
    assert later.later == []
    later.now += timedelta(seconds=20)
    drafts.look(later)
    assert later.later == [(Job.PULL_SHOP, ("chat",))]
    for _ in range(2):
        drafts.look(Desk(session=session, now=NOW + timedelta(minutes=6), settings=desk.settings))
    (told,) = session.scalars(select(Notification.body).where(Notification.purpose == "text"))
    assert "还没有建成" in told["text"]


def test_what_expired_is_over_even_before_the_clock_has_looked(desk: Desk, session: Session, cast: Cast) -> None:
    seen = say(desk, WHOLE, cast.xiaoli)
    later = Desk(session=session, now=NOW + timedelta(minutes=30), settings=desk.settings)
    press = pressed("draft_confirm", f"draft:{seen.draft_id}", revision=seen.revision)
    view = pressing.press(later, press, cast.xiaoli)
    assert isinstance(view, DraftView)
    assert (view.state, view.note) == ("已过期作废", "这张草稿已过期作废")
    assert drafts.current(later, cast.xiaoli) is None
    assert the_draft(session).state == "expired"
    (told,) = session.scalars(select(Notification.body).where(Notification.purpose == "text"))
    assert "重新发一次" in told["text"]


def test_a_reship_of_an_unknown_original_is_asked_about(desk: Desk, session: Session, cast: Cast) -> None:
    original = make_order(session, receiver=someone(phone="13911112222"), tag="JD-20251220-007")
    say(desk, f"{WHO} QH-CUP-RED 1个 0元 备注：补发", cast.xiaoli)
    assert "补的是哪一单" in say(desk, "是补发", cast.xiaoli).question
    with pytest.raises(Refusal, match="不像订单编号"):
        say(desk, "不知道", cast.xiaoli)
    view = say(desk, original.tag, cast.xiaoli)
    assert (view.question, view.original, view.kind) == ("", original.tag, "补发")
    say(desk, "确认", cast.xiaoli)
    assert the_draft(session).original_order_id == original.id


def test_there_may_be_no_original(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, f"{WHO} QH-CUP-RED 1个 0元 备注：补发", cast.xiaoli)
    say(desk, "是补发", cast.xiaoli)
    assert say(desk, "0", cast.xiaoli).question == ""
    say(desk, "确认", cast.xiaoli)
    assert the_draft(session).state == "confirmed"


def test_the_words_may_mean_nothing(desk: Desk, session: Session, cast: Cast) -> None:
    assert say(desk, f"{WHOLE} 备注：不要漏发", cast.xiaoli).doubts == ()
    view = say(desk, f"{WHOLE} 备注：上次漏发", cast.xiaoli)
    assert [offer.text for offer in view.offers] == ["是补发", "是换货", "普通订单", "改", "取消"]
    say(desk, "普通订单", cast.xiaoli)
    assert (the_draft(session).kind, the_draft(session).state) == ("normal", "confirmed")


def test_help_names_the_commands_with_examples(desk: Desk, cast: Cast) -> None:
    known: list[Command] = [commands.COMMANDS[slug] for slug in ("new_order", "reship", "exchange", "withdraw")]
    for command in known:
        assert command.usage.startswith(command.names[0])
    view: View = commands.run(desk, typed("帮助"), cast.xiaoli)
    assert not isinstance(view, TextView)
    assert "补发 JD-20251222-001" in str(view)


def test_a_late_confirmation_is_late(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHO, cast.xiaoli)
    with pytest.raises(Late, match="还缺一项"):
        drafts.confirm(desk, the_draft(session), cast.xiaoli)


def test_a_forwarded_wish_for_a_reship_is_an_order_that_names_none(desk: Desk, session: Session, cast: Cast) -> None:
    view = say(desk, f"补发一个给客户，{WHO} QH-CUP-RED 1个 0元", cast.xiaoli)
    assert any("是补发吗" in doubt for doubt in view.doubts)
    say(desk, "补发", cast.xiaoli)
    assert the_draft(session).kind == "reship"


def test_what_was_never_made_is_forgotten_after_a_week(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHOLE, cast.xiaoli)
    say(desk, "取消", cast.xiaoli)
    say(desk, WHOLE, cast.xiaoli)
    say(desk, "确认", cast.xiaoli)
    drafts.forget(Desk(session=session, now=NOW + timedelta(days=8), settings=desk.settings))
    session.expire_all()
    assert session.scalars(select(Draft.state)).all() == ["confirmed"]


def test_a_twin_is_confirmed_by_the_words_of_its_button(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHOLE, cast.xiaoli)
    commands.run(desk, typed("确认", is_group=False), cast.xiaoli)
    again = say(desk, WHOLE, cast.chenjie)
    assert again.offers[0].text == "不重复，下单"
    commands.run(desk, typed("不重复，下单", is_group=False), cast.chenjie)
    assert the_draft(session).state == "confirmed"


def test_a_draft_that_lay_long_and_was_confirmed_just_now_is_a_twin(desk: Desk, session: Session, cast: Cast) -> None:
    say(desk, WHOLE, cast.xiaoli)
    later = Desk(session=session, now=NOW + timedelta(minutes=25), settings=desk.settings)
    say(later, "确认", cast.xiaoli)
    assert any("刚确认过一张" in doubt for doubt in say(later, WHOLE, cast.chenjie).doubts)
    by_name = WHOLE.replace("13800001234", "13911112222")
    assert any("同一商品" in doubt for doubt in say(later, by_name, cast.chenjie).doubts)
    other_goods = by_name.replace("QH-CUP-RED", "QH-CUP-BLU")
    assert say(later, other_goods, cast.chenjie).doubts == ()


def test_an_address_whose_district_two_cities_have_is_asked_about(desk: Desk, cast: Cast) -> None:
    view = say(desk, "新单 王小明 13800001234 河北省桥西区人民路 1 号 QH-CUP-RED 2件 138元", cast.xiaoli)
    assert view.question.startswith("送到哪里")
    with pytest.raises(Refusal, match="看不出是哪个城市"):
        say(desk, "桥西区", cast.xiaoli)
    view = say(desk, "河北省石家庄市桥西区人民路 1 号", cast.xiaoli)
    assert (view.region, view.address, view.question) == ("河北省石家庄市桥西区", "人民路 1 号", "")


def test_a_command_about_an_order_is_no_answer_however_its_number_is_written(
    desk: Desk, session: Session, cast: Cast
) -> None:
    make_order(session, tag="TB-20251222-007")
    say(desk, "新单", cast.xiaoli)

    view = say(desk, "补发 tb 7 QH-CUP-RED 1 破损", cast.xiaoli)

    assert (view.kind, view.original) == ("补发", "TB-20251222-007")


def test_yes_and_no_belong_to_what_was_asked_last(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(2):
        make_order(session)
    say(desk, WHOLE, cast.xiaoli)
    later = replace(desk, now=desk.now + timedelta(minutes=1))
    asked = commands.run(later, typed("审核 全部", is_group=False), cast.xiaoli)
    assert isinstance(asked, BatchView)

    ended = commands.run(later, typed("取消", is_group=False), cast.xiaoli)

    assert isinstance(ended, BatchView)
    assert ended.state == "cancelled"
    assert say(desk, "确认", cast.xiaoli).state == "已确认，正在建单"
