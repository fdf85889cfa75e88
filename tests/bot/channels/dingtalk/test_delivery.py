"""What is owed goes down DingTalk's ladder, and its cards change in place: from the database to the platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from bot import ladder
from bot.channels.channel import Tools
from bot.channels.dingtalk.quota import Kind, Quota
from bot.channels.dingtalk_hook.client import HookSender
from bot.deliver import Report, deliver
from config import Settings, parse
from handlers.desk import OpenDesk
from handlers.owe import Owed, card, edit, note, order_edit, owe
from models import Case, Notification, Order, SentCard, Staff, StaffRole, Urgency
from tests.bot.channels.dingtalk.ding_town import DingTown, ding_sections
from tests.bot.conftest import a_case
from tests.bot.samples import NOW
from tests.conftest import settings_document

CAST = (("小李", "xiaoli", "service"), ("老王", "laowang", "warehouse"), ("陈姐", "chenjie", "supervisor"))


class House:
    """A company that is on DingTalk alone."""

    def __init__(self, town: DingTown, redis: Redis, desks: Callable[..., OpenDesk], **dingtalk: Any) -> None:
        document = {**settings_document(), "wecom": None, "bot": None, **ding_sections(town.url, town.company)}
        document["dingtalk"] |= dingtalk
        document["staff"] = [{"name": name, "roles": [role], "dingtalk": f"dt-{who}"} for name, who, role in CAST]
        self.town, self.redis, self.now = town, redis, NOW
        self.settings: Settings = parse(document)
        self.open_desk = desks(self.settings, lambda: self.now)
        self.ways = ladder.ways(self.settings, redis, home="worker")
        self.ways.senders["dingtalk_hook"] = HookSender(Tools(self.settings, redis), self._clock)
        with self.open_desk() as desk:
            rows = [
                Staff(name=name, dingtalk_userid=f"dt-{who}", role_rows=[StaffRole(role=role)])
                for name, who, role in CAST
            ]
            desk.session.add_all(rows)
            desk.session.flush()
            self.people = {row.name: row.id for row in rows}
            self.case_id = a_case(desk.session).id

    def _clock(self) -> float:
        return self.now.timestamp()

    def owe(self, *messages: Owed) -> None:
        with self.open_desk() as desk:
            owe(desk, messages)

    def run(self) -> Report:
        return deliver(self.open_desk, self.ways, lambda: self.now)

    def change_case(self, revision: int, reason: str = "缺门牌号") -> None:
        with self.open_desk() as desk:
            desk.session.execute(update(Case).values(reason=reason, revision=revision))
            owe(desk, [edit(self.case_id, revision)])

    def rows(self) -> list[Notification]:
        with self.open_desk() as desk:
            return list(desk.session.scalars(select(Notification).order_by(Notification.id)))

    def puts(self) -> int:
        return self.town.calls.get("PUT /v1.0/card/instances", 0)

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def use_up(self, kind: Kind) -> None:
        assert self.settings.dingtalk is not None
        Quota(self.redis, self.settings.dingtalk).shut(kind)


@pytest.fixture
def house(ding_town: DingTown, redis: Redis, desks: Callable[..., OpenDesk]) -> House:
    return House(ding_town, redis, desks)


# the rungs, from the top


def test_a_matter_comes_into_the_group_as_a_card_with_buttons(house: House) -> None:
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    (shown,) = house.town.cards("dgroup")
    assert {"认领", "已确认"} <= {one["text"] for one in shown["buttons"] + shown["menu"]}
    with house.open_desk() as desk:
        sent = desk.session.scalars(select(SentCard)).one()
    assert (sent.channel, sent.recipient, sent.task_id) == ("dingtalk", "cidDEMO01==", shown["track_id"])
    assert not house.town.complaints


def test_where_the_robot_is_not_in_the_group_the_role_gets_it_alone(house: House) -> None:
    house.town.ding.robot_in_group = False
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    assert len(house.town.cards("ding:xiaoli")) == 1
    assert not house.town.chat("dgroup")


def test_where_cards_are_not_permitted_the_group_gets_a_text_with_code_and_link(house: House) -> None:
    house.town.ding.withheld = {"Card.Instance.Write"}
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    (shown,) = house.town.chat("dgroup")
    assert (shown.kind, shown.sender) == ("ding_action", "ding")
    assert "认领" in shown.body["content"]


def test_where_the_robot_may_say_nothing_the_webhook_does(house: House) -> None:
    house.town.ding.withheld = {"Card.Instance.Write", "qyapi_robot_sendmsg"}
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    (shown,) = house.town.chat("dgroup")
    assert shown.sender == "ding_hook"


def test_a_text_for_the_group_stays_in_the_group(house: House) -> None:
    house.town.ding.withheld = {"qyapi_robot_sendmsg"}
    house.owe(Owed("k", "group", "text", "order:1", body={"text": "库存不足"}))
    assert house.run().sent == 1
    assert [one.sender for one in house.town.chat("dgroup")] == ["ding_hook"]
    assert not house.town.chat("ding:chenjie")


def test_a_person_gets_a_card_else_a_text_else_a_notice(house: House) -> None:
    staff_id = house.people["小李"]
    kinds = []
    for number, withheld in enumerate((set(), {"Card.Instance.Write"}, {"Card.Instance.Write", "qyapi_robot_sendmsg"})):
        house.town.ding.withheld = withheld
        house.redis.delete("hub:broken")
        house.owe(card(house.case_id, f"assigned{number}", staff_id=staff_id))
        assert house.run().sent == 1
        kinds.append([one.kind for one in house.town.chat("ding:xiaoli") + house.town.chat("notice:xiaoli")][-1])
    assert kinds == ["ding_card", "ding_action", "ding_action"]
    assert len(house.town.chat("notice:xiaoli")) == 1


def test_a_text_to_one_person(house: House) -> None:
    house.owe(note("k", house.people["小李"], "order:1", "好"))
    assert house.run().sent == 1
    assert [one.body["content"] for one in house.town.chat("ding:xiaoli")] == ["好"]


# used up


def test_when_the_calls_are_used_up_the_group_hears_by_what_costs_none(house: House) -> None:
    house.use_up(Kind.CALLS)
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    assert [one.sender for one in house.town.chat("dgroup")] == ["ding_hook"]


def test_a_deadline_is_told_as_long_as_the_platform_takes_it(house: House) -> None:
    house.use_up(Kind.CALLS)
    with house.open_desk() as desk:
        desk.session.execute(update(Order).values(ship_by_at=NOW + timedelta(minutes=30)))
    house.owe(card(house.case_id, "step1", staff_id=house.people["小李"]))
    assert house.rows()[0].urgency == Urgency.ALERT
    assert house.run().sent == 1
    assert len(house.town.cards("ding:xiaoli")) == 1


def test_what_cannot_be_sent_for_want_of_calls_says_so(house: House) -> None:
    house.use_up(Kind.CALLS)
    house.owe(note("k", house.people["小李"], "order:1", "好"))
    house.run()
    row = house.rows()[0]
    assert row.state == "failed"
    assert "额度已用完" in row.problem


def test_cards_change_no_more_when_the_calls_are_used_up_and_nobody_is_bothered(house: House) -> None:
    house.owe(card(house.case_id, "open"))
    house.run()
    house.later(10)
    house.use_up(Kind.CALLS)
    house.change_case(5)
    house.run()
    assert house.puts() == 0
    assert [row.state for row in house.rows()] == ["sent", "sent"]


# edits


def test_a_card_changes_in_place_for_everybody(house: House) -> None:
    house.owe(card(house.case_id, "open"))
    house.run()
    house.later(10)
    house.change_case(5)
    assert house.run().sent == 1
    (shown,) = house.town.cards("dgroup")
    assert ("缺门牌号" in shown["body"], shown["revision"]) == (True, "5")
    assert house.puts() == 1


def test_many_changes_in_a_moment_are_one_call(house: House) -> None:
    house.owe(card(house.case_id, "open"))
    house.run()
    house.later(10)
    house.change_case(5)
    house.run()
    for revision in range(6, 12):
        house.later(0.25)
        house.change_case(revision, f"第 {revision} 次")
        report = house.run()
        assert report.sent == 0
        assert report.again_at is not None
    house.later(2)
    house.run()
    assert house.puts() == 2
    assert "第 11 次" in house.town.cards("dgroup")[0]["body"]
    assert {row.state for row in house.rows()} <= {"sent", "merged", "dropped"}


def test_a_card_rests_after_it_was_sent_too(house: House) -> None:
    house.owe(card(house.case_id, "open"))
    house.run()
    house.change_case(5)
    report = house.run()
    assert (report.waiting, house.puts()) == (1, 0)
    assert report.again_at == NOW + timedelta(seconds=2)
    house.later(2)
    assert house.run().sent == 1


def test_a_card_need_not_rest(ding_town: DingTown, redis: Redis, desks: Callable[..., OpenDesk]) -> None:
    house = House(ding_town, redis, desks, coalesce_seconds=0)
    house.owe(card(house.case_id, "open"))
    house.run()
    house.change_case(5)
    assert house.run().sent == 1


def keep_sent(house: House, subject: str, number: int, at: datetime, recipient: str = "dt-xiaoli") -> None:
    with house.open_desk() as desk:
        desk.session.add(
            SentCard(
                channel="dingtalk", recipient=recipient, task_id=f"t-{number}", subject=subject, revision=0, sent_at=at
            )
        )  # fmt: skip


def test_of_several_cards_in_one_chat_only_the_newest_follows(house: House, sessions: sessionmaker[Session]) -> None:
    at = NOW - timedelta(hours=1)
    for number, whose in enumerate(("dt-xiaoli", "dt-xiaoli", "dt-laowang")):
        keep_sent(house, f"case:{house.case_id}", number, at, whose)
    house.owe(edit(house.case_id, 1))
    house.run()
    assert house.puts() == 2
    with sessions() as session:
        shown = session.execute(select(SentCard.task_id, SentCard.changed_at).order_by(SentCard.id)).all()
    assert [row.task_id for row in shown if row.changed_at is not None] == ["t-1", "t-2"]


def test_what_was_asked_about_an_order_follows_for_some_days(house: House, sessions: sessionmaker[Session]) -> None:
    keep_sent(house, "order:1", 1, NOW - timedelta(days=4))
    house.owe(order_edit(1, 9))
    house.run()
    keep_sent(house, "order:1", 2, NOW - timedelta(days=2))
    house.owe(order_edit(1, 10))
    house.run()
    with sessions() as session:
        shown = session.execute(select(SentCard.task_id, SentCard.changed_at).order_by(SentCard.id)).all()
    assert [row.task_id for row in shown if row.changed_at is not None] == ["t-2"]


# ids


def test_a_card_out_of_a_rebuilt_database_is_a_new_card(house: House) -> None:
    """Its rows count from one again, and the platform shows nothing new under an id that it knows."""
    house.owe(card(house.case_id, "open"))
    house.run()
    house.later(86_400)
    with house.open_desk() as desk:
        desk.session.execute(text("TRUNCATE notifications, sent_cards RESTART IDENTITY CASCADE"))
    house.owe(card(house.case_id, "open"))
    assert house.run().sent == 1
    assert len(house.town.cards("dgroup")) == 2
    assert not house.town.complaints


# lost answers


def test_a_card_whose_answer_was_lost_is_sent_again_and_stands_there_once(house: House) -> None:
    house.town.ding.switches.set({"slow_answers": 0.0, "fail_calls": 1})
    house.owe(card(house.case_id, "open"))
    report = house.run()
    assert report.waiting == 1
    house.later(10)
    assert house.run().sent == 1
    assert len(house.town.cards("dgroup")) == 1
