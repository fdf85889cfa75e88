"""字段 编号 礼盒 是: typed, for one order or many, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers import trail
from handlers.batches.view import BatchView
from handlers.desk import Desk
from handlers.views import TextView
from models import FieldValue
from models.case import short_code
from tests.cast import Cast
from tests.factories import make_case, make_order
from tests.handlers.batches.conftest import press
from tests.handlers.fields.office import fields_of, last_trail, order_after, refused, say, words

pytestmark = pytest.mark.usefixtures("shops")

FIELDS = ("礼盒 是否", "等级 选项 普通/VIP", "定金 金额", "件重 数字", "生日 日期", "贺卡 文字")


@pytest.fixture(autouse=True)
def fields(desk: Desk, cast: Cast, shops: None) -> None:
    for one in FIELDS:
        words(desk, f"字段 新增 {one}", cast.chenjie)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("礼盒 是", {"礼盒": "是"}),
        ("礼盒=没有", {"礼盒": "否"}),
        ("礼盒：有", {"礼盒": "是"}),
        ("等级 vip", {"等级": "VIP"}),
        ("等级ＶＩＰ", {"等级": "VIP"}),
        ("定金 １２.５元", {"定金": "12.50 元"}),
        ("定金 ¥1,200", {"定金": "1200 元"}),
        ("件重 ３．２５", {"件重": "3.25"}),
        ("件重 -2", {"件重": "-2"}),
        ("生日 11-28", {"生日": "2026-11-28"}),
        ("生日 2025-11-28", {"生日": "2025-11-28"}),
        ("生日 明天", {"生日": "2025-12-23"}),
        ("生日 下周三", {"生日": "2025-12-31"}),
        ("贺卡 妈妈，生日快乐 爱你", {"贺卡": "妈妈，生日快乐 爱你"}),
        ("贺卡 请打 13800001234", {"贺卡": "请打 138****1234"}),
        ("礼盒 是 等级 普通", {"礼盒": "是", "等级": "普通"}),
        ("礼盒=是，等级=VIP，件重=3", {"礼盒": "是", "等级": "VIP", "件重": "3"}),
        ("贺卡=送 礼盒 的祝福 等级=VIP", {"贺卡": "送 礼盒 的祝福", "等级": "VIP"}),
    ],
)
def test_what_people_write_is_read_by_its_kind(
    desk: Desk, session: Session, cast: Cast, said: str, shown: dict[str, str]
) -> None:
    order = make_order(session)
    view = order_after(desk, f"字段 {order.tag} {said}", cast.xiaoli)
    assert dict(view.fields) == shown
    assert view.note.startswith("小李：已填 ")
    assert trail.verify(session, f"order:1:{order.external_id}")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("礼盒 红色", "「礼盒」是是否，「红色」不行。请写是 或 否"),
        ("等级 VIPP", "您是想写「VIP」吗？请写其中一个：普通、VIP"),
        ("定金 很多", "例如 12.5元"),
        ("定金 12.555", "例如 12.5元"),
        ("件重 两三个", "数字，例如 3 或 3.5"),
        ("生日 2025-02-30", "日期，例如 11-28、明天、下周三"),
        (f"贺卡 {'长' * 201}", "200 个字以内"),
        ("礼盒", "「礼盒」填什么？请写是 或 否；不要了请写：礼盒 清空"),
        ("礼合 是", "没有字段「礼合」。您是想写「礼盒」吗？现在有：礼盒、等级、定金"),
        ("礼盒=是，礼盒=否", "写了两次"),
        ("礼盒 是 等级 金", "「等级」是选项"),
    ],
)
def test_what_it_cannot_be_changes_nothing_and_says_what_can(
    desk: Desk, session: Session, cast: Cast, said: str, answer: str
) -> None:
    order = make_order(session)
    assert answer in refused(desk, f"字段 {order.tag} {said}", cast.xiaoli)
    assert fields_of(desk, order) == {}


def test_the_trail_tells_what_it_was_and_who_changed_it(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 定金 12", cast.xiaoli)
    order_after(desk, f"{order.tag} 字段 定金 20.5元", cast.chenjie)
    entry = next(one for one in trail.of_order(desk, order.id).entries[::-1] if one.action == "填字段")
    assert (entry.actor, entry.detail) == ("陈姐", "定金：12 元 → 20.50 元")
    order_after(desk, f"字段 {order.tag} 定金 清空", cast.xiaoli)
    assert fields_of(desk, order) == {}
    assert session.query(FieldValue).count() == 0
    assert "本来就是这样" in refused(desk, f"字段 {order.tag} 定金=", cast.xiaoli)


def test_a_minute_long_it_is_taken_back_and_later_not(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    order_after(desk, f"字段 {order.tag} 礼盒 是 等级 普通", cast.xiaoli)
    order_after(desk, f"字段 {order.tag} 等级 VIP 礼盒 清空", cast.xiaoli)
    order_after(desk, "撤销", cast.xiaoli)
    assert fields_of(desk, order) == {"礼盒": "是", "等级": "普通"}
    assert last_trail(session)[0] == "撤销填字段"
    order_after(desk, f"字段 {order.tag} 等级 VIP", cast.xiaoli)
    desk.now += timedelta(seconds=61)
    assert "已超过 60 秒" in str(say(desk, "撤销", cast.xiaoli))
    assert fields_of(desk, order) == {"礼盒": "是", "等级": "VIP"}


def test_several_orders_are_asked_about_once(desk: Desk, session: Session, cast: Cast) -> None:
    orders = [make_order(session) for _ in range(4)]
    order_after(desk, f"字段 {orders[0].tag} 礼盒 是 等级 普通", cast.xiaoli)
    tags = "、".join(one.tag for one in orders)

    view = say(desk, f"字段 {tags} 礼盒 是 等级 普通", cast.xiaoli)
    assert isinstance(view, BatchView)
    assert (view.title, view.words, view.total) == ("填字段", "礼盒 是，等级 普通", 4)
    assert fields_of(desk, orders[1]) == {}
    done = press(desk, view, "confirm", cast.xiaoli)
    assert (done.done, done.named) == (3, ((orders[0].tag, "本来就是这样，没有改动"),))
    assert fields_of(desk, orders[3]) == {"礼盒": "是", "等级": "普通"}
    press(desk, done, "undo", cast.xiaoli)
    assert fields_of(desk, orders[3]) == {}
    assert fields_of(desk, orders[0]) == {"礼盒": "是", "等级": "普通"}


def test_a_field_that_ended_meanwhile_is_not_filled(desk: Desk, session: Session, cast: Cast) -> None:
    tags = "、".join(make_order(session).tag for _ in range(3))
    view = say(desk, f"字段 {tags} 礼盒 是", cast.xiaoli)
    assert isinstance(view, BatchView)
    words(desk, "字段 停用 礼盒", cast.chenjie)
    assert press(desk, view, "confirm", cast.xiaoli).named[0][1] == "字段已停用"
    assert session.query(FieldValue).count() == 0


def test_two_named_get_it_at_once(desk: Desk, session: Session, cast: Cast) -> None:
    one, two = make_order(session), make_order(session)
    view = say(desk, f"字段 {one.tag}、{two.tag} 礼盒 是", cast.xiaoli)
    assert isinstance(view, TextView)
    assert view.text.splitlines()[:2] == ["填字段：办成 2 单", f"✓ {one.tag} 已填 礼盒 是"]


def test_a_tag_or_a_short_code_with_a_sign_is_enough(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    case = make_case(session, order, kind="address_vague")
    order_after(desk, f"{short_code(case.id)} 礼盒=是", cast.xiaoli)
    assert fields_of(desk, order) == {"礼盒": "是"}
    order_after(desk, f"{order.tag} 等级=VIP，贺卡=祝好，平安", cast.xiaoli)
    assert fields_of(desk, order) == {"礼盒": "是", "等级": "VIP", "贺卡": "祝好，平安"}


def test_a_reply_to_a_card_need_not_name_its_order(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    say(desk, "字段 礼盒 是", cast.xiaoli, quoted=f"{order.tag} 待审核\n商品 红色杯子")
    assert fields_of(desk, order) == {"礼盒": "是"}
    said = say(desk, "字段 新增 客户 文字", cast.chenjie, quoted=f"{order.tag} 待审核\n商品 红色杯子")
    assert "已新增字段「客户」" in said.text
    assert "填到哪一单？请发：字段 JD-20251222-001 礼盒 是" in refused(desk, "字段 礼盒 是", cast.xiaoli)


def test_the_warehouse_may_look_and_not_fill(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session)
    assert "填字段由客服操作" in refused(desk, f"字段 {order.tag} 礼盒 是", cast.laowang)
    assert order_after(desk, f"字段 {order.tag}", cast.laowang).tag == order.tag
