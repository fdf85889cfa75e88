from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers import commands, pressing, shops, show, trail
from handlers.desk import Desk, Job, Refusal
from handlers.views import CaseView, HelpView, TextView
from models import Case, Cursor, Notification, Shop, TrailRow
from tests.cast import Cast
from tests.factories import make_shop, pressed, typed


def test_shops_follow_the_settings_and_keep_what_was_read(desk: Desk, session: Session) -> None:
    shops.sync_shops(desk)
    taobao = session.scalars(select(Shop).where(Shop.slug == "tb")).one()
    taobao.name, taobao.state = "旧名", "stopped"
    session.flush()

    shops.sync_shops(desk)

    session.expire_all()
    assert session.scalar(select(func.count(Shop.id))) == 3
    assert (taobao.name, taobao.state) == ("青禾淘宝店", "stopped")
    shops.sync_shops(Desk(session, desk.now, desk.settings.model_copy(update={"shops": ()})))


def test_shops_know_of_which_couriers_their_platform_can_be_told(desk: Desk, session: Session) -> None:
    shops.sync_shops(desk)
    taobao = session.scalars(select(Shop).where(Shop.slug == "tb")).one()
    assert taobao.couriers is None
    shops.note_couriers(desk, taobao.id, ["ems", "jd"])
    session.expire_all()
    assert taobao.couriers == ["ems", "jd"]

    shops.sync_shops(desk)
    session.expire_all()
    assert taobao.couriers is None, "the next pull asks anew"


def test_a_stopped_shop_is_one_matter_for_the_supervisors_told_once(desk: Desk, session: Session, cast: Cast) -> None:
    shop = make_shop(session, state="stopped", problem="店铺授权已过期，请重新授权")

    shops.stopped(desk, shop.id)
    shops.stopped(desk, shop.id)

    case = session.scalars(select(Case)).one()
    assert (case.kind, case.role, case.reason) == (
        "shop_stopped", "supervisor", "青禾淘宝店已停止同步：店铺授权已过期，请重新授权。处理好后请发：恢复 tb",
    )  # fmt: skip
    told = session.scalars(select(Notification)).one()
    assert (told.channel, told.recipient) == ("staff", str(cast.chenjie.staff_id))
    assert trail.verify(session, f"case:{case.id}")
    view = show.show(desk, f"case:{case.id}", None)
    assert isinstance(view, CaseView)
    assert (view.title, view.shop, view.tag, view.receiver) == ("店铺停止同步", "青禾淘宝店", "", "")
    assert [offer.action for offer in view.offers] == ["claim", "refresh"]
    assert [offer.action for offer in view.more] == ["useful", "false_alarm", "trail"]


def test_a_shop_that_cannot_be_read_for_long_is_told_once_and_a_stop_changes_the_reason(
    desk: Desk, session: Session, cast: Cast
) -> None:
    shop = make_shop(session, problem="平台没有应答")
    cursor = Cursor(shop_id=shop.id, api="a", synced_to=desk.now, moved_at=desk.now - shops.SILENCE / 2)
    session.add(cursor)
    session.flush()
    shops.unread(desk, shop.id)
    assert not session.scalars(select(Case)).all(), "a moment's silence is nobody's matter"

    cursor.moved_at = desk.now - shops.SILENCE
    session.flush()
    shops.unread(desk, shop.id)
    shops.unread(desk, shop.id)
    case = session.scalars(select(Case)).one()
    assert case.reason == "青禾淘宝店已超过 30 分钟没有同步成功：平台没有应答。会继续自动重试"
    assert session.scalars(select(Notification)).one().recipient == str(cast.chenjie.staff_id)

    shop.state, shop.problem = "stopped", "店铺授权已过期，请重新授权"
    session.flush()
    shops.stopped(desk, shop.id)
    shops.unread(desk, shop.id)
    session.refresh(case)
    assert case.reason == "青禾淘宝店已停止同步：店铺授权已过期，请重新授权。处理好后请发：恢复 tb"


def test_it_can_be_claimed_by_the_supervisor(desk: Desk, session: Session, cast: Cast) -> None:
    shop = make_shop(session, state="stopped")
    shops.stopped(desk, shop.id)
    case = session.scalars(select(Case)).one()

    view = pressing.press(desk, pressed("claim", f"case:{case.id}"), cast.chenjie)

    assert isinstance(view, CaseView)
    assert view.owner == "陈姐"
    assert trail.verify(session, f"case:{case.id}")


def test_a_shop_that_is_read_again_ends_it(desk: Desk, session: Session, cast: Cast) -> None:
    shop = make_shop(session, state="stopped")
    shops.stopped(desk, shop.id)

    shops.resumed(desk, shop.id)
    shops.resumed(desk, shop.id)

    case = session.scalars(select(Case).execution_options(populate_existing=True)).one()
    assert (case.state, case.solution) == ("solved", "已恢复同步")
    assert trail.verify(session, f"case:{case.id}")


def test_a_supervisor_resumes_a_shop_from_chat(desk: Desk, session: Session, cast: Cast) -> None:
    shop = make_shop(session, state="stopped", problem="授权过期")
    shops.stopped(desk, shop.id)
    case = session.scalars(select(Case)).one()
    assert "恢复 tb" in case.reason

    with pytest.raises(Refusal, match="恢复由主管操作"):
        commands.run(desk, typed("恢复 tb"), cast.xiaoli)
    desk.later.clear()
    view = commands.run(desk, typed("恢复 青禾淘宝店"), cast.chenjie)

    session.expire_all()
    assert isinstance(view, TextView)
    assert view.text.startswith("青禾淘宝店已恢复，马上从断点续拉")
    assert (shop.state, desk.later) == ("working", [(Job.PULL_SHOP, ("tb",))])
    row = session.scalars(select(TrailRow).where(TrailRow.subject == f"shop:{shop.id}")).one()
    assert (row.action, row.actor) == ("恢复同步", "陈姐")
    again = commands.run(desk, typed("恢复 tb"), cast.chenjie)
    assert isinstance(again, TextView)
    assert again.text == "青禾淘宝店没有停止，照常同步中"
    helped = commands.run(desk, typed("帮助"), cast.chenjie)
    assert isinstance(helped, HelpView)
    assert "恢复 店铺" in [entry.usage for entry in helped.commands]


def test_a_person_lets_a_shop_be_read_again(desk: Desk, session: Session) -> None:
    shop = make_shop(session, state="stopped", problem="授权过期")

    assert shops.resume(desk, "tb")
    assert not shops.resume(desk, "nirgends")

    session.expire_all()
    assert (shop.state, shop.problem) == ("working", "")
    assert desk.later == [(Job.PULL_SHOP, ("tb",))]
