"""A deadline never waits behind chatter: shares of what a channel takes, and what is dropped is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.card import Card, Text
from bot.channels.pace import Pace
from bot.channels.sending import Reaction, SendError, Whose
from bot.room import Room
from config import Settings
from models import Urgency
from tests.bot.samples import NOW
from tests.bot.scene import BUSY, GONE, Desks, Scene, keep_case


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def fill(redis: Redis, number: int, key: str = "xiaoli") -> None:
    for _ in range(number):
        Pace(redis, "wecom_app").count(key)


def waits(redis: Redis) -> dict[Urgency, bool]:
    return {urgency: Room(redis).wait_seconds("wecom_app", "xiaoli", urgency) > 0 for urgency in Urgency}


def test_summaries_may_use_six_tenths_and_alerts_everything(redis: Redis) -> None:
    fill(redis, 17)
    assert not any(waits(redis).values())
    fill(redis, 1)
    assert waits(redis)[Urgency.DIGEST], "18 of 30"
    assert not waits(redis)[Urgency.CARD]
    fill(redis, 9)
    assert waits(redis)[Urgency.CARD], "27 of 30"
    assert not waits(redis)[Urgency.ALERT]
    assert Pace(redis, "wecom_app").wait_seconds(("xiaoli",)) == 0.0, "and there is still a place"


def test_the_hour_is_shared_likewise(redis: Redis) -> None:
    pace = Pace(redis, "wecom_app", per_minute=10_000)
    for _ in range(600):
        pace.count("xiaoli")
    assert Pace(redis, "wecom_app", per_minute=10_000).wait_for_share(("xiaoli",), 0.6) > 3000
    assert Pace(redis, "wecom_app", per_minute=10_000).wait_for_share(("xiaoli",), 0.9) == 0.0


def test_of_several_receivers_the_fullest_counts(redis: Redis) -> None:
    fill(redis, 18, "laowang")
    assert Room(redis).wait_seconds("wecom_app", "xiaoli|laowang", Urgency.DIGEST) > 0
    assert Room(redis).is_tight("wecom_app", "xiaoli|laowang")
    assert not Room(redis).is_tight("wecom_app", "xiaoli")


def test_without_redis_nothing_is_sent_uncounted() -> None:
    away = Redis(port=1, retry=Retry(NoBackoff(), 0))
    with pytest.raises(SendError) as refused:
        Room(away).wait_seconds("wecom_app", "xiaoli", Urgency.CARD)
    resolution = refused.value.resolution
    assert (resolution.reaction, resolution.whose) == (Reaction.WAIT, Whose.HUB)
    assert not Room(away).is_tight("wecom_app", "xiaoli")


def test_while_redis_is_away_all_waits_and_no_try_is_counted(scene: Scene) -> None:
    scene.ways.redis = Redis(port=1, retry=Retry(NoBackoff(), 0))
    for number in range(3):
        scene.owe(key=f"k{number}")
    for _ in range(20):
        report = scene.run(after=timedelta(seconds=6))
        assert (report.sent, report.waiting, report.failed) == (0, 1, 0), "one look, not one for each message"
    assert {row.tries for row in scene.rows()} == {0}
    scene.ways.redis = scene.redis
    assert scene.run(after=timedelta(seconds=6)).sent == 3


def test_a_summary_waits_for_room_and_is_dropped_when_there_is_none(scene: Scene) -> None:
    fill(scene.redis, 20)
    scene.owe(key="digest", urgency=Urgency.DIGEST, body={"text": "今日汇总"})
    assert scene.run().waiting == 1
    assert "排队" in scene.row().problem
    scene.owe(key="alert", urgency=Urgency.ALERT, body={"text": "马上超时"})
    report = scene.run(after=timedelta(minutes=15))
    assert (report.sent, report.dropped) == (1, 1)
    assert "紧急" in scene.row().problem
    assert scene.row().unsaid


def test_an_alert_is_never_dropped(scene: Scene) -> None:
    fill(scene.redis, 20)
    scene.app.wait = 3000.0
    scene.bot.wait = 10.0
    scene.owe(urgency=Urgency.ALERT)
    for _ in range(30):
        assert scene.run(after=timedelta(minutes=20)).waiting == 1
    scene.app.wait = 0
    assert scene.run(after=timedelta(hours=1)).sent == 1


def test_an_alert_takes_another_way_when_its_channel_is_full_for_long(scene: Scene) -> None:
    scene.app.wait = 3000.0
    scene.owe(urgency=Urgency.ALERT, key="alert")
    scene.owe(urgency=Urgency.CARD, key="other")
    report = scene.run()
    assert (report.sent, report.waiting, len(scene.bot.parcels)) == (1, 1, 1)


def test_an_alert_waits_for_the_full_channel_where_the_others_refuse(scene: Scene) -> None:
    scene.app.wait = 3000.0
    scene.bot.fails = [SendError(GONE)]
    scene.owe(urgency=Urgency.ALERT)
    report = scene.run()
    assert (report.waiting, report.failed, report.again_at) == (1, 0, NOW + timedelta(seconds=3000))


def test_what_was_dropped_is_said_in_the_next_message_and_only_there(scene: Scene) -> None:
    fill(scene.redis, 20)
    for number in range(2):
        scene.owe(key=f"digest{number}", urgency=Urgency.DIGEST, body={"text": "长" * 300 + str(number)})
    scene.run()
    assert scene.run(after=timedelta(minutes=15)).dropped + scene.run().dropped >= 1
    lost = [row for row in scene.rows() if row.unsaid]
    scene.redis.flushall()
    scene.owe(key="other", recipient=str(scene.people["laowang"]))
    scene.owe(key="next", body={"text": "好"})
    scene.owe(key="later", body={"text": "再见"})
    scene.run()
    to_him, *to_her = [parcel.drawing for parcel in scene.app.parcels]
    assert to_him == Text("好")
    first, second = (text.markdown for text in to_her if isinstance(text, Text))
    assert first.startswith("好\n> ")
    assert f"{len(lost)} 条汇总" in first
    assert second == "再见"
    assert not any(row.unsaid for row in scene.rows())


def test_it_is_said_on_a_card_too_and_again_until_one_gets_through(scene: Scene) -> None:
    fill(scene.redis, 20)
    scene.owe(key="digest", urgency=Urgency.DIGEST)
    scene.run()
    scene.run(after=timedelta(minutes=15))
    scene.redis.flushall()
    scene.app.fails = [SendError(BUSY, 6000)]
    scene.owe("staff", "card", subject=f"case:{keep_case(scene).id}", body={}, key="card")
    assert scene.run().waiting == 1
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    for parcel in scene.app.parcels:
        assert isinstance(parcel.drawing, Card)
        assert "1 条汇总" in parcel.drawing.body
