from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers import show, trail, upstream
from handlers.desk import Desk, Job
from handlers.upstream import Down
from handlers.views import CaseView
from models import Case, Notification, WriteBack
from tests.cast import Cast
from tests.factories import make_order, make_shop


@pytest.fixture
def down(desk: Desk) -> Down:
    return Down("taobao", "淘宝接口", "网络超时", 37, 40, desk.now - timedelta(minutes=3))


def owe(session: Session, desk: Desk, many: int) -> None:
    shop = make_shop(session)
    for _ in range(many):
        order = make_order(session)
        row = WriteBack(
            order_id=order.id, shop_id=shop.id, kind="ship", body={}, next_try_at=desk.now, created_at=desk.now
        )
        session.add(row)
    session.flush()


def case_of(session: Session) -> Case:
    return session.scalars(select(Case)).one()


def test_a_party_that_fails_is_one_matter_told_once_with_what_waits_behind_it(
    desk: Desk, session: Session, cast: Cast, down: Down
) -> None:
    owe(session, desk, 12)
    for _ in range(3):
        upstream.sync(desk, [down])
    case = case_of(session)
    assert case.reason == "淘宝接口故障：10 分钟内 37 次失败（网络超时，失败率 92%），自动重试中，积压 12 单回传"
    assert (case.kind, case.role, case.group_key, case.state) == (
        "upstream_down", "supervisor", "upstream:taobao", "open",
    )  # fmt: skip
    told = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    assert [(one.channel, one.recipient) for one in told] == [("staff", str(cast.chenjie.staff_id))]
    assert trail.verify(session, f"case:{case.id}")
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    assert (view.title, view.tag) == ("接口故障", "")
    assert [offer.action for offer in view.more] == ["useful", "false_alarm", "trail"]


def test_the_card_follows_the_queue_and_the_failures(desk: Desk, session: Session, down: Down) -> None:
    upstream.sync(desk, [down])
    assert case_of(session).reason.endswith("自动重试中")
    owe(session, desk, 2)
    upstream.sync(desk, [replace(down, failures=41, calls=44)])
    session.expire_all()
    assert case_of(session).reason == (
        "淘宝接口故障：10 分钟内 41 次失败（网络超时，失败率 93%），自动重试中，积压 2 单回传"
    )
    assert case_of(session).revision == 2


def test_it_ends_by_itself_and_a_party_that_fails_again_is_a_new_matter(
    desk: Desk, session: Session, down: Down
) -> None:
    upstream.sync(desk, [down])
    assert upstream.is_down(desk, "taobao")
    assert not upstream.is_down(desk, "jd")
    upstream.sync(desk, [])
    session.expire_all()
    case = case_of(session)
    assert (case.state, case.solution) == ("solved", "接口已恢复，积压的会自动补上")
    assert not upstream.is_down(desk, "taobao")
    upstream.sync(desk, [down])
    assert sorted(session.scalars(select(Case.state))) == ["open", "solved"]


def test_each_party_has_a_matter_of_its_own(desk: Desk, session: Session, down: Down) -> None:
    make_shop(session)
    courier = replace(down, party="kuaidi100", title="快递100接口", why="应答异常 HTTP 502")
    upstream.sync(desk, [down, courier])
    upstream.sync(desk, [courier])
    states = {case.group_key: case.state for case in session.scalars(select(Case))}
    assert states == {"upstream:taobao": "solved", "upstream:kuaidi100": "open"}


def test_shops_whose_wait_is_over_are_read_at_once_and_asked_for_once(desk: Desk, session: Session) -> None:
    over, waits, stopped = (
        make_shop(session, slug="tb", wait_until=desk.now),
        make_shop(session, slug="jd", platform="jd", wait_until=desk.now + timedelta(seconds=1)),
        make_shop(session, slug="pdd", platform="pdd", wait_until=desk.now, state="stopped"),
    )
    upstream.go_on(desk)
    upstream.go_on(desk)
    assert desk.later == [(Job.PULL_SHOP, ("tb",))]
    session.expire_all()
    assert over.wait_until is None
    assert (waits.wait_until, stopped.wait_until) == (desk.now + timedelta(seconds=1), desk.now)
