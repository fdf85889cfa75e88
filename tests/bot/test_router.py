"""Everything is done once, by somebody known, and whatever goes wrong is said and leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from bot import router
from bot.card import Card, Text
from config import parse
from handlers.desk import Actor, Desk, Job, OpenDesk, Refusal
from handlers.incoming import Incoming, Press
from handlers.owe import Owed, owe
from models import Case, Notification, SeenMessage, TrailRow
from tests.bot.conftest import a_case, an_order
from tests.bot.samples import NOW
from tests.conftest import settings_document


def incoming(words: str = "", sender: str = "xiaoli", *, press: Press | None = None, number: str = "m-1") -> Incoming:
    return Incoming("wecom_app", number, sender, sender, False, NOW, text=words, press=press)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def note(desk: Desk) -> None:
    owe(desk, [Owed("k", "group", "text", "case:1", body={"text": "好"})])


def test_a_stranger_is_told_to_register(desk: Desk) -> None:
    said = router.answer(desk, incoming("看板", sender="waiguan"))
    assert isinstance(said, Text)
    assert "登记" in said.markdown


def test_a_known_person_gets_an_answer(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        said = router.answer(desk, incoming("帮助"))
    assert isinstance(said, Text)
    assert "看板" in said.markdown


def test_a_press_twice_changes_once_and_answers_twice(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
    press = incoming(press=Press("claim", f"case:{case.id}", 1))
    with open_desk() as desk:
        first = router.answer(desk, press)
    with open_desk() as desk:
        trail = count(desk.session, TrailRow)
        again = router.answer(desk, press)
        assert count(desk.session, TrailRow) == trail
        assert desk.session.get_one(Case, case.id).revision == 2
        assert not desk.later
    assert isinstance(first, Card)
    assert again == first


def test_two_copies_at_the_same_time_change_once(open_desk: OpenDesk, people: dict[str, int]) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
    press, answers, start = incoming(press=Press("claim", f"case:{case.id}", 1)), [], threading.Barrier(4)

    def carry() -> None:
        start.wait()
        with open_desk() as desk:
            answers.append(router.answer(desk, press))

    threads = [threading.Thread(target=carry) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_desk() as desk:
        assert desk.session.get_one(Case, case.id).revision == 2
        assert count(desk.session, TrailRow) == 1
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)


def test_a_refusal_is_said_and_leaves_nothing_behind(open_desk: OpenDesk, sessions: sessionmaker[Session]) -> None:
    def refuse() -> Text:
        note(desk)
        raise Refusal("发货由仓库操作")

    with open_desk() as desk:
        said = router.once(desk, ("wecom_app", "m"), refuse)
        assert not desk.later
    assert said == Text("发货由仓库操作")
    with sessions() as session:
        assert count(session, Notification) == 0
        assert count(session, SeenMessage) == 1


def test_any_other_error_becomes_one_apology_with_a_number(
    open_desk: OpenDesk, sessions: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Text:
        note(desk)
        desk.session.execute(text("SELECT 1 / 0"))
        raise AssertionError

    with open_desk() as desk:
        said = router.once(desk, ("wecom_app", "m"), fail)
    assert isinstance(said, Text)
    number = said.markdown.split("编号 ")[1][:6]
    assert number in capsys.readouterr().out
    with open_desk() as desk:
        assert router.once(desk, ("wecom_app", "m"), fail) == said
    with sessions() as session:
        assert count(session, Notification) == 0


def test_a_failure_need_not_be_kept_for_whoever_tries_again(
    open_desk: OpenDesk, sessions: sessionmaker[Session]
) -> None:
    def refuse() -> Text:
        raise Refusal("订单正被别人处理")

    for work in (refuse, lambda: 1 / 0):
        with open_desk() as desk:
            assert isinstance(router.once(desk, ("dingtalk", "p"), work, failures=False), Text)  # type: ignore[arg-type]
        with sessions() as session:
            assert count(session, SeenMessage) == 0
    for _ in range(2):
        with open_desk() as desk:
            assert router.once(desk, ("dingtalk", "p"), lambda: Text("办好了"), failures=False) == Text("办好了")
    with sessions() as session:
        assert count(session, SeenMessage) == 1


def test_a_question_that_finds_no_database_is_left_to_be_repeated(open_desk: OpenDesk) -> None:
    def nobody_there() -> Text:
        raise PoolTimeout

    def broken() -> Text:
        raise OperationalError("select", {}, Exception("gone"), connection_invalidated=True)

    for work in (nobody_there, broken):
        with open_desk() as desk, pytest.raises((PoolTimeout, OperationalError)):
            router.once(desk, ("wecom_app", "q"), work, keep=False)


def test_what_the_database_refuses_at_the_end_is_said_too(open_desk: OpenDesk) -> None:
    def collide() -> Text:
        desk.session.add(SeenMessage(channel="x", message_id="y", seen_at=NOW))
        desk.session.flush()
        desk.session.expunge_all()
        desk.session.add(SeenMessage(channel="x", message_id="y", seen_at=NOW))
        return Text("好")

    with open_desk() as desk:
        said = router.once(desk, ("wecom_app", "m"), collide)
    assert isinstance(said, Text)
    assert "编号" in said.markdown


def test_work_that_hangs_at_a_lock_ends_in_time(open_desk: OpenDesk, sessions: sessionmaker[Session]) -> None:
    with sessions() as holder, open_desk() as desk:
        a_case(holder)
        holder.commit()
        holder.execute(text("SELECT * FROM cases FOR UPDATE"))

        def wait() -> Text:
            desk.session.execute(text("UPDATE cases SET revision = 9"))
            return Text("好")

        said = router.once(desk, ("wecom_app", "m"), wait)
        holder.rollback()
    assert isinstance(said, Text)
    assert "编号" in said.markdown


def test_a_twin_that_hangs_is_not_waited_for_for_ever(open_desk: OpenDesk, sessions: sessionmaker[Session]) -> None:
    with sessions() as holder:
        holder.add(SeenMessage(channel="wecom_app", message_id="m", seen_at=NOW))
        holder.flush()
        with pytest.raises(OperationalError), open_desk() as desk:
            router.once(desk, ("wecom_app", "m"), lambda: Text("好"))
        holder.rollback()
    with open_desk() as desk:
        assert router.once(desk, ("wecom_app", "m"), lambda: Text("好")) == Text("好")


def test_private_data_asked_for_in_a_group_goes_to_the_person(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    asked = Incoming("wecom_bot", "m-9", "xiaoli", "wrDEMO01", True, NOW, text="x")
    with open_desk() as desk:
        asker = Actor("小李", staff_id=people["xiaoli"])
        said = router._privately(desk, asked, Text("林小姐 13812341234", private=True), asker)
        assert desk.later == [(Job.DELIVER, ())]
    assert "13812341234" not in said.markdown
    with sessions() as session:
        row = session.scalars(select(Notification)).one()
        assert (row.channel, row.recipient, row.purpose) == ("staff", str(people["xiaoli"]), "text")
        assert "13812341234" not in str(row.body)


def test_the_kept_answer_is_sealed(open_desk: OpenDesk, sessions: sessionmaker[Session]) -> None:
    with open_desk() as desk:
        router.once(desk, ("wecom_app", "m"), lambda: Text("林小姐 13812341234", private=True))
    with sessions() as session:
        kept = session.scalars(select(SeenMessage)).one().answer
    assert kept is not None
    assert b"13812341234" not in kept


def test_nothing_to_say_is_nothing_to_keep(open_desk: OpenDesk) -> None:
    for _ in range(2):
        with open_desk() as desk:
            assert router.once(desk, ("wechat_oa", "m"), lambda: None) is None


def test_an_embellishment_may_fail(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        note(desk)
        assert router.tolerated(desk, lambda: desk.session.execute(text("SELECT 1 / 0"))) is None
        assert router.tolerated(desk, lambda: 7) == 7
        assert count(desk.session, Notification) == 1


def test_old_marks_are_forgotten(desk: Desk) -> None:
    for age in (1, 5):
        desk.session.add(SeenMessage(channel="x", message_id=str(age), seen_at=NOW - timedelta(days=age)))
    desk.session.flush()
    assert router.forget_seen(desk) == 1


# errors and help go to the person, results to the group


def in_group(words: str, number: str = "g-1", press: Press | None = None) -> Incoming:
    heard = incoming(words, number=number, press=press)
    return replace(heard, channel="wecom_bot", is_group=True, chat="wrDEMO01")


def owed_to(session: Session) -> list[tuple[str, str, str]]:
    rows = session.scalars(select(Notification).order_by(Notification.id))
    return [(row.channel, row.recipient, str(row.body.get("text", ""))) for row in rows]


def test_what_did_not_work_in_a_group_is_explained_to_the_asker_alone(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        tag = an_order(desk.session).tag
    with open_desk() as desk:
        said = router.answer(desk, in_group(f"发货 {tag} 顺丰 SF1234567890123"))
        assert (Job.DELIVER, ()) in desk.later
    assert isinstance(said, Text)
    assert said.markdown.startswith("没有办成，原因已单独发给您")
    assert "\n" not in said.markdown
    with sessions() as session:
        ((channel, recipient, words),) = owed_to(session)
    assert (channel, recipient) == ("staff", str(people["xiaoli"]))
    assert "由仓库操作" in words


def test_it_is_explained_once_though_the_message_comes_again(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    for _ in range(3):
        with open_desk() as desk:
            said = router.answer(desk, in_group("阿巴阿巴阿巴"))
            assert isinstance(said, Text)
            assert "已单独发给您" in said.markdown
    with sessions() as session:
        assert len(owed_to(session)) == 1


def test_help_is_for_the_asker_and_a_result_for_the_group(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        said = router.answer(desk, in_group("帮助"))
        assert isinstance(said, Text)
        assert "单独" in said.markdown
        board = router.answer(desk, in_group("看板", "g-2"))
        assert isinstance(board, Card)
    with sessions() as session:
        ((channel, _, words),) = owed_to(session)
    assert channel == "staff"
    assert "看板" in words


def test_alone_all_is_answered_at_once(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        for number, words in enumerate(("帮助", "阿巴阿巴")):
            said = router.answer(desk, incoming(words, number=f"m-{number}"))
            assert isinstance(said, Text)
            assert "单独" not in said.markdown
    with sessions() as session:
        assert owed_to(session) == []


def test_a_press_in_a_group_shows_its_refusal_on_the_pressers_card(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        case = a_case(desk.session)
    press = replace(in_group("", press=Press("claim", f"case:{case.id}", 1)), sender="laowang")
    with open_desk() as desk:
        said = router.answer(desk, press)
    assert isinstance(said, Text)
    assert "由客服操作" in said.markdown
    with sessions() as session:
        assert owed_to(session) == []


def test_a_stranger_in_a_group_is_told_there_for_the_hub_knows_no_other_place(
    open_desk: OpenDesk, sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        said = router.answer(desk, replace(in_group("看板"), sender="waiguan"))
    assert isinstance(said, Text)
    assert "登记" in said.markdown
    with sessions() as session:
        assert owed_to(session) == []


def test_where_nobody_can_be_written_to_alone_the_group_hears_why(
    desks: Callable[..., OpenDesk], people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    document: dict[str, Any] = settings_document()
    document["wecom"] = None
    document["bot"]["mode"] = "callback"
    with desks(parse(document))() as desk:
        said = router.answer(desk, in_group("阿巴阿巴"))
        assert isinstance(said, Text)
        assert "没有听懂" in said.markdown
        helped = router.answer(desk, in_group("帮助", "g-2"))
        assert isinstance(helped, Text)
        assert "看板" in helped.markdown
    with sessions() as session:
        assert owed_to(session) == []


def test_what_goes_to_the_asker_alone_begins_with_what_was_asked_and_names_the_chat_as_it_is_called(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    document: dict[str, Any] = settings_document()
    document["wecom"]["name"] = "订单助手"
    with open_desk() as desk:
        desk.settings = parse(document)
        tag = an_order(desk.session).tag
        said = router.answer(desk, in_group(f"发货 {tag} 顺丰 SF1234567890123"))
    assert isinstance(said, Text)
    assert said.markdown == "没有办成，原因已单独发给您，请到与“订单助手”应用的会话里查看。"
    with sessions() as session:
        ((_, _, words),) = owed_to(session)
    assert words.startswith(f"您问：发货 {tag} 顺丰 SF12")
    assert "由仓库操作" in words


def test_what_may_hold_somebodys_name_is_sealed_with_its_answer(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    with open_desk() as desk:
        router.answer(desk, in_group("林小姐她家的"))
    with sessions() as session:
        (row,) = session.scalars(select(Notification)).all()
    assert list(row.body) == ["sealed"]


def test_a_company_may_have_harmless_refusals_answered_in_its_wecom_group(
    open_desk: OpenDesk, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    document: dict[str, Any] = settings_document()
    document["bot"]["refusals_in_group"] = True
    with open_desk() as desk:
        desk.settings = parse(document)
        tag = an_order(desk.session).tag
        for number, (words, answer) in enumerate(
            (("阿巴阿巴阿巴", "帮助"), (f"发货 {tag} 顺丰 SF1234567890123", "由仓库操作"))
        ):
            said = router.answer(desk, in_group(words, f"r-{number}"))
            assert isinstance(said, Text)
            assert answer in said.markdown
        alone = router.answer(desk, in_group("收件 CHAT-20251222-009 要改地址", "r-9"))
    assert isinstance(alone, Text)
    assert "已单独发给您" in alone.markdown, "what stands behind it is personal"
