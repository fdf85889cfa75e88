"""A silent shop is one case with figures; it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from handlers import pressing, shops, show, trail, upstream
from handlers.completeness import silence
from handlers.desk import Desk
from handlers.views import CaseView
from models import Arrival, Case, Cursor, JobRun, Notification, Shop
from models.shop import GOES_ON
from tests.cast import Cast
from tests.factories import pressed

SILENT = timedelta(minutes=25)


@pytest.fixture(autouse=True)
def _busy_shops(desk: Desk, session: Session) -> None:
    """Five weeks of 72 orders an hour; the last order came 25 minutes ago, the last pull was just now."""
    shops.sync_shops(desk)
    for shop in session.scalars(select(Shop.id)).all():
        learn(session, desk, shop)
        session.add(Cursor(shop_id=shop, api="list", synced_to=desk.now - timedelta(minutes=1), moved_at=desk.now))
    for slug in ("jd", "pdd"):
        hear(session, desk, slug, timedelta(minutes=1))
    session.flush()


def learn(session: Session, desk: Desk, shop: int, weeks: int = 5) -> None:
    last = desk.now - SILENT
    for number in range(weeks * 7 * 24):
        hour = last.replace(minute=0) - timedelta(hours=number)
        last_at = last if number == 0 else hour + timedelta(minutes=59)
        session.add(Arrival(shop_id=shop, hour=hour, orders=72, last_at=last_at))


def number(session: Session, slug: str) -> int:
    return session.scalars(select(Shop.id).where(Shop.slug == slug)).one()


def hear(session: Session, desk: Desk, slug: str, ago: timedelta) -> None:
    """A new order of so long ago."""
    at = desk.now - ago
    row = Arrival(shop_id=number(session, slug), hour=at.replace(minute=0, second=0), orders=1, last_at=at)
    session.merge(row)
    session.flush()


def live(session: Session) -> list[Case]:
    found = select(Case).where(Case.state.in_(("open", "claimed"))).order_by(Case.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def test_a_silent_shop_is_told_once_with_figures(desk: Desk, session: Session, cast: Cast) -> None:
    for _ in range(3):
        silence.look(desk)
    (case,) = live(session)
    assert (case.kind, case.shop_id, case.role) == ("sync_silent", number(session, "tb"), "supervisor")
    assert case.reason.startswith("青禾淘宝店平时这个时候每 10 分钟约 12 单，已 25 分钟没有新单。")
    told = session.scalars(select(Notification).where(Notification.purpose == "card")).all()
    assert [one.recipient for one in told] == [str(cast.chenjie.staff_id)]
    assert trail.verify(session, f"case:{case.id}")


def test_it_ends_when_orders_come(desk: Desk, session: Session) -> None:
    silence.look(desk)
    (case,) = live(session)
    hear(session, desk, "tb", timedelta(minutes=2))
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution, live(session)) == ("solved", "有新单了", [])


def test_what_a_person_ended_is_not_raised_again_for_the_same_silence(
    desk: Desk, session: Session, cast: Cast
) -> None:  # fmt: skip
    silence.look(desk)
    (case,) = live(session)
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.chenjie)
    silence.look(desk)
    assert live(session) == []
    hear(session, desk, "tb", SILENT - timedelta(minutes=1))
    silence.look(desk)
    assert len(live(session)) == 1, "an order came, and then nothing again"


def test_the_first_weeks_raise_no_alarm(desk: Desk, session: Session) -> None:
    tb = number(session, "tb")
    session.execute(delete(Arrival).where(Arrival.shop_id == tb))
    learn(session, desk, tb, weeks=3)
    session.flush()
    silence.look(desk)
    assert live(session) == []
    session.execute(delete(Arrival).where(Arrival.shop_id == tb))
    silence.look(desk)
    assert live(session) == [], "nor does a shop of which nothing is known"


@pytest.mark.parametrize("why", ["stopped", "waiting", "disabled"])
def test_a_shop_that_is_not_read_is_not_called_silent(desk: Desk, session: Session, why: str) -> None:
    tb = update(Shop).where(Shop.slug == "tb")
    if why == "stopped":
        session.execute(tb.values(state="stopped"))
    elif why == "waiting":
        session.execute(tb.values(wait_until=desk.now + timedelta(minutes=5)))
    else:
        first, *others = desk.settings.shops
        off = (first.model_copy(update={"enabled": False}), *others)
        desk = replace(desk, settings=desk.settings.model_copy(update={"shops": off}))
    silence.look(desk)
    assert live(session) == []


def stand(session: Session, desk: Desk, slug: str, minutes: float) -> None:
    moved = desk.now - timedelta(minutes=minutes)
    mine = update(Cursor).where(Cursor.shop_id == number(session, slug))
    session.execute(mine.values(moved_at=moved, synced_to=moved - timedelta(minutes=1)))


def test_a_cursor_that_stands_while_the_others_move_is_told_and_ends_when_it_moves(
    desk: Desk, session: Session
) -> None:  # fmt: skip
    hear(session, desk, "tb", timedelta(minutes=1))
    stand(session, desk, "jd", 29)
    silence.look(desk)
    assert live(session) == [], "a pull may take its time"
    stand(session, desk, "jd", 31)
    silence.look(desk)
    (case,) = live(session)
    assert (case.shop_id, case.evidence["what"]) == (number(session, "jd"), "cursor")
    assert case.reason.startswith("青禾京东店已 31 分钟没有读到平台数据，其他店铺正常。")
    stand(session, desk, "jd", 0)
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution) == ("solved", "已恢复同步")


def test_a_shop_whose_pull_complains_is_told_of_once_and_not_here(desk: Desk, session: Session) -> None:
    hear(session, desk, "tb", timedelta(minutes=1))
    stand(session, desk, "jd", 31)
    session.execute(update(Shop).where(Shop.slug == "jd").values(problem="平台没有应答（network）"))
    silence.look(desk)
    assert live(session) == []


def test_the_notice_of_a_wrong_clock_mutes_nothing(desk: Desk, session: Session) -> None:
    hear(session, desk, "tb", timedelta(minutes=1))
    stand(session, desk, "jd", 31)
    notice = f"本机时间比平台慢约 5 分钟，请校准服务器时间{GOES_ON}"
    session.execute(update(Shop).where(Shop.slug == "jd").values(problem=notice))
    silence.look(desk)
    assert [case.kind for case in live(session)] == ["sync_silent"]


def test_where_all_stand_nobody_reads_and_that_is_one_matter(desk: Desk, session: Session, cast: Cast) -> None:
    for slug in ("tb", "jd", "pdd"):
        stand(session, desk, slug, 90)
    for _ in range(2):
        silence.look(desk)
    (case,) = live(session)
    assert (case.kind, case.shop_id, case.role) == ("pull_stopped", None, "supervisor")
    assert case.reason.startswith("同步进程没有在运行：已 90 分钟没有读到任何店铺")
    view = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(view, CaseView)
    assert (view.title, view.severity) == ("同步进程停止", "P1")
    assert trail.verify(session, f"case:{case.id}")
    stand(session, desk, "jd", 0)
    hear(session, desk, "tb", timedelta(minutes=1))
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution) == ("solved", "已恢复同步")


def test_so_it_is_with_one_shop_alone(desk: Desk, session: Session) -> None:
    desk = replace(desk, settings=desk.settings.model_copy(update={"shops": desk.settings.shops[:1]}))
    stand(session, desk, "tb", 31)
    silence.look(desk)
    assert [case.kind for case in live(session)] == ["pull_stopped"]


def test_a_pull_that_reads_nothing_shows_that_somebody_is_there(desk: Desk, session: Session) -> None:
    for slug in ("tb", "jd", "pdd"):
        stand(session, desk, slug, 90)
        session.execute(update(Shop).values(problem="平台没有应答（network）"))
    shops.tried(desk, number(session, "pdd"))
    silence.look(desk)
    assert live(session) == [], "what they complain of is told as such"


def test_a_dead_puller_that_a_person_settled_is_not_raised_again(desk: Desk, session: Session, cast: Cast) -> None:
    for slug in ("tb", "jd", "pdd"):
        stand(session, desk, slug, 90)
    silence.look(desk)
    session.execute(update(Case).values(state="solved"))
    silence.look(desk)
    assert live(session) == []


@pytest.mark.parametrize(("minutes", "told"), [(1, False), (20, True), (90, False)])
def test_a_hub_that_was_off_gives_its_puller_time(desk: Desk, session: Session, minutes: float, told: bool) -> None:
    """Told only where the hub itself has looked for a while: 90 minutes ago it was switched off."""
    for slug in ("tb", "jd", "pdd"):
        stand(session, desk, slug, 90)
    at = desk.now - timedelta(minutes=minutes)
    session.add(JobRun(job="look", planned_at=at, started_at=at))
    session.flush()
    silence.look(desk)
    assert bool(live(session)) is told


@pytest.mark.parametrize("why", ["upstream", "stopped"])
def test_what_is_told_already_is_not_told_a_second_time(desk: Desk, session: Session, why: str) -> None:
    tb = number(session, "tb")
    if why == "upstream":
        upstream.sync(desk, [upstream.Down("taobao", "淘宝接口", "超时", 9, 10, desk.now)])
    else:
        shops.stopped(desk, tb)
    before = len(live(session))
    silence.look(desk)
    assert len(live(session)) == before == 1


def test_small_shops_of_one_application_are_silent_together(desk: Desk, session: Session, cast: Cast) -> None:
    """Twelve orders an hour each: 25 minutes say nothing of one, and something of three."""
    settings = desk.settings.model_copy(
        update={"shops": tuple(shop.model_copy(update={"platform": "taobao"}) for shop in desk.settings.shops)}
    )
    together = replace(desk, settings=settings)
    shops.sync_shops(together)
    session.execute(update(Arrival).values(orders=12))
    last = desk.now - SILENT
    session.execute(update(Arrival).where(Arrival.last_at > last).values(last_at=last))
    apart = tuple(shop.model_copy(update={"app_key": str(number)}) for number, shop in enumerate(settings.shops))
    silence.look(replace(desk, settings=settings.model_copy(update={"shops": apart})))
    assert live(session) == [], "each has an application of its own"
    for _ in range(2):
        silence.look(together)
    (case,) = live(session)
    assert (case.shop_id, len(case.evidence["shops"])) == (None, 3)
    assert case.reason.startswith("青禾淘宝店、青禾京东店、青禾拼多多店 3 家店合起来，平时这个时候")
    view = show.show(desk, f"case:{case.id}", cast.chenjie)
    assert isinstance(view, CaseView)
    pressing.press(desk, pressed("solve", f"case:{case.id}", revision=case.revision), cast.chenjie)
    silence.look(together)
    assert live(session) == [], "of this silence people were told"
    hear(session, desk, "jd", timedelta(minutes=1))
    silence.look(together)
    assert live(session) == []


def test_a_pool_s_silence_ends_when_one_of_them_speaks(desk: Desk, session: Session) -> None:
    shops_of_one = tuple(shop.model_copy(update={"platform": "taobao"}) for shop in desk.settings.shops)
    desk = replace(desk, settings=desk.settings.model_copy(update={"shops": shops_of_one}))
    shops.sync_shops(desk)
    session.execute(update(Arrival).values(orders=12))
    last = desk.now - SILENT
    session.execute(update(Arrival).where(Arrival.last_at > last).values(last_at=last))
    silence.look(desk)
    (case,) = live(session)
    hear(session, desk, "jd", timedelta(minutes=1))
    silence.look(desk)
    session.expire_all()
    assert (case.state, case.solution) == ("solved", "有新单了")


def test_files_and_mails_come_when_people_send_them(desk: Desk, session: Session) -> None:
    session.execute(update(Shop).where(Shop.slug == "tb").values(platform="sheet"))
    silence.look(desk)
    assert live(session) == []


def test_what_is_older_than_anything_asked_for_is_forgotten(desk: Desk, session: Session) -> None:
    hear(session, desk, "tb", timedelta(days=61))
    hear(session, desk, "tb", timedelta(days=59))
    silence.forget(desk)
    oldest = session.scalars(select(Arrival.last_at).order_by(Arrival.hour)).first()
    assert oldest == desk.now - timedelta(days=59)
