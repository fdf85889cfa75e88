"""A file with orders on its whole way: handed in, fetched, looked at, asked about, read, told, and taken back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

import jobs
from config import parse
from handlers import commands, stages, trail
from handlers.actions import drop_double, solve
from handlers.desk import Actor, Job, Refusal
from handlers.incoming import Attached
from handlers.received import look as received_look
from handlers.received import received
from handlers.received import report as received_report
from handlers.received import undo as received_undo
from handlers.received.received import KnownAlready
from handlers.views import TextView
from models import Case, Notification, Order, RawPayload, Received, Shop, Stock, TrailRow
from models.received import State
from models.stages import Verb
from tests.cast import Cast, hire_all
from tests.conftest import settings_document
from tests.factories import make_order, make_shop, pressed, typed
from tests.flows.house import in_parallel
from tests.ingest.sheet.books import LI, MANUAL, WANG, text, xlsx
from tests.serving_files import FileServer
from wire import Hub
from workers import receiving


class Moving:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class House:
    """The hub with one inbox or several; its queue is worked off when asked."""

    def __init__(self, hub: Hub, clock: Moving, todo: list[tuple[Job, tuple[Any, ...]]], cast: Cast) -> None:
        self.hub, self.clock, self.todo, self.cast = hub, clock, todo, cast

    def desk(self) -> Any:
        return self.hub.open_desk()

    def work(self) -> None:
        while self.todo:
            job, arguments = self.todo.pop(0)
            if job is Job.READ_RECEIVED:
                jobs.read_received(*arguments)
            elif job is Job.PULL_SHOP:
                jobs.pull_shop(*arguments)

    def hand_in(self, content: bytes, *, by: Actor | None = None, name: str = "订单.xlsx") -> int:
        """On the board, looked over, and imported."""
        actor = replace(by or self.cast.xiaoli, source="web")
        with self.desk() as desk:
            number = received.hand_in(desk, actor, name, content)
        self.work()
        with self.desk() as desk:
            file = received.locked(desk, number, State.PREVIEW)
            assert file is not None
            received_look.start(desk, file, actor)
        self.work()
        return number

    def send(self, content: bytes, files: FileServer, *, by: Actor | None = None, name: str = "订单.xlsx") -> str:
        """In the chat; what is answered at once."""
        address = files.put(content, name)
        actor = by or self.cast.xiaoli
        with self.desk() as desk:
            said = received.expect(desk, actor, Attached(address, files.key))
        self.work()
        return said

    def say(self, words: str, *, by: Actor | None = None) -> str:
        with self.desk() as desk:
            view = commands.run(desk, typed(words, is_group=False), by or self.cast.xiaoli)
        self.work()
        assert isinstance(view, TextView)
        return view.text

    def file(self, number: int) -> Received:
        with self.hub.sessions() as session:
            return session.get_one(Received, number)

    def states(self) -> list[str]:
        with self.hub.sessions() as session:
            return list(session.scalars(select(Received.state).order_by(Received.id)))

    def told(self) -> list[str]:
        """What was owed to people about files, oldest first."""
        with self.hub.sessions() as session:
            rows = session.scalars(select(Notification).where(Notification.subject.like("received:%")))
            return [str(row.body["text"]) for row in sorted(rows, key=lambda row: row.id)]

    def orders(self) -> list[Order]:
        with self.hub.sessions() as session:
            return list(session.scalars(select(Order).order_by(Order.id)))

    def count(self, what: Any) -> int:
        with self.hub.sessions() as session:
            return session.scalar(select(func.count()).select_from(what)) or 0


def document(*inboxes: str) -> dict[str, object]:
    found = settings_document()
    found["shops"] = [
        {"slug": slug, "platform": "sheet", "prefix": "XLS", "name": name}
        for slug, name in zip(("xls", "mendian", "tuan"), inboxes, strict=False)
    ]
    return found


@pytest.fixture
def open_house(
    engine: Engine, sessions: sessionmaker[Session], redis: Redis, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., House]:
    def opened(*inboxes: str) -> House:
        clock, todo = Moving(now + timedelta(seconds=0.4)), []
        settings = parse(document(*(inboxes or ("线下表格",))))
        hub = Hub(settings, engine, sessions, redis, clock, lambda _hub, job, arguments: todo.append((job, arguments)))  # type: ignore[arg-type]
        with sessions() as session:
            for shop in settings.shops:
                values = {"slug": shop.slug, "platform": "sheet", "prefix": "XLS", "name": shop.name, "ship_hours": 48}
                session.add(Shop(**values))
            cast = hire_all(session)
            session.commit()
        monkeypatch.setattr(jobs, "hub", lambda: hub)
        return House(hub, clock, todo, cast)

    return opened


@pytest.fixture
def house(open_house: Callable[..., House]) -> House:
    return open_house()


@pytest.fixture
def files() -> Iterator[FileServer]:
    with FileServer() as served:
        yield served


BAD = ("赵国庆", "1380000123", "江苏省南京市江宁区秣陵街道胜太路1号", "碗", 1, 20, "")


# -- imported


def test_a_file_sent_in_the_chat_becomes_orders_and_the_sender_hears_of_bad_rows(
    house: House, files: FileServer
) -> None:
    assert house.send(xlsx(MANUAL, WANG, LI, BAD), files) == "收到文件，正在读取，马上告诉您结果"
    assert [order.tag for order in house.orders()] == ["XLS-20251222-001", "XLS-20251222-002"]
    (told,) = house.told()
    assert told.startswith(
        "「订单.xlsx」导入完成：新建 2 单，1 行有问题\n第 4 行：电话不是 11 位（现在 10 位），请核对"
    )
    assert "13800" not in told
    (file,) = [house.file(1)]
    assert (file.state, file.report and file.report["new"]) == (State.DONE, 2)


def test_the_same_file_again_changes_nothing_and_says_who_imported_it(house: House, files: FileServer) -> None:
    content = xlsx(MANUAL, WANG)
    house.send(content, files)
    house.clock.at += timedelta(minutes=20)
    house.send(content, files, by=house.cast.chenjie)
    assert house.told()[-1].startswith("「订单.xlsx」12-22 10:00 已由小李导入过，新建 1 单。没有再导入")
    with pytest.raises(KnownAlready, match="小李"), house.desk() as desk:
        received.hand_in(desk, house.cast.chenjie, "x.xlsx", content)
    assert (len(house.orders()), house.count(RawPayload)) == (1, 1)


def test_the_same_file_handed_in_several_times_at_once_is_one(house: House) -> None:
    content = xlsx(MANUAL, WANG)

    def hand_in() -> int:
        with house.desk() as desk:
            return received.hand_in(desk, house.cast.xiaoli, "订单.xlsx", content)

    assert len(set(in_parallel([hand_in] * 6))) == 1
    assert house.count(Received) == 1


def test_the_same_file_sent_twice_at_once_in_the_chat_is_imported_once(house: House, files: FileServer) -> None:
    address = files.put(xlsx(MANUAL, WANG), "订单.xlsx")
    for _ in range(2):
        with house.desk() as desk:
            received.expect(desk, house.cast.xiaoli, Attached(address, files.key))
    house.todo.clear()
    in_parallel([functools.partial(jobs.read_received, number) for number in (1, 2)])
    house.work()
    assert len(house.orders()) == 1
    assert sum("导入完成：新建 1 单" in said for said in house.told()) == 1
    assert set(house.states()) <= {State.DONE, State.REFUSED}


def test_the_same_rows_in_another_file_change_nothing(house: House) -> None:
    house.hand_in(xlsx(MANUAL, WANG, LI))
    before = [(order.revision, order.trail_hash) for order in house.orders()]
    house.clock.at += timedelta(minutes=20)
    number = house.hand_in(text(("一月的单", "", "", "", "", "", ""), MANUAL, LI, WANG))
    assert [(order.revision, order.trail_hash) for order in house.orders()] == before
    report = house.file(number).report
    assert report is not None
    assert (report["new"], report["changed"], report["same"], report["repeated"]) == (0, 0, 2, 2)
    assert "当作同一单" in received_report.words(house.file(number))


def test_a_changed_row_updates_its_order(house: House) -> None:
    headings = ("订单号", *MANUAL)
    house.hand_in(xlsx(headings, ("CH20251222001", *WANG)))
    house.clock.at += timedelta(minutes=20)
    number = house.hand_in(xlsx(headings, ("CH20251222001", *WANG[:6], "改送公司")))
    (order,) = house.orders()
    assert order.seller_memo == "改送公司"
    report = house.file(number).report
    assert report is not None
    assert (report["new"], report["changed"]) == (0, 1)


def test_two_files_in_one_second_are_both_read(house: House) -> None:
    house.hand_in(xlsx(MANUAL, WANG))
    number = house.hand_in(xlsx(MANUAL, LI))  # the cursor stands at this second already
    assert house.file(number).state == State.READY
    house.clock.at += timedelta(minutes=1)
    with house.desk() as desk:
        received.overdue(desk)
    house.work()
    assert house.file(number).state == State.DONE
    assert len(house.orders()) == 2


def test_the_clocks_look_asks_again_for_a_file_that_nobody_read(house: House) -> None:
    with house.desk() as desk:
        number = received.hand_in(desk, house.cast.xiaoli, "订单.xlsx", xlsx(MANUAL, WANG))
    house.todo.clear()  # Redis was away
    house.clock.at += timedelta(minutes=1)
    jobs.look()
    assert (Job.READ_RECEIVED, (number,)) in house.todo
    house.clock.at += timedelta(hours=2)
    jobs.look()
    assert house.file(number).state == State.REFUSED, "a file that takes its reader down is not tried for ever"


def test_a_look_while_a_large_file_is_being_read_spoils_no_report(house: House) -> None:
    with house.desk() as desk:
        number = received.hand_in(desk, house.cast.xiaoli, "订单.xlsx", xlsx(MANUAL, WANG))
    jobs.read_received(number)
    assert house.file(number).state == State.READY
    house.clock.at += timedelta(minutes=2)
    with house.desk() as desk:
        received.overdue(desk)  # nobody has read it yet: asked for again, not moved
    assert house.file(number).ready_at == house.file(number).received_at.replace(microsecond=0)
    house.work()
    report = house.file(number).report
    assert report is not None
    assert (report["new"], report["same"]) == (1, 0)
    assert undo(house, number) == "已撤销：1 单取消"


def test_a_file_is_kept_sealed(house: House) -> None:
    number = house.hand_in(text(MANUAL, WANG))
    assert "王小明".encode() not in bytes(house.file(number).content)
    assert "王小明".encode() not in bytes(house.file(number).look or b"")


# -- refused


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"hello", "每行只有一列"), (xlsx(MANUAL), "只有表头"), (b"\x89PNG\r\n\x1a\n\0\0\0", "不是表格文件")],
)
def test_what_is_no_table_is_refused_in_plain_words(house: House, files: FileServer, content: bytes, why: str) -> None:
    house.send(content, files)
    (told,) = house.told()
    assert why in told
    assert house.file(1).state == State.REFUSED


def test_only_the_roles_that_may_hand_in(house: House) -> None:
    with pytest.raises(Refusal, match="导入订单由客服操作，您是仓库"), house.desk() as desk:
        received.expect(desk, house.cast.laowang, Attached("http://127.0.0.1:1/x", "k"))
    with pytest.raises(Refusal, match="10 MB"), house.desk() as desk:
        received.hand_in(desk, house.cast.xiaoli, "x.xlsx", b"x" * (received.MOST_BYTES + 1))


def test_a_file_too_large_is_not_fetched_to_its_end(house: House, files: FileServer) -> None:
    house.send(b"x" * (received.MOST_BYTES + 100), files)
    assert "超过 10 MB" in house.told()[0]


def test_a_file_that_does_not_come_is_asked_for_again_until_its_address_expires(
    house: House, files: FileServer
) -> None:
    files.down = True
    house.send(xlsx(MANUAL, WANG), files)
    assert (house.file(1).state, house.told()) == (State.FETCHING, [])
    files.down = False
    house.clock.at += timedelta(minutes=1)
    with house.desk() as desk:
        received.overdue(desk)
    house.work()
    assert house.file(1).state == State.DONE
    files.down = True
    house.send(xlsx(MANUAL, LI), files)
    house.clock.at += timedelta(minutes=6)
    with house.desk() as desk:
        received.overdue(desk)
    assert "链接已过期" in house.told()[-1]


# -- asked about


def test_unknown_headings_are_asked_about_once_and_remembered(house: House, files: FileServer) -> None:
    odd = ("客户名", "联络", "收货信息", "买的东西", "数量")
    house.send(xlsx(odd, (*WANG[:4], 2)), files)
    (asked,) = house.told()
    assert "表头 客户名、联络、收货信息、买的东西 不认识，还缺「收件人、电话、地址、商品」" in asked
    assert "列 客户名=收件人 联络=电话 收货信息=地址 买的东西=商品" in asked

    said = house.say("列 客户名=收件人 联络=电话")
    assert "还缺「地址、商品」" in said
    assert "正在导入" in house.say("列 收货信息=地址，买的东西=商品")
    (order,) = house.orders()
    assert order.district == "西湖区"

    house.clock.at += timedelta(minutes=20)
    house.send(xlsx(odd, (*LI[:4], 1)), files)
    assert len(house.orders()) == 2, "another table with these headings asks nothing"


def test_what_was_said_of_a_heading_serves_a_slightly_different_table(house: House, files: FileServer) -> None:
    odd = ("客户名", "联络", "收货信息", "买的东西")
    house.send(xlsx(odd, WANG[:4]), files)
    house.say("列 客户名=收件人 联络=电话 收货信息=地址 买的东西=商品")
    house.clock.at += timedelta(minutes=20)
    house.send(xlsx(("序", odd[1], odd[0], *odd[2:]), (1, LI[1], LI[0], *LI[2:4])), files)
    assert len(house.orders()) == 2
    house.send(xlsx(("收件人", "客户名", *odd[1:3]), (LI[0], "青禾公司", *LI[1:3])), files)
    assert "表头 客户名 不认识，还缺「商品」" in house.told()[-1], "a known column is not displaced"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("列 没有的=地址", "表里没有「没有的」这一列"),
        ("列 联络=颜值", "「颜值」不是可以用的意思"),
        ("列 联络", "请写：列 表头=意思"),
    ],
)
def test_a_wrong_answer_about_columns_is_refused_with_what_can_be_said(
    house: House, files: FileServer, words: str, why: str
) -> None:
    house.send(xlsx(("客户名", "联络", "收货信息", "买的东西"), WANG[:4]), files)
    with pytest.raises(Refusal, match=why):
        house.say(words)


def test_with_several_inboxes_the_sender_chooses(open_house: Callable[..., House], files: FileServer) -> None:
    house = open_house("门店表格", "团购表格")
    house.send(xlsx(MANUAL, WANG), files)
    assert "导入到哪个店？请回复：导入 店名\n可以选：门店表格、团购表格" in house.told()[0]
    with pytest.raises(Refusal, match="请写清楚店名"):
        house.say("导入 表格")
    assert house.say("导入 团购") == "「订单.xlsx」导入到团购表格，正在导入"
    (order,) = house.orders()
    assert order.shop_id == 2


def test_asked_alone_it_says_how_and_what_was_imported(house: House) -> None:
    house.hand_in(xlsx(MANUAL, WANG))
    said = house.say("导入")
    assert "把表格（xlsx、xls、csv）直接发给机器人" in said
    assert "订单.xlsx（小李）：新建 1 单" in said


def test_a_table_of_orders_whose_goods_are_codes_makes_orders_and_counts_nothing(house: House) -> None:
    headings = ("姓名", "电话", "地址", "货号", "数量")
    house.hand_in(xlsx(headings, (*WANG[:3], "QH-CUP-RED", 2)), by=house.cast.chenjie)
    (order,) = house.orders()
    assert order.stage == "pending_review"
    assert house.count(Stock) == 0


# -- what stands elsewhere, and what is on its way


NUMBERED = ("订单号", *MANUAL)


def cases_of(house: House) -> list[Case]:
    with house.hub.sessions() as session:
        return list(session.scalars(select(Case).where(Case.kind != "message_todo").order_by(Case.id)))


def by_interface(house: House, number: str) -> Order:
    """The same order as a marketplace's interface brings it."""
    with house.hub.sessions() as session:
        shop = session.scalars(select(Shop).where(Shop.slug == "tb")).one_or_none() or make_shop(session)
        order = make_order(session, shop_id=shop.id, external_id=number)
        session.commit()
        session.refresh(order)
    return order


def test_an_order_that_another_shop_has_is_reported_and_locked(house: House, files: FileServer) -> None:
    other = by_interface(house, "2607500001189070001")
    house.send(xlsx(NUMBERED, ("2607500001189070001", *WANG), ("2607500001189070002", *LI)), files)

    assert f"请核对：\n第 2 行：已在 青禾淘宝店（{other.tag}）\n别的店已有的先锁定了" in house.told()[0]
    (case,) = cases_of(house)
    twin, alone = [order for order in house.orders() if order.id != other.id]
    assert (case.kind, case.order_id, case.blocks, case.role) == ("duplicate_order", twin.id, True, "service")
    assert twin.lock_reason.startswith(f"重复单：平台单号已在 青禾淘宝店（{other.tag}）")
    assert alone.lock_reason == ""
    with house.desk() as desk:
        assert trail.verify(desk.session, trail.order_subject(twin.shop_id, twin.external_id))
    with pytest.raises(Refusal), house.desk() as desk:
        stages.move(desk, f"order:{twin.id}", Verb.APPROVE, house.cast.xiaoli)


def test_of_two_one_is_dropped_or_both_are_sent(house: House) -> None:
    by_interface(house, "2607500001189070001")
    by_interface(house, "2607500001189070002")
    house.hand_in(xlsx(NUMBERED, ("2607500001189070001", *WANG), ("2607500001189070002", *LI)))
    first, second = cases_of(house)
    with house.desk() as desk:
        drop_double.press(desk, pressed("drop_double", f"case:{first.id}"), house.cast.xiaoli)
        solve.press(desk, pressed("solve", f"case:{second.id}"), house.cast.xiaoli)
    dropped, kept = (order for order in house.orders() if order.tag.startswith("XLS"))
    assert (dropped.stage, kept.stage, kept.lock_reason) == ("cancelled", "pending_review", "")
    house.clock.at += timedelta(minutes=5)
    number = house.hand_in(xlsx(NUMBERED, ("2607500001189070002", *LI[:6], "改了备注")))
    assert len(cases_of(house)) == 2, "it was asked and answered"
    assert "notes" in (house.file(number).report or {})


def test_an_interfaces_order_that_comes_after_the_table_locks_it_too(house: House) -> None:
    house.hand_in(xlsx(NUMBERED, ("2607500001189070001", *WANG)))
    other = by_interface(house, "2607500001189070001")
    receiving.ask_again(house.hub)
    (case,) = cases_of(house)
    assert (case.order_id, house.orders()[0].lock_reason != "") == (house.orders()[0].id, True)
    with house.hub.sessions() as session:
        session.get_one(Order, other.id).stage = "cancelled"
        session.commit()
    receiving.ask_again(house.hub)
    assert (cases_of(house)[0].state, house.orders()[0].lock_reason) == ("solved", "")


def test_an_import_of_doubles_that_is_taken_back_leaves_no_case(house: House) -> None:
    by_interface(house, "2607500001189070001")
    number = house.hand_in(xlsx(NUMBERED, ("2607500001189070001", *WANG)))
    assert undo(house, number) == "已撤销：1 单取消"
    assert [case.state for case in cases_of(house)] == ["solved"]


def test_rows_that_change_an_order_on_its_way_are_named(house: House, files: FileServer) -> None:
    house.hand_in(xlsx(NUMBERED, ("CH20251222001", *WANG), ("CH20251222002", *LI)))
    first, _ = house.orders()
    with house.desk() as desk:
        stages.move(desk, f"order:{first.id}", Verb.APPROVE, house.cast.xiaoli)
    with house.desk() as desk:
        stages.move(desk, f"order:{first.id}", Verb.PICK, house.cast.laowang)
    house.clock.at += timedelta(minutes=20)
    moved = ("CH20251222001", *WANG[:2], "上海市浦东新区张江镇祖冲之路100号", WANG[3], 5, 138, "")
    house.send(xlsx(NUMBERED, moved, ("CH20251222002", *LI[:4], 3, *LI[5:])), files)
    assert f"第 2 行：{first.tag} 已到待发货，数量、地址变了，请核对" in house.told()[-1]
    assert "第 3 行" not in house.told()[-1], "nobody works by it yet"
    house.clock.at += timedelta(minutes=20)
    house.send(xlsx(NUMBERED, (*moved[:-1], "只改备注")), files)
    assert "请核对" not in house.told()[-1]


def test_an_order_that_was_cancelled_and_comes_as_open_is_named(house: House, files: FileServer) -> None:
    headings = (*NUMBERED, "状态")
    for memo, state in (("", "待发货"), ("", "交易关闭"), ("又发一次", "待发货")):
        house.send(xlsx(headings, ("CH20251222001", *WANG[:6], memo, state)), files)
        house.clock.at += timedelta(minutes=20)
    (order,) = house.orders()
    assert order.stage == "cancelled"
    assert f"请核对：\n第 2 行：{order.tag} 已取消，表里是待发货：没有恢复，请核对" in house.told()[-1]
    assert "别的店" not in house.told()[-1]
    house.send(xlsx(headings, ("CH20251222001", *WANG[:6], "", "已发货")), files)
    assert f"{order.tag} 已取消，表里是已发货：没有恢复，请核对" in house.told()[-1]


# -- taken back


def undo(house: House, number: int, by: Actor | None = None) -> str:
    with house.desk() as desk:
        file = received.locked(desk, number, State.DONE)
        assert file is not None
        return received_undo.undo(desk, file, by or house.cast.xiaoli)


def test_an_import_is_taken_back_but_for_what_people_touched(house: House) -> None:
    number = house.hand_in(xlsx(MANUAL, WANG, LI))
    touched = house.orders()[0]
    with house.desk() as desk:
        stages.move(desk, f"order:{touched.id}", Verb.APPROVE, house.cast.xiaoli)
    assert undo(house, number) == "已撤销：1 单取消；1 单已经有人处理过或又更新过，没有动"
    assert [order.stage for order in house.orders()] == ["pending_pick", "cancelled"]
    with house.desk() as desk:
        for order in house.orders():
            assert trail.verify(desk.session, trail.order_subject(order.shop_id, order.external_id))
        actions = desk.session.scalars(select(TrailRow.action).where(TrailRow.subject.like("order:%")))
        assert "撤销导入" in set(actions)


def test_what_was_taken_back_lives_again_when_it_is_imported_anew(house: House) -> None:
    content = xlsx(MANUAL, WANG, LI)
    number = house.hand_in(content)
    undo(house, number)
    house.clock.at += timedelta(minutes=20)
    other = house.hand_in(xlsx(MANUAL, WANG, [*LI[:6], "改了备注"]))
    assert [order.stage for order in house.orders()] == ["pending_review", "pending_review"]
    report = house.file(other).report
    assert report is not None
    assert (report["new"], report["changed"], report["same"]) == (2, 0, 0)
    with house.desk() as desk:
        assert all(
            trail.verify(desk.session, trail.order_subject(order.shop_id, order.external_id))
            for order in house.orders()
        )


def test_the_very_file_can_be_imported_again_after_it_was_taken_back(house: House) -> None:
    content = xlsx(MANUAL, WANG)
    number = house.hand_in(content)
    undo(house, number)
    house.clock.at += timedelta(minutes=20)
    assert house.hand_in(content) == number
    assert [order.stage for order in house.orders()] == ["pending_review"]
    assert house.file(number).state == State.DONE


def test_an_import_that_was_taken_back_and_made_again_can_be_taken_back_again(house: House) -> None:
    content = xlsx(MANUAL, WANG)
    number = house.hand_in(content)
    for _ in range(2):
        assert undo(house, number) == "已撤销：1 单取消"
        assert [order.stage for order in house.orders()] == ["cancelled"]
        house.clock.at += timedelta(minutes=20)
        house.hand_in(content)
        assert [order.stage for order in house.orders()] == ["pending_review"]


def test_where_nothing_can_be_taken_back_that_is_said_and_the_file_stays(house: House) -> None:
    number = house.hand_in(xlsx(MANUAL, WANG))
    with house.desk() as desk:
        stages.move(desk, f"order:{house.orders()[0].id}", Verb.APPROVE, house.cast.xiaoli)
    with pytest.raises(Refusal, match="没有可以撤销的"):
        undo(house, number)
    assert house.file(number).state == State.DONE


def test_taking_back_is_for_the_importer_or_a_supervisor_and_for_a_day(house: House) -> None:
    number = house.hand_in(xlsx(MANUAL, WANG), by=house.cast.chenjie)
    with pytest.raises(Refusal, match="只有陈姐本人或主管"):
        undo(house, number)
    house.clock.at += timedelta(hours=25)
    with pytest.raises(Refusal, match="超过 24 小时"):
        undo(house, number, house.cast.chenjie)
