"""改地址, 改电话: of orders of our own alone, in private, and not lost when the source is read again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import find, show, trail, watch
from handlers.desk import Actor, Desk, Refusal
from handlers.parse import Reference
from handlers.receivers import place
from handlers.views import OrderView, TextView
from models import Case, Notification, Order, OwnReceiver, Receiver, TrailRow
from models.trail import TrailRow as Row
from tests.cast import Cast
from tests.factories import make_order, masked, someone
from tests.handlers.batches.conftest import say, shops

__all__ = ["shops"]
pytestmark = pytest.mark.usefixtures("shops")

NEW = "江苏省苏州市吴中区星湖街 328 号 2 幢 601"


def own(session: Session, platform: str = "sheet", **changes: object) -> Order:
    return make_order(session, platform=platform, **changes)  # type: ignore[arg-type]


def seen(desk: Desk, order: Order) -> place.Place:
    desk.session.refresh(order)
    return place.of_row(desk.vault, order)  # type: ignore[arg-type]


def change(desk: Desk, order: Order, words: str, by: Actor) -> OrderView:
    view = say(desk, f"改地址 {order.tag} {words}", by)
    assert isinstance(view, OrderView)
    return view


@pytest.mark.parametrize("platform", ["sheet", "mail", "chat", "wecom_pay"])
def test_the_address_of_an_order_of_our_own_changes(desk: Desk, session: Session, cast: Cast, platform: str) -> None:
    order = own(session, platform)

    view = change(desk, order, NEW, cast.xiaoli)

    new = seen(desk, order)
    assert new.region == ("江苏省", "苏州市", "吴中区", "")
    assert (new.receiver.address, new.receiver.name, new.receiver.phone) == (
        "星湖街 328 号 2 幢 601", "王小明", "13800001234",
    )  # fmt: skip
    assert (view.receiver, view.note) == (
        "王** 138****1234 江苏省苏州市吴中区", "小李：收件信息已改，王** 138****1234 江苏省苏州市吴中区",
    )  # fmt: skip
    assert view.revision > 1


def test_the_trail_says_it_with_masks_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)

    change(desk, order, f"李雷 13911112222 {NEW}", cast.xiaoli)

    row = session.scalars(select(Row).where(Row.action == "改地址")).one()
    assert "王** 138****1234 浙江省杭州市西湖区三墩镇" in row.detail
    assert "李** 139****2222 江苏省苏州市吴中区" in row.detail
    every = "".join(session.scalars(select(TrailRow.detail))) + "".join(map(str, session.scalars(select(Case.reason))))
    for private in ("星湖街", "13911112222", "李雷", "紫金花路", "王小明"):
        assert private not in every
    kept = session.scalars(select(OwnReceiver)).one()
    assert "星湖街".encode() not in kept.ours
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_without_a_region_it_is_the_same_place(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)

    change(desk, order, "文三路 99 号 2 幢 301", cast.xiaoli)

    new = seen(desk, order)
    assert (new.city, new.district, new.receiver.address) == ("杭州市", "西湖区", "文三路 99 号 2 幢 301")


def test_who_gets_it_may_change_with_it_and_is_found_by_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)

    change(desk, order, f"李雷 13911112222 {NEW}", cast.xiaoli)

    new = seen(desk, order)
    assert (new.receiver.name, new.receiver.phone) == ("李雷", "13911112222")
    assert find.find(desk, Reference("phone", "13911112222")) == [order.id]
    assert find.find(desk, Reference("name", "李雷")) == [order.id]
    assert find.find(desk, Reference("phone", "13800001234")) == []


def test_the_phone_alone(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)

    view = say(desk, f"改电话 {order.tag} 0571-88886666", cast.xiaoli)

    assert isinstance(view, OrderView)
    assert seen(desk, order).receiver.phone == "0571-88886666"
    with pytest.raises(Refusal, match="「不知道」不像电话"):
        say(desk, f"改电话 {order.tag} 不知道", cast.xiaoli)
    with pytest.raises(Refusal, match="改成多少"):
        say(desk, f"改电话 {order.tag}", cast.xiaoli)


def test_in_a_group_it_is_refused_politely(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)
    for words in (f"改地址 {order.tag} {NEW}", f"改电话 {order.tag} 13911112222"):
        with pytest.raises(Refusal, match=r"收件信息不在群里说.*请到与我的单聊里发.*建议撤回"):
            say(desk, words, cast.xiaoli, is_group=True)
    assert session.scalars(select(OwnReceiver)).all() == []


def test_a_platforms_order_is_its_buyers_to_change(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, receiver=masked())

    with pytest.raises(Refusal) as refused:
        say(desk, f"改地址 {order.tag} {NEW}", cast.xiaoli)

    assert str(refused.value).startswith(f"{order.tag} 是青禾淘宝店的平台订单，收件信息要买家在平台自己改")
    assert str(refused.value).split("\n")[1].startswith("亲，收货信息需要您自己在订单详情里点“修改地址”")


@pytest.mark.parametrize(
    ("stage", "words"),
    [("done", "已经发出（顺丰速运 SF1234567890123），改不了了。请联系快递改派"), ("cancelled", "已取消，不用改")],
)
def test_what_is_over_cannot_be_changed(desk: Desk, session: Session, cast: Cast, stage: str, words: str) -> None:
    order = own(session, stage=stage, waybill="SF1234567890123", courier="shunfeng")
    with pytest.raises(Refusal, match=words):
        say(desk, f"改地址 {order.tag} {NEW}", cast.xiaoli)


@pytest.mark.parametrize("stage", ["pending_pick", "pending_ship"])
def test_the_warehouse_hears_when_it_has_it_in_its_hands(desk: Desk, session: Session, cast: Cast, stage: str) -> None:
    order = own(session, stage=stage)

    view = change(desk, order, NEW, cast.xiaoli)

    case = session.scalars(select(Case).where(Case.kind == "receiver_changed")).one()
    assert (case.role, case.blocks) == ("warehouse", True)
    assert "旧面单不能用，请按新的重打" in case.reason
    assert view.lock_reason.startswith("收件信息已改：")
    told = session.scalars(
        select(Notification.recipient).where(Notification.purpose == "card", Notification.channel == "staff")
    )
    assert str(cast.laowang.staff_id) in set(told)
    say(desk, f"改电话 {order.tag} 13911112222", cast.xiaoli)
    assert len(session.scalars(select(Case).where(Case.kind == "receiver_changed")).all()) == 1, "one matter"


def test_before_that_nobody_need_hear(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)
    change(desk, order, NEW, cast.xiaoli)
    assert session.scalars(select(Case)).all() == []


def test_a_vague_address_is_one_no_more(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session, district="", town="")
    watch.watch(desk, [order.id])
    session.expire_all()
    assert order.lock_reason.startswith("地址模糊")

    change(desk, order, NEW, cast.xiaoli)

    assert order.lock_reason == ""
    case = session.scalars(select(Case).where(Case.kind == "address_vague")).one()
    assert case.state == "solved"


def test_a_source_that_says_the_old_thing_again_does_not_undo_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)
    before = seen(desk, order)
    change(desk, order, NEW, cast.xiaoli)

    place.write(desk, order.id, before)  # the evening's spreadsheet
    watch.arrived(desk, [order.id])

    assert seen(desk, order).city == "苏州市"
    assert session.scalars(select(TrailRow.action).order_by(TrailRow.id.desc())).first() == "保留收件信息"
    assert trail.verify(session, f"order:1:{order.external_id}")


def test_a_source_that_says_something_new_is_believed_and_it_is_told(desk: Desk, session: Session, cast: Cast) -> None:
    order = own(session)
    change(desk, order, NEW, cast.xiaoli)
    newest = place.Place(someone(address="人民路 5 号"), "山东省", "青岛市", "市南区", "")

    place.write(desk, order.id, newest)
    watch.arrived(desk, [order.id])

    assert seen(desk, order).city == "青岛市"
    assert session.scalars(select(OwnReceiver)).all() == []
    told = session.scalars(select(Notification).where(Notification.purpose == "text")).one()
    assert (told.recipient, "已按来源更新" in told.body["text"]) == (str(cast.xiaoli.staff_id), True)


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ("", "改成哪里"),
        ("江苏省苏州市吴中区", "地址还缺路名、门牌"),
        ("李雷 13911112222 江苏省苏州市吴中区星湖街 328 号 红色马克杯 2个", "看不懂，请只写姓名、电话和地址"),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    desk: Desk, session: Session, cast: Cast, words: str, refused: str
) -> None:
    order = own(session)
    with pytest.raises(Refusal, match=refused):
        say(desk, f"改地址 {order.tag} {words}", cast.xiaoli)


def test_whom_the_platform_hid_must_be_named_with_the_new_address(desk: Desk, session: Session, cast: Cast) -> None:
    hidden = Receiver(name_mask="王**", phone_mask="*******1234", address_mask="***", cipher={"oaid": "1abc"})
    order = own(session, "chat", receiver=hidden)

    with pytest.raises(Refusal, match="姓名或电话看不到，改地址时要一起写"):
        say(desk, f"改地址 {order.tag} {NEW}", cast.xiaoli)
    with pytest.raises(Refusal, match="地址看不到，要一起写"):
        say(desk, f"改电话 {order.tag} 13911112222", cast.xiaoli)
    change(desk, order, f"李雷 13911112222 {NEW}", cast.xiaoli)
    new = seen(desk, order).receiver
    assert (new.name, new.name_mask, new.address_mask, new.cipher) == ("李雷", "", "", {})


def test_only_service_changes_it_and_the_last_step_is_not_taken_back_instead(
    desk: Desk, session: Session, cast: Cast
) -> None:
    order = own(session)
    with pytest.raises(Refusal, match="改收件信息由客服操作，您是仓库"):
        say(desk, f"改地址 {order.tag} {NEW}", cast.laowang)
    other = own(session)
    say(desk, f"审核 {other.tag}", cast.xiaoli)
    desk.now += timedelta(seconds=5)
    change(desk, order, NEW, cast.xiaoli)
    assert say(desk, "撤销", cast.xiaoli) == TextView("您刚改的收件信息不能撤销，请再改一次")
    assert other.stage == "pending_pick"
    with pytest.raises(Refusal, match="现在就是这样，没有改动"):
        change(desk, order, NEW, cast.xiaoli)
    assert show.show_order(desk, order.id, None).receiver
