from __future__ import annotations

import pytest
from redis import Redis

from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.client import AppSender
from config import Settings
from tests.bot.samples import PEN


@pytest.fixture
def app(town_conf: Settings, redis: Redis) -> App:
    assert town_conf.wecom is not None
    return App(town_conf.wecom, redis)


@pytest.fixture
def sender(town_conf: Settings, redis: Redis) -> AppSender:
    assert town_conf.wecom is not None
    return AppSender(town_conf.wecom, redis, PEN.base_url)
