"""The web door: callbacks of the chat platforms, the H5 board, health; and the operators' `flask …`."""

from __future__ import annotations

import sys

import structlog
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

import inbound
import operators
import web
import web.progress
from bot import callbacks, logins, visitors
from handlers.completeness import puller
from wire import WEB, Hub
from wire import hub as this_hub
from workers import tracking

log = structlog.get_logger()
LARGEST_BODY = 1024 * 1024


def create_app(hub: Hub | None = None) -> Flask:
    """The application; `hub` is given by tests, else made from `hub.toml`."""
    if hub is None and operators.needs_no_hub(sys.argv[1:]):
        return _without_hub()
    here = hub or this_hub(WEB)
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["hub"] = here
    app.register_blueprint(callbacks.blueprint(here.settings, here.open_desk, here.redis))
    app.register_blueprint(web.blueprint(here.settings, here.open_desk, logins.entrances(here.settings, here.redis)))
    if (account := visitors.account(here.settings, here.redis)) is not None:
        app.register_blueprint(web.progress.blueprint(here.settings, here.open_desk, account))
    app.register_blueprint(inbound.blueprint(here))
    app.register_blueprint(tracking.blueprint(here))
    app.add_url_rule("/healthz", view_func=lambda: _health(here))
    for command in operators.commands(here):
        app.cli.add_command(command)
    return app


def _without_hub() -> Flask:
    app = Flask(__name__)
    for command in operators.commands_without_hub():
        app.cli.add_command(command)
    return app


def _health(here: Hub) -> ResponseReturnValue:
    """200 when the database answers. Redis is told apart, for chat goes on without it; so is whether anybody reads the
    shops, for that is no reason to start this process anew."""
    try:
        with here.quick_desk() as desk:
            pulls = puller.standing(desk)
    except (OperationalError, PoolTimeout):
        return jsonify(database="down"), 503
    try:
        here.redis.ping()
    except RedisError:
        return jsonify(database="up", redis="down", pulls=pulls)
    return jsonify(database="up", redis="up", pulls=pulls)
