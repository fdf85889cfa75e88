"""A way that does not work is remembered, so that not every message tries it first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.broken import Broken
from bot.channels.sending import Reaction, Resolution, SendError, Whose
from bot.ladder import LADDER, Way
from config import Settings
from tests.bot.scene import BUSY, GONE, Desks, Scene

WRONG = Resolution(Reaction.ALERT, Whose.IT, "应用已停用")
TOO_LONG = Resolution(Reaction.GIVE_UP, Whose.HUB, "内容太长")


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def tell(scene: Scene, *userids: str) -> None:
    for number, userid in enumerate(userids):
        scene.owe(key=f"{userid}{number}{scene.now}", recipient=str(scene.people[userid]))
    scene.run()


def test_a_channel_whose_settings_are_wrong_is_tried_once_and_then_last(scene: Scene) -> None:
    scene.app.fails = [SendError(WRONG, 50003)]
    tell(scene, "xiaoli", "laowang", "chenjie")
    assert len(scene.app.parcels) == 1
    assert [parcel.recipient for parcel in scene.bot.parcels] == ["xiaoli", "laowang", "chenjie"]
    scene.now += timedelta(minutes=9)
    tell(scene, "xiaoli")
    assert len(scene.app.parcels) == 1, "the next run knows it too"
    scene.now += timedelta(minutes=2)
    tell(scene, "xiaoli")
    assert len(scene.app.parcels) == 2, "after a while it is tried first again"


def test_a_person_whom_it_does_not_reach_is_known_for_herself_alone(scene: Scene) -> None:
    scene.app.fails = [SendError(GONE)]
    tell(scene, "xiaoli", "xiaoli", "laowang")
    assert [parcel.recipient for parcel in scene.app.parcels] == ["xiaoli", "laowang"]
    assert [parcel.recipient for parcel in scene.bot.parcels] == ["xiaoli", "xiaoli"]


def test_a_message_that_it_does_not_take_says_nothing_of_the_next(scene: Scene) -> None:
    scene.app.fails = [SendError(TOO_LONG), SendError(BUSY, 6000)]
    tell(scene, "xiaoli", "xiaoli", "xiaoli")
    assert len(scene.app.parcels) == 3


def test_where_all_others_fail_it_is_tried_all_the_same_and_may_have_mended(scene: Scene) -> None:
    scene.app.fails = [SendError(WRONG, 50003)]
    tell(scene, "xiaoli")
    scene.now += timedelta(minutes=1)
    scene.bot.fails = [SendError(GONE)]
    tell(scene, "xiaoli")
    assert [len(scene.app.parcels), len(scene.bot.parcels)] == [2, 2]
    assert scene.states() == ["sent", "sent"]
    tell(scene, "laowang")
    assert scene.app.parcels[-1].recipient == "laowang", "it works again"


def test_with_redis_away_nothing_is_known_and_nothing_breaks(scene: Scene) -> None:
    away = Broken(Redis(port=1, retry=Retry(NoBackoff(), 0)), scene.now)
    ways = [Way(rung, scene.app, "xiaoli") for rung in LADDER["staff"][:2]]
    assert away.last(ways) == ways
    away.note(ways[0], SendError(WRONG))
    assert away.last(ways) == ways[::-1], "within the run it is known"
    away.mended(ways[0])
    assert away.last(ways) == ways
