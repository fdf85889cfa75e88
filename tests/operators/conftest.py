from __future__ import annotations

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

import app
from config import Settings
from wire import Clock, Hub, enqueue


@pytest.fixture
def hub(settings: Settings, engine: Engine, sessions: sessionmaker[Session], redis: Redis) -> Hub:
    return Hub(settings, engine, sessions, redis, Clock(""), enqueue)


@pytest.fixture
def flask(hub: Hub) -> Flask:
    return app.create_app(hub)
