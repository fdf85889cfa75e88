from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta

from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from config import Settings
from handlers import login
from handlers.desk import Desk, OpenDesk
from models import Case, FieldValue, Order, OwnField, TrailRow
from models.case import short_code
from tests.cast import Cast
from tests.factories import NOW, make_case, make_order
from tests.web.conftest import enter, link_path, order_id


def test_without_a_pass_the_board_says_how_to_get_in(browser: FlaskClient) -> None:
    for path in ("/board", "/orders/1", "/enter", "/enter?t=forged"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert "看板" in answer.text
        assert "TB-" not in answer.text
    assert browser.get("/").headers["Location"] == "/board"


def test_a_link_from_the_chat_shows_the_columns_with_stale_orders_marked(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    page = browser.get("/board").text
    assert page.index("TB-20251222-002") < page.index("TB-20251222-001"), "the oldest first"
    assert page.count("超时") == 1
    assert "小李" in page


def test_the_cookie_is_out_of_reach_for_scripts_and_pages_are_not_kept(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast
) -> None:
    cookie = browser.get(link_path(open_desk, cast.xiaoli)).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = browser.get("/board")
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_an_order_is_shown_masked_with_its_trail(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.laowang)
    page = browser.get(f"/orders/{order_id(sessions)}").text
    assert "王小明" not in page
    assert "13800001234" not in page
    assert "西湖区" in page
    assert "轨迹" in page


def test_the_companys_own_fields_stand_on_the_orders_page_where_they_are_set(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    shown = order_id(sessions)
    with sessions.begin() as session:
        field = OwnField(name="贺卡", kind="text", made_at=NOW, made_by="陈姐")
        session.add_all([field, OwnField(name="礼盒", kind="yesno", made_at=NOW, made_by="陈姐")])
        session.flush()
        session.add(FieldValue(order_id=shown, field_id=field.id, value="<b>祝好</b>", set_at=NOW, set_by="小李"))
    enter(browser, open_desk, cast.laowang)
    page = browser.get(f"/orders/{shown}").text
    assert "<dt>贺卡</dt><dd>&lt;b&gt;祝好&lt;/b&gt;</dd>" in page
    assert "礼盒" not in page


def test_only_an_order_that_is_still_here_has_a_day_by_which_it_must_leave(
    browser: FlaskClient, open_desk: OpenDesk, sessions: sessionmaker[Session], cast: Cast
) -> None:
    with sessions() as session:
        due = NOW + timedelta(hours=45)
        here = make_order(session, tag="TB-20251222-021", ship_by_at=due).id
        gone = make_order(session, tag="TB-20251222-022", ship_by_at=due, stage="done").id
        session.commit()
    enter(browser, open_desk, cast.xiaoli)
    assert "最晚发货" in browser.get(f"/orders/{here}").text
    assert "最晚发货" not in browser.get(f"/orders/{gone}").text


def test_an_order_that_is_not_there_is_said(browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
    enter(browser, open_desk, cast.laowang)
    answer = browser.get("/orders/999999")
    assert answer.status_code == 404
    assert "没有找到" in answer.text


def test_a_press_moves_the_order_and_leaves_a_trail(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    number = order_id(sessions)
    form = {"action": "approve:pending_review", "revision": "1"}
    answer = browser.post(f"/orders/{number}", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    assert "待配货" in browser.get(answer.headers["Location"]).text
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_pick"
        row = session.scalars(select(TrailRow).order_by(TrailRow.id.desc()).limit(1)).one()
        assert (row.actor, row.source) == ("小李", "web")


def test_what_may_be_a_reship_is_asked_on_the_page_too(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        perhaps = make_order(session, kind="perhaps_reship", kind_evidence="备注提到“补发”")
        session.commit()
    enter(browser, open_desk, cast.xiaoli)
    assert "不是补发" in browser.get(f"/orders/{perhaps.id}").text

    browser.post(f"/orders/{perhaps.id}", data={"action": "deny_kind", "revision": "1"})

    with sessions() as session:
        assert session.get_one(Order, perhaps.id).kind == "normal"
    assert "deny_kind" not in browser.get(f"/orders/{perhaps.id}").text


def test_a_press_beyond_the_role_is_refused_and_changes_nothing(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.laowang)
    number = order_id(sessions)
    answer = browser.post(f"/orders/{number}", data={"action": "approve:pending_review", "revision": "1"})
    assert "客服" in browser.get(answer.headers["Location"]).text
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_review"


def test_a_form_of_another_site_or_without_its_fields_is_refused(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    number = order_id(sessions)
    form = {"action": "approve:pending_review", "revision": "1"}
    for foreign in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    ):
        assert browser.post(f"/orders/{number}", data=form, headers=foreign).status_code == 403, foreign
    assert browser.post(f"/orders/{number}", data={"action": "approve"}).status_code == 400
    with sessions() as session:
        assert session.get_one(Order, number).stage == "pending_review"


def test_a_form_of_the_board_itself_passes_also_behind_a_proxy_that_renames_the_host(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    own = {"Origin": "http://127.0.0.1:8780", "Sec-Fetch-Site": "same-origin"}
    answer = browser.post(f"/orders/{order_id(sessions)}", data={"action": "approve", "revision": "1"}, headers=own)
    assert answer.status_code == 303


def test_an_entry_names_shop_money_and_what_is_wrong(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        order = session.get_one(Order, order_id(sessions))
        make_case(session, order)
        make_case(session, order, kind="short_stock", role="purchasing", reason="缺 2 件", state="solved")
        make_case(session, order, kind="stale_stage", evidence={"stage": "pending_review"})
        session.commit()
    enter(browser, open_desk, cast.laowang)
    page = browser.get("/board").text
    entry = page[page.index("TB-20251222-001") :]
    assert "青禾淘宝店" in entry
    assert "¥138.00" in entry
    assert "地址模糊" in entry
    assert "缺货" not in entry, "solved"
    assert "待审核超时" not in entry, "the entry itself says whether it is late"


def test_a_long_column_says_how_many_more_there_are_and_loads_them(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        for _ in range(58):
            make_order(session, stage_entered_at=NOW - timedelta(minutes=30))
        session.commit()
    enter(browser, open_desk, cast.laowang)
    page = browser.get("/board").text
    assert page.count('href="/orders/') == 50
    assert "还有 10 单" in page
    assert "/board?pending_review=100#pending_review-51" in page

    page = browser.get("/board?pending_review=100").text
    assert page.count('href="/orders/') == 60
    assert "还有" not in page
    for odd in ("x", "-3", "0", "9" * 30):
        assert browser.get(f"/board?pending_review={odd}").status_code == 200


def test_a_locked_order_says_once_what_locks_it_and_who_unlocks_it(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    number, code = lock(sessions)
    enter(browser, open_desk, cast.laowang)
    page = browser.get(f"/orders/{number}").text
    assert page.count("地址模糊：缺区县") == 1
    assert f"处理后自动解锁：{code}（客服）" in page
    buttons = re.findall(r'<button name="action" value="([^"]*)"', page)
    assert buttons == ["useful", "false_alarm"], "it is no matter of the warehouse, which may say what it thinks of it"


def test_the_matter_that_locks_an_order_can_be_settled_on_its_page(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    number, _ = lock(sessions)
    enter(browser, open_desk, cast.xiaoli)
    page = browser.get(f"/orders/{number}").text
    assert "已确认" in page
    assert "转交" not in page, "it needs a person to be chosen"
    with sessions() as session:
        case = session.scalars(select(Case)).one()
    form = {"subject": f"case:{case.id}", "action": "solve", "revision": str(case.revision)}
    answer = browser.post(f"/orders/{number}", data=form)
    page = browser.get(answer.headers["Location"]).text
    assert "小李已确认" in page
    assert 'value="approve:pending_review"' in page, "it is unlocked"


def test_the_wish_for_a_later_day_is_granted_by_a_day_chosen_on_the_page(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    number = order_id(sessions)
    with sessions() as session:
        made = make_case(session, session.get_one(Order, number), kind="delay_request", evidence={}, blocks=False)
        session.commit()
    enter(browser, open_desk, cast.xiaoli)
    assert '<option value="date=2025-12-25"' in browser.get(f"/orders/{number}").text
    form = {"subject": f"case:{made.id}", "action": "delay:accept", "revision": "1", "pick": "date=2025-12-25"}
    browser.post(f"/orders/{number}", data=form)
    with sessions() as session:
        assert session.get_one(Order, number).not_before_at is not None


def test_a_claim_on_the_page_promises_what_was_chosen(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    number, _ = lock(sessions)
    enter(browser, open_desk, cast.xiaoli)
    assert '<option value="minutes=30"' in browser.get(f"/orders/{number}").text
    with sessions() as session:
        case = session.scalars(select(Case)).one()
    form = {"subject": f"case:{case.id}", "action": "claim", "revision": str(case.revision), "pick": "minutes=30"}
    assert "30 分钟内处理" in browser.get(browser.post(f"/orders/{number}", data=form).headers["Location"]).text
    with sessions() as session:
        assert session.scalars(select(Case)).one().claimed_until == NOW + timedelta(minutes=30)


def test_who_cannot_take_the_next_step_reads_whose_it_is(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.laowang)
    assert "下一步：审核（客服）" in browser.get(f"/orders/{order_id(sessions)}").text


def lock(sessions: sessionmaker[Session]) -> tuple[int, str]:
    """The order, locked by a vague address, and the case's short code."""
    number = order_id(sessions)
    with sessions() as session:
        order = session.get_one(Order, number)
        order.lock_reason = "地址模糊：缺区县"
        made = make_case(session, order)
        session.commit()
        return number, short_code(made.id)


def test_a_locked_order_shows_what_locks_many_beside_its_own_matter(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    number, _ = lock(sessions)
    with sessions() as session:
        session.get_one(Order, number).lock_reason += "；货品未匹配：马克杯（平台 SKU 1）没有商家编码"
        session.commit()

    enter(browser, open_desk, cast.xiaoli)
    page = browser.get(f"/orders/{number}").text

    assert page.count("货品未匹配：马克杯（平台 SKU 1）没有商家编码") == 1
    assert page.count("地址模糊：缺区县") == 1


@contextmanager
def later(sessions: sessionmaker[Session], settings: Settings, at: datetime) -> Iterator[Desk]:
    with sessions() as session:
        yield Desk(session=session, now=at, settings=settings)


def test_a_link_ends_after_a_quarter_of_an_hour_and_a_pass_after_a_shift(
    sessions: sessionmaker[Session],
    settings: Settings,
    cast: Cast,
    open_desk: Callable[[], AbstractContextManager[Desk]],
) -> None:
    with open_desk() as desk:
        ticket = login.link(desk, cast.xiaoli).partition("t=")[2]
        given = login.pass_for(desk, ticket)
        assert given is not None
        assert login.holder(desk, ticket) is None, "a link's ticket is no pass"
    with later(sessions, settings, NOW + timedelta(minutes=16)) as desk:
        assert login.pass_for(desk, ticket) is None
        holder = login.holder(desk, given[0])
        assert holder is not None
        assert (holder.name, holder.source) == ("小李", "web")
    with later(sessions, settings, NOW + timedelta(hours=13)) as desk:
        assert login.holder(desk, given[0]) is None


def test_who_left_is_out_at_once(
    browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]
) -> None:
    enter(browser, open_desk, cast.xiaoli)
    with sessions() as session:
        session.execute(text("UPDATE staff SET active = false WHERE wecom_userid = 'xiaoli'"))
        session.commit()
    assert browser.get("/board").status_code == 401
