"""The web door: callbacks of the chat platforms, the H5 board, health; and the operators' `flask --app app hub …`."""

from __future__ import annotations

import click
import structlog
from flask import Flask, jsonify
from flask.cli import AppGroup
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

import handlers.people
import handlers.shops
import handlers.stock
import web
from bot import callbacks
from models import RawPayload, Shop
from models.schema import upgrade
from wire import Hub
from wire import hub as this_hub

log = structlog.get_logger()
LARGEST_BODY = 1024 * 1024


def create_app(hub: Hub | None = None) -> Flask:
    """The application; `hub` is given by tests, else made from `hub.toml`."""
    here = hub or this_hub()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["hub"] = here
    app.register_blueprint(callbacks.blueprint(here.settings, here.open_desk, here.redis))
    app.register_blueprint(web.blueprint(here.settings, here.open_desk))
    app.add_url_rule("/healthz", view_func=lambda: _health(here))
    app.cli.add_command(_commands(here))
    return app


def _health(here: Hub) -> ResponseReturnValue:
    """200 when the database answers; Redis is told apart, for chat goes on without it."""
    try:
        with here.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return jsonify(database="down"), 503
    try:
        here.redis.ping()
    except RedisError:
        return jsonify(database="up", redis="down")
    return jsonify(database="up", redis="up")


def _commands(here: Hub) -> AppGroup:
    group = AppGroup("hub", help="Set up and look after the hub.")
    group.add_command(
        click.Command("prepare", callback=lambda: prepare(here), help="Migrate; shops and staff of hub.toml.")
    )
    group.add_command(click.Command("shops", callback=lambda: _shops(here), help="Every shop, how it stands, and why."))
    group.add_command(
        click.Command("unreadable", callback=lambda: _unreadable(here), help="Records that cannot be read.")
    )
    resume = click.Command("resume", callback=lambda slug: _resume(here, slug), help="Pull a stopped shop again.")
    resume.params.append(click.Argument(["slug"]))
    group.add_command(resume)
    return group


def prepare(here: Hub) -> None:
    """Migrate to head, then make the shops and the people that `hub.toml` names and the database lacks."""
    upgrade(here.engine)
    with here.open_desk() as desk:
        handlers.shops.sync_shops(desk)
        handlers.people.seed_staff(desk)
        handlers.stock.seed_stock(desk)


def _shops(here: Hub) -> None:
    with here.sessions() as session:
        for shop in session.scalars(select(Shop).order_by(Shop.slug)):
            click.echo(f"{shop.slug:12} {shop.platform:8} {shop.state:8} {shop.name}  {shop.problem}")


def _unreadable(here: Hub) -> None:
    newest = select(RawPayload).where(RawPayload.problem.is_not(None)).order_by(RawPayload.received_at.desc())
    with here.sessions() as session:
        for row in session.scalars(newest.limit(200)):
            click.echo(f"{row.received_at:%Y-%m-%d %H:%M} shop {row.shop_id} {row.external_id}: {row.problem}")


def _resume(here: Hub, slug: str) -> None:
    with here.open_desk() as desk:
        if not handlers.shops.resume(desk, slug):
            raise click.ClickException(f"no shop {slug!r}; `flask --app app hub shops` lists them")
    click.echo(f"{slug}: will be pulled at the next tick")
