"""查 礼盒=是: the newest first, and how many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from handlers.desk import Desk
from handlers.views import OrderListView, OrderView
from tests.cast import Cast
from tests.factories import NOW, make_order, someone
from tests.handlers.fields.office import refused, say, words

pytestmark = pytest.mark.usefixtures("shops")


def test_the_newest_come_first_with_how_many_there_are(desk: Desk, session: Session, cast: Cast) -> None:
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    words(desk, "字段 新增 等级 选项 普通/VIP", cast.chenjie)
    orders = [make_order(session, created_at=NOW - timedelta(hours=number)) for number in range(12)]
    for number, order in enumerate(orders):
        say(desk, f"字段 {order.tag} 礼盒 是 等级 {'普通' if number % 3 else 'VIP'}", cast.xiaoli)
    say(desk, f"字段 {make_order(session).tag} 礼盒 否 等级 VIP", cast.xiaoli)

    for line in ("查 礼盒=是", "查 礼盒 是", "查礼盒＝有", "帮我查一下 礼盒=是"):
        found = say(desk, line, cast.laowang)
        assert isinstance(found, OrderListView), line
        assert (found.title, found.total) == ("礼盒=是", 12)
        assert [row.tag for row in found.rows] == [order.tag for order in orders[:10]]
    both = say(desk, "查 礼盒=是 等级=vip", cast.xiaoli)
    assert (both.title, both.total, both.rows[1].tag) == ("礼盒=是，等级=VIP", 4, orders[3].tag)


def test_a_single_one_is_shown_whole_and_none_is_said(desk: Desk, session: Session, cast: Cast) -> None:
    for one in ("件重 数字", "定金 金额", "生日 日期", "贺卡 文字"):
        words(desk, f"字段 新增 {one}", cast.chenjie)
    order = make_order(session)
    say(desk, f"字段 {order.tag} 件重=3.50 定金=12.5元 生日=12-25 贺卡=祝好", cast.xiaoli)
    for line in ("件重=3.5", "定金=12.50", "生日=2025-12-25", "贺卡=祝好", "定金 ¥12.5"):
        view = say(desk, f"查 {line}", cast.xiaoli)
        assert isinstance(view, OrderView), line
        assert view.tag == order.tag
    assert refused(desk, "查 件重=4", cast.xiaoli) == "没有 件重=4 的订单"
    assert "请写数字" in refused(desk, "查 件重=重", cast.xiaoli)
    assert "查空着的还不行" in refused(desk, "查 件重=", cast.xiaoli)
    assert "没有字段「重量」" in refused(desk, "查 重量=4", cast.xiaoli)


def test_a_name_is_a_name_where_no_field_is_called_so(desk: Desk, session: Session, cast: Cast) -> None:
    order = make_order(session, receiver=someone(name="李和"))
    assert say(desk, "查 李和", cast.xiaoli).tag == order.tag
    assert "还没有自定义字段" in refused(desk, "查 礼盒=是", cast.xiaoli)
    words(desk, "字段 新增 礼盒 是否", cast.chenjie)
    assert say(desk, "查 李和", cast.xiaoli).tag == order.tag
