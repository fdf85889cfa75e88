from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.client import DingSender
from config import Settings
from tests.bot.channels.dingtalk.ding_town import DingTown, ding_settings, open_ding_town
from tests.bot.samples import PEN


@pytest.fixture
def ding_town() -> Iterator[DingTown]:
    with open_ding_town() as town:
        yield town


@pytest.fixture
def ding_conf(ding_town: DingTown) -> Settings:
    return ding_settings(ding_town)


@pytest.fixture
def api(ding_conf: Settings, redis: Redis) -> DingApi:
    assert ding_conf.dingtalk is not None
    return DingApi(ding_conf.dingtalk, redis)


@pytest.fixture
def sender(ding_conf: Settings, redis: Redis) -> DingSender:
    assert ding_conf.dingtalk is not None
    return DingSender(ding_conf.dingtalk, redis, PEN.base_url)
