"""Files that people send to DingTalk's robot: from the code in the message to the rows in the database's hands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.files import NoFile, fetch
from config import Settings
from handlers.incoming import Attached
from tests.ding_town import DingTown, ding_settings, open_ding_town

MOST = 1 << 20


@pytest.fixture
def town() -> Iterator[DingTown]:
    with open_ding_town() as found:
        yield found


@pytest.fixture
def dingtalk(town: DingTown) -> Settings:
    return ding_settings(town.url)


def sent(town: DingTown, content: bytes) -> Attached:
    """Somebody sent a file; what the robot is told of it."""
    kept = town.ding.store.keep("订单.xlsx", "file", content, "application/octet-stream")
    return Attached(f"dingtalk:{town.ding.talk.download_code(kept)}", "", "订单.xlsx")


def test_a_file_is_fetched_by_its_code(town: DingTown, dingtalk: Settings, redis: Redis) -> None:
    assert fetch(sent(town, b"PK\x03\x04 rows"), MOST, dingtalk, redis) == ("", b"PK\x03\x04 rows")
    assert not town.complaints


def test_a_code_that_expired_is_said(town: DingTown, dingtalk: Settings, redis: Redis) -> None:
    attached = sent(town, b"x")
    town.ding.talk.expire()
    with pytest.raises(NoFile, match="失效") as caught:
        fetch(attached, MOST, dingtalk, redis)
    assert not caught.value.again


def test_a_platform_that_is_busy_is_asked_again(town: DingTown, dingtalk: Settings, redis: Redis) -> None:
    attached = sent(town, b"x")
    town.ding.switches.fail_calls = 1
    with pytest.raises(NoFile) as caught:
        fetch(attached, MOST, dingtalk, redis)
    assert caught.value.again
    assert fetch(attached, MOST, dingtalk, redis)[1] == b"x"


def test_more_than_is_taken_is_not_read_to_its_end(town: DingTown, dingtalk: Settings, redis: Redis) -> None:
    with pytest.raises(NoFile, match="超过 1 MB"):
        fetch(sent(town, b"x" * (MOST + 1)), MOST, dingtalk, redis)


def test_without_dingtalk_in_the_settings_nothing_is_asked(town: DingTown, settings: Settings, redis: Redis) -> None:
    away = settings.model_copy(update={"dingtalk": None})
    with pytest.raises(NoFile, match="不在配置里"):
        fetch(sent(town, b"x"), MOST, away, redis)
