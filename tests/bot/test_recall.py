"""Messages taken back: one by its number, or all receiver data of one person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot import recall
from bot.card import Card, Text
from bot.cards import draw
from bot.channels.sending import Parcel, Sender
from bot.channels.wecom_app.client import AppSender
from config import Settings
from handlers.desk import OpenDesk, Refusal
from handlers.staffing import OPERATOR
from models import Notification, SentCard, TrailRow
from tests.bot.conftest import Town
from tests.bot.samples import NOW, PEN, VIEWS

Desks = Callable[..., OpenDesk]


@pytest.fixture
def senders(town_conf: Settings, redis: Redis) -> dict[str, Sender]:
    assert town_conf.wecom is not None
    return {"wecom_app": AppSender(town_conf.wecom, redis, PEN.base_url)}


@pytest.fixture
def told(
    town: Town, people: dict[str, int], sessions: sessionmaker[Session], senders: dict[str, Sender]
) -> Callable[..., int]:
    """Something that was sent to a person, as the deliverer writes it down; its number."""

    def tell(userid: str, drawing: Card | Text, subject: str = "order:5", **changes: object) -> int:
        with sessions() as session:
            row = Notification(
                dedupe_key=f"{subject}:{userid}:{changes}",
                channel="staff",
                recipient=str(people[userid]),
                purpose="text",
                subject=subject,
                state="sent",
                next_try_at=NOW,
                created_at=NOW,
                sent_at=NOW,
                carried_by="wecom_app",
                msgid=senders["wecom_app"].send(Parcel(userid, drawing, f"{subject}-{userid}")).msgid,
            )
            for name, value in changes.items():
                setattr(row, name, value)
            session.add(row)
            session.commit()
            return row.id

    return tell


@pytest.fixture
def desk_at(desks: Desks, town_conf: Settings) -> Callable[..., OpenDesk]:
    return lambda **later: desks(town_conf, at=lambda: NOW + timedelta(**later))


def test_a_message_vanishes_from_the_chat_and_stands_in_the_trail(
    town: Town,
    told: Callable[..., int],
    desk_at: Callable[..., OpenDesk],
    senders: dict[str, Sender],
    sessions: sessionmaker[Session],
) -> None:
    number, other = told("xiaoli", Text("发错了")), told("laowang", Text("没发错"))
    with desk_at(hours=1)() as desk:
        assert recall.take_back(desk, senders, number, OPERATOR).whom == "小李"
    assert town.chat("app:xiaoli")[0].recalled
    assert not town.chat("app:laowang")[0].recalled
    with sessions() as session:
        assert session.get_one(Notification, number).state == "recalled"
        row = session.scalars(select(TrailRow)).one()
    assert (row.subject, row.actor, row.action) == (f"message:{number}", "管理员", "撤回消息")
    with desk_at(hours=1)() as desk:
        assert [one.number for one in recall.lately(desk, senders)] == [other]
        with pytest.raises(Refusal, match="没有可以撤回的消息"):
            recall.take_back(desk, senders, number, OPERATOR)


def test_a_card_that_is_gone_is_not_changed_any_more(
    town: Town,
    told: Callable[..., int],
    desk_at: Callable[..., OpenDesk],
    senders: dict[str, Sender],
    sessions: sessionmaker[Session],
) -> None:
    card = draw(VIEWS["case"], PEN)
    assert isinstance(card, Card)
    number = told("xiaoli", card, subject="case:12")
    with sessions() as session:
        msgid = session.get_one(Notification, number).msgid
        values = {"recipient": "xiaoli", "subject": "case:12", "revision": 3, "sent_at": NOW}
        for task_id, sent in (("t-1", msgid), ("t-2", "another")):
            session.add(SentCard(channel="wecom_app", task_id=task_id, msgid=sent, **values))
        session.commit()
    with desk_at(hours=1)() as desk:
        recall.take_back(desk, senders, number, OPERATOR)
    with sessions() as session:
        assert session.scalars(select(SentCard.task_id)).all() == ["t-2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"sent_at": NOW - timedelta(hours=24)},
        {"state": "failed"},
        {"msgid": ""},
        {"carried_by": "wecom_hook"},
    ],
)
def test_what_cannot_be_taken_back_is_not_offered(
    told: Callable[..., int],
    desk_at: Callable[..., OpenDesk],
    senders: dict[str, Sender],
    changes: dict[str, object],
) -> None:
    number = told("xiaoli", Text("好"), **changes)
    with desk_at(hours=0)() as desk:
        assert recall.lately(desk, senders) == []
        with pytest.raises(Refusal, match="24 小时"):
            recall.take_back(desk, senders, number, OPERATOR)


def test_all_receiver_data_of_one_person_is_taken_back(
    town: Town, told: Callable[..., int], desk_at: Callable[..., OpenDesk], senders: dict[str, Sender]
) -> None:
    told("xiaoli", Text("林小姐 13812341234"), subject=recall.PRIVATE)
    told("xiaoli", Text("普通"), subject="order:5")
    told("laowang", Text("林小姐 13812341234"), subject=recall.PRIVATE)
    with desk_at(hours=1)() as desk:
        assert len(recall.take_private_back(desk, senders, "xiaoli", OPERATOR)) == 1
        assert recall.take_private_back(desk, senders, "nobody", OPERATOR) == []
    assert [message.recalled for message in town.chat("app:xiaoli")] == [True, False]
    assert not town.chat("app:laowang")[0].recalled


def test_what_the_platform_forgot_counts_as_gone_and_what_it_refuses_stays(
    town: Town,
    told: Callable[..., int],
    desk_at: Callable[..., OpenDesk],
    senders: dict[str, Sender],
    sessions: sessionmaker[Session],
) -> None:
    forgotten, kept = told("xiaoli", Text("好")), told("laowang", Text("好"))
    town.wecom.sent.clear()
    with desk_at(hours=1)() as desk:
        recall.take_back(desk, senders, forgotten, OPERATOR)
    _refuse(town)
    with pytest.raises(Refusal, match="没有撤回"), desk_at(hours=1)() as desk:
        recall.take_back(desk, senders, kept, OPERATOR)
    with sessions() as session:
        states = {row.id: row.state for row in session.scalars(select(Notification))}
    assert states == {forgotten: "recalled", kept: "sent"}


def _refuse(town: Town) -> None:
    from sandbox.chat_errors import Refused

    def refused(_msgid: object) -> None:
        raise Refused(301002, "not allowed")

    town.wecom.recall = refused  # type: ignore[method-assign, assignment]


def test_without_a_channel_that_takes_back_there_is_nothing(
    told: Callable[..., int], desk_at: Callable[..., OpenDesk]
) -> None:
    told("xiaoli", Text("好"))
    with desk_at(hours=0)() as desk:
        assert recall.lately(desk, {}) == []
