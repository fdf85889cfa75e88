"""Questions as people really ask them: the answer is the one of the command, and nothing is changed by any of them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers import commands
from handlers.desk import Desk, Refusal
from handlers.reports.view import BacklogView, BottleneckView, DailyView, ExceptionsView, OverdueView
from handlers.views import BoardView, MineView, OrderView, StockView, TextView, TrailView, View
from models import TrailRow
from tests.cast import Cast
from tests.factories import make_case, make_order, make_shop, make_stock, typed

BOARD = "看板怎么样 现在看板 打开看板 订单看板 看看板 现在整体情况 整体情况 现在什么情况 今天怎么样 概况 查看板"
OVERDUE = (
    "超时的有几单 超时的有多少 几单超时 有几单超时 有多少单超时了 超时几单 超时的单子有哪些 哪些单超时了 有没有超时的 "
    "超时单 现在超时多少 今天超时的 快超时的有哪些 快到期的有哪些 要超时的单有几个 超时情况 谁超时了 超时的列一下 "
    "超时的给我看看 还有几单要超时 即将超时的 马上超时的 有超时的吗 已经超时的订单 查一下超时的 看下超时的有几单"
)
OVERDUE_SHIP = "待发货超时的有几单 超时的待发货有几单 待发货的超时多少 超时 待发货的有多少"
OVERDUE_JD = "京东超时的有几单 超时的京东单有几单 京东店超时几单"
BACKLOG = (
    "积压多少 积压了多少单 积压情况 现在积压多少 有多少积压 压了多少单 压了几单 积压的有几单 积压严重吗 哪里积压 "
    "堆了多少单 还有多少单没发 没发货的有多少 还剩多少单 查积压"
)
BACKLOG_REVIEW = "待审核有多少单 待审核的还有几单 待审核积压多少 积压的待审核有几单 还有几单待审核"
EXCEPTIONS = (
    "异常有几个 有几个异常 异常有多少 几件异常 异常的有几单 有哪些异常 还有异常吗 没处理的异常 今天的异常 异常情况 "
    "有没有异常 问题单有几个 查异常"
)
MINE = (
    "我的有几单 我有几单 我还有几单 我手上有几件 我手上有什么 我的活 我还有什么没做 我的单 我的异常 我该做什么 "
    "我今天做什么 我的有哪些 手上还有几件 有什么要我处理的 查我的"
)
DAILY = "今天的日报 日报发一下 日报看一下 今天发了多少单 今天多少单 今天进了多少单 日报怎么样 查日报"
YESTERDAY = "昨天日报 昨天的日报 看一下昨天的日报 昨天发了几单 昨天情况 日报昨天的"
BOTTLENECK = "瓶颈在哪 瓶颈在哪里 哪里最慢 卡在哪里了 堵在哪里了 哪个环节最慢 瓶颈是什么 最近卡在哪 哪里堵了 卡哪了"
SHORT = "库存够吗 哪些缺货 缺什么货 什么缺货 缺货的有哪些 库存情况 查库存 查一下库存 看库存 还有库存吗"

ONE_SKU = "{sku}还有多少 {sku}库存 {sku}的库存还有多少 库存还有多少{sku} {sku}还有货吗 查{sku}库存 {sku}还剩几个"
TRAIL = "901的轨迹 查轨迹901 901走到哪了 901谁审核的 轨迹看一下901 901的历史 查一下901的轨迹"
ORDER = "查查901 看看901 901是什么情况 901怎么样了 901的状态 查进度901 901进度怎么样"
NO_QUESTION = "客户要的没有货 马克杯没货了 901没有货 老王还有几单 现在有多少人 多少钱"


@pytest.fixture(autouse=True)
def day_at_work(session: Session) -> None:
    """A day with an order that waits, one that left, and a matter."""
    make_shop(session, slug="jd", platform="jd", prefix="JD", name="青禾京东店")
    make_case(session, make_order(session, tag="TB-20251222-901"))
    make_order(session, tag="TB-20251222-902", stage="done")


def say(desk: Desk, line: str, cast: Cast) -> View:
    before = desk.session.scalar(select(func.count()).select_from(TrailRow))
    view = commands.run(desk, typed(line), cast.chenjie)
    assert desk.session.scalar(select(func.count()).select_from(TrailRow)) == before
    return view


@pytest.mark.parametrize("line", BOARD.split())
def test_the_board(desk: Desk, cast: Cast, line: str) -> None:
    assert isinstance(say(desk, line, cast), BoardView)


@pytest.mark.parametrize(
    ("line", "title"),
    [(line, "") for line in OVERDUE.split()]
    + [(line, "待发货") for line in OVERDUE_SHIP.replace("超时 待", "超时_待").split()]
    + [(line, "京东") for line in OVERDUE_JD.split()],
)
def test_what_is_late(desk: Desk, cast: Cast, line: str, title: str) -> None:
    view = say(desk, line.replace("_", " "), cast)

    assert isinstance(view, OverdueView)
    assert title in view.title if title else view.title == ""


@pytest.mark.parametrize(
    ("line", "title"),
    [(line, "") for line in BACKLOG.split()] + [(line, "待审核") for line in BACKLOG_REVIEW.split()],
)
def test_how_much_lies_there(desk: Desk, cast: Cast, line: str, title: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, BacklogView)
    assert view.title == title


@pytest.mark.parametrize("line", EXCEPTIONS.split())
def test_every_exception(desk: Desk, cast: Cast, line: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, ExceptionsView)
    assert (view.title, view.total) == ("", 1)


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("地址异常的有几个", "地址"),
        ("缺货的异常有几个", "缺货"),
        ("老王的异常有哪些", "老王"),
        ("异常里地址的有几个", "地址"),
    ],
)
def test_some_exceptions(desk: Desk, cast: Cast, line: str, title: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, ExceptionsView)
    assert title in view.title


@pytest.mark.parametrize("line", MINE.split())
def test_what_lies_with_me(desk: Desk, cast: Cast, line: str) -> None:
    assert isinstance(say(desk, line, cast), MineView)


@pytest.mark.parametrize(
    ("line", "day"), [(line, 22) for line in DAILY.split()] + [(line, 21) for line in YESTERDAY.split()]
)
def test_a_day(desk: Desk, cast: Cast, line: str, day: int) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, DailyView)
    assert view.day.day == day


@pytest.mark.parametrize("line", BOTTLENECK.split())
def test_what_holds_things_up(desk: Desk, cast: Cast, line: str) -> None:
    assert isinstance(say(desk, line, cast), BottleneckView)


@pytest.mark.parametrize("line", SHORT.split())
def test_what_is_short(desk: Desk, cast: Cast, line: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, TextView)
    assert "缺货" in view.text


@pytest.mark.parametrize(
    "line",
    ONE_SKU.split(),
)
def test_one_sku(desk: Desk, session: Session, cast: Cast, line: str) -> None:
    make_stock(session, "QH-CUP-RED", 4)

    view = say(desk, line.format(sku="QH-CUP-RED"), cast)

    assert isinstance(view, StockView)
    assert view.sku == "QH-CUP-RED"


@pytest.mark.parametrize("line", TRAIL.split())
def test_the_trail_of_an_order(desk: Desk, cast: Cast, line: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, TrailView)
    assert view.tag == "TB-20251222-901"


@pytest.mark.parametrize("line", ORDER.split())
def test_an_order(desk: Desk, cast: Cast, line: str) -> None:
    view = say(desk, line, cast)

    assert isinstance(view, OrderView)
    assert view.tag == "TB-20251222-901"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("超时 火星店", "「火星店」看不懂"),
        ("积压 火星的有几单", "「火星」看不懂"),
        ("日报 火星", "「火星」看不懂"),
        ("901的审核", "没有听懂|您是想说|看不懂"),
        ("查库存 QH-CUP-RED 40", "没有|看不懂"),
    ],
)
def test_what_is_no_such_question_is_still_refused(desk: Desk, cast: Cast, line: str, why: str) -> None:
    with pytest.raises(Refusal, match=why):
        say(desk, line, cast)


@pytest.mark.parametrize("line", NO_QUESTION.split())
def test_what_only_sounds_like_a_question_is_none(desk: Desk, cast: Cast, line: str) -> None:
    with pytest.raises(Refusal, match=r"没有听懂|您是想说"):
        say(desk, line, cast)
