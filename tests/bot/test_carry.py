"""At most one copy of what may have arrived, and an alert that finds another way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.sending import Change, Parcel, Reaction, Receipt, Resolution, Sender, SendError, Whose
from bot.deliver import LEASE, deliver
from bot.ladder import ways
from bot.settle import MOST_AGE, PONDER
from config import Settings
from handlers import owe as owing
from handlers.customers import manners
from handlers.owe import Owed, owe
from models import Case, Customer, Notification, OptOut, Staff, Urgency
from tests.bot.conftest import Town, a_case
from tests.bot.samples import NOW
from tests.bot.scene import BUSY, GONE, LOST, Desks, Scene, answer_lost, keep_case

WRONG = Resolution(Reaction.ALERT, Whose.IT, "应用已停用")


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def into_group(scene: Scene, purpose: str = "card", **more: Any) -> None:
    scene.owe("group", purpose, subject=f"case:{keep_case(scene).id}", **more)


# the answer was lost


def test_what_may_have_arrived_is_sent_again_letter_for_letter_and_nowhere_else(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [answer_lost(), SendError(BUSY, 6000), answer_lost()]
    scene.run()
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(revision=9, reason="另一个原因"))
    for _ in range(3):
        scene.run(after=timedelta(minutes=2))
    assert scene.states() == ["sent"]
    assert len(scene.bot.parcels) == 4
    assert len({(parcel.key, str(parcel.drawing)) for parcel in scene.bot.parcels}) == 1
    assert [parcel.again for parcel in scene.bot.parcels] == [False, True, True, True]
    assert not scene.app.parcels


def test_it_waits_for_its_channel_and_takes_no_other_one(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [answer_lost()]
    scene.run()
    del scene.ways.senders["wecom_bot"]
    for _ in range(5):
        assert scene.run(after=timedelta(minutes=2)).waiting == 1
    assert "原来的渠道" in scene.row().problem
    assert not scene.app.parcels
    scene.ways.senders["wecom_bot"] = scene.bot
    assert scene.run(after=timedelta(minutes=2)).sent == 1


def test_where_people_look_by_now_does_not_matter(scene: Scene) -> None:
    scene.ways.senders["dingtalk"] = scene.ding
    with scene.open_desk() as desk:
        values = {"dingtalk_userid": "dt-xiaoli", "heard_on": "wecom"}
        desk.session.execute(update(Staff).where(Staff.wecom_userid == "xiaoli").values(values))
    scene.app.fails = [answer_lost()]
    scene.owe()
    scene.run()
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(heard_on="dingtalk"))
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    assert (len(scene.app.parcels), len(scene.ding.parcels)) == (2, 0)


def test_a_deliverer_that_died_may_have_sent_it(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    del scene.ways.senders["wecom_bot"]
    assert scene.run(after=LEASE).waiting == 1
    assert not scene.app.parcels


def test_a_channel_that_knows_no_double_gets_it_once(scene: Scene) -> None:
    into_group(scene, "text")
    scene.bot.fails = [answer_lost()]
    assert scene.run().again_at == scene.now + PONDER
    report = scene.run(after=PONDER)
    assert (report.unsure, report.waiting) == (1, 0)
    row = scene.row()
    assert (row.state, row.carried_by, row.body["text"]) == ("unsure", "wecom_bot", "好")
    assert "很可能" in row.problem
    scene.run(after=timedelta(hours=1))
    assert len(scene.bot.parcels) == 1
    told = scene.rows()[1].body["text"]
    assert "不确定" in told, "and the supervisors hear of it"


def test_while_the_platform_is_down_what_it_knows_no_double_of_waits_as_well(scene: Scene) -> None:
    """Two tries in a row without an answer: none of them has arrived."""
    for number in range(3):
        scene.owe("group", "text", key=f"k{number}", body={"text": str(number)})
    scene.bot.fails = [answer_lost() for _ in range(9)]
    for _ in range(40):
        report = scene.run(after=timedelta(minutes=1))
        assert report.unsure == 0
    assert scene.states() == ["sent"] * 3
    said = [parcel.drawing for parcel in scene.bot.parcels[9:]]
    assert len(said) == 3


def test_an_answer_that_was_lost_between_two_others_is_no_outage(scene: Scene) -> None:
    for number in range(3):
        scene.owe("group", "text", key=f"k{number}", body={"text": str(number)})
    scene.bot.fails = [None, answer_lost()]
    scene.run()
    assert scene.run(after=timedelta(seconds=9)).sent == 1
    assert scene.run(after=PONDER).unsure == 1
    assert len(scene.bot.parcels) == 3


def test_what_may_have_arrived_before_the_outage_ended_is_sent_after_it(scene: Scene) -> None:
    scene.owe("group", "text", key="first")
    scene.bot.fails = [answer_lost(), answer_lost()]
    scene.run()
    scene.owe("group", "text", key="second", urgency=Urgency.ALERT)
    scene.run(after=timedelta(seconds=9))
    scene.run(after=timedelta(seconds=10))
    assert scene.rows()[1].state == "sent", "it is over"
    scene.run(after=timedelta(seconds=20))
    assert scene.rows()[0].state == "sent"


def test_an_alert_had_better_come_twice_than_not_at_all(scene: Scene) -> None:
    into_group(scene, "text", urgency=Urgency.ALERT)
    scene.bot.fails = [answer_lost()]
    assert scene.run().waiting == 1
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    assert len(scene.bot.parcels) == 2
    assert not scene.app.parcels


def test_after_its_memory_ends_the_platform_would_take_a_double(scene: Scene) -> None:
    scene.owe()
    scene.app.fails = [answer_lost()]
    scene.run()
    report = scene.run(after=timedelta(hours=5))
    assert report.unsure == 1
    assert [parcel.recipient for parcel in scene.app.parcels] == ["xiaoli", "chenjie"], "the supervisor hears of it"


def test_a_deliverer_that_died_long_ago_had_most_likely_not_sent_it(scene: Scene) -> None:
    scene.owe()
    scene.app.fails = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    assert scene.run(after=timedelta(hours=5)).sent == 1


def test_a_refusal_of_the_same_message_ends_the_doubt(scene: Scene) -> None:
    scene.owe()
    scene.app.fails = [answer_lost(), SendError(GONE)]
    scene.run()
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    assert (len(scene.app.parcels), len(scene.bot.parcels)) == (2, 1)


def test_that_the_account_is_wrong_by_now_does_not(scene: Scene) -> None:
    scene.owe()
    scene.app.fails = [answer_lost(), *[SendError(WRONG, 50003)] * 3]
    scene.run()
    for _ in range(3):
        assert scene.run(after=timedelta(minutes=2)).waiting == 1
    assert not scene.bot.parcels
    assert scene.run(after=timedelta(minutes=2)).sent == 1


def test_code_that_breaks_does_not_end_the_doubt(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [answer_lost(), ZeroDivisionError()]
    scene.run()
    assert scene.run(after=timedelta(seconds=2)).waiting == 1
    assert scene.row().carried_by == "wecom_bot"
    del scene.ways.senders["wecom_bot"]
    assert scene.run(after=timedelta(minutes=1)).waiting == 1
    assert not scene.app.parcels


def test_doubt_that_lasts_for_a_day_is_said(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [answer_lost()]
    scene.run()
    del scene.ways.senders["wecom_bot"]
    assert scene.run(after=MOST_AGE + timedelta(hours=1)).unsure == 1


@pytest.mark.parametrize(
    ("out", "clock", "outcome"),
    [(False, "00:00", ("owed", manners.QUIET, "wechat_oa")), (True, "21:00", ("unsure", manners.OUT, "wechat_oa"))],
)
def test_a_customer_is_not_told_at_night_nor_after_quiet_was_asked_for_by_a_second_try_either(
    scene: Scene, out: bool, clock: str, outcome: tuple[str, ...]
) -> None:
    with scene.open_desk() as desk:
        desk.session.add(Customer(shop_id=1, buyer_key="b", openid="oAbC", bound_at=NOW))
    scene.owe("customer", "template", "oAbC", body={"template": "shipped", "values": {"number": "1"}})
    scene.official.fails = [answer_lost()]
    scene.run()
    assert scene.row().carried_by == "wechat_oa"
    with scene.open_desk() as desk:
        if out:
            desk.session.add(OptOut(channel="wecom_kf", address="oAbC", at=NOW))
        hours = desk.settings.customers.model_copy(update={"quiet_begins": clock, "quiet_ends": "23:59"})
    scene.open_desk = scene.desks(desk.settings.model_copy(update={"customers": hours}), lambda: scene.now)
    scene.run(after=PONDER)
    row = scene.row()
    assert (row.state, row.problem, row.carried_by) == outcome
    assert len(scene.official.parcels) == 1


def test_an_alert_does_not_wait_for_its_channel_for_ever(scene: Scene) -> None:
    into_group(scene, urgency=Urgency.ALERT)
    scene.bot.fails = [answer_lost()]
    scene.run()
    del scene.ways.senders["wecom_bot"]
    assert scene.run(after=timedelta(minutes=2)).waiting == 1
    assert scene.run(after=timedelta(minutes=10)).sent == 1
    assert len(scene.app.parcels) == 1


# a platform that is down


def test_an_alert_goes_another_way_when_its_platform_is_down(scene: Scene) -> None:
    down = SendError(LOST)
    scene.app.fails = [down] * 9
    scene.owe(key="alert", urgency=Urgency.ALERT)
    assert [scene.run(after=timedelta(minutes=1)).waiting for _ in range(2)] == [1, 1]
    assert scene.run(after=timedelta(minutes=1)).sent == 1
    assert len(scene.bot.parcels) == 1


def test_anything_else_waits_for_it(scene: Scene) -> None:
    scene.app.fails = [SendError(LOST)] * 9
    scene.owe()
    for _ in range(9):
        assert scene.run(after=timedelta(minutes=2)).waiting == 1
    assert scene.run(after=timedelta(minutes=2)).sent == 1
    assert not scene.bot.parcels


def test_an_alert_says_so_to_its_channel(scene: Scene) -> None:
    scene.owe(urgency=Urgency.ALERT, key="a")
    scene.owe(key="b")
    scene.run()
    assert [parcel.urgent for parcel in scene.app.parcels] == [True, False]


# what is written down


def test_the_row_tells_which_way_it_went(scene: Scene) -> None:
    into_group(scene)
    scene.bot.fails = [SendError(GONE)]
    scene.app.fails = [SendError(GONE)]
    scene.run()
    assert (scene.row().state, scene.row().carried_by) == ("sent", "wecom_bot+text")


def test_what_was_tried_in_vain_carries_no_name(scene: Scene) -> None:
    scene.owe()
    scene.app.fails = [SendError(BUSY, 6000)]
    scene.run()
    assert (scene.row().state, scene.row().carried_by) == ("owed", "")


# with the platform's stand-in


def test_over_a_real_wire_whose_answers_are_lost_one_copy_arrives(
    town: Town, town_conf: Settings, desks: Desks, redis: Redis, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    """The app's interface takes the message and the answer never comes back."""
    moments = [NOW]
    open_desk = desks(town_conf, lambda: moments[0])
    with open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [owing.card(case.id, "assigned", staff_id=people["xiaoli"])])
        owe(desk, [Owed("t", "staff", "text", "x", str(people["xiaoli"]), {"text": "好"})])
    worker = ways(town_conf, redis, home="worker")
    app = worker.senders["wecom_app"]
    worker.senders["wecom_app"] = deaf = _Deaf(app)
    for number in range(4):
        moments[0] = NOW + timedelta(minutes=2 * number)
        deaf.hears = number >= 2
        deliver(open_desk, worker, lambda: moments[0])
    with open_desk() as desk:
        states = [row.state for row in desk.session.query(Notification).order_by(Notification.id)]
    assert states == ["sent", "sent"]
    assert deaf.sent > 2, "it was sent again"
    text, card = town.chat("app:xiaoli")
    assert (card.kind, text.body["content"].strip("\u200b\u200c\u200d\u2060")) == ("template_card", "好")


class _Deaf:
    """A sender that does not hear its platform's answers."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.hears = False
        self.sent = 0

    def wait_seconds(self, recipient: str) -> float:
        return 0.0

    def send(self, parcel: Parcel) -> Receipt:
        receipt = self.sender.send(parcel)
        self.sent += 1
        if not self.hears:
            raise answer_lost()
        return receipt

    def change(self, change: Change) -> None:
        self.sender.change(change)
