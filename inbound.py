"""The web door's part for the platforms' own messages: POST (and where a platform tries the address, GET)
/push/<platform>/<shop>. A message is verified, kept sealed, answered as the platform wants, and the rest is a job.
Bad input gets the platform's refusal and leaves nothing behind.
"""

from __future__ import annotations

from typing import Final

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

import ingest.inbox
from handlers.desk import Job
from ingest.push import push_of
from ingest.pushing import Answer, Arrived, Push, Untrusted
from wire import Hub

log = structlog.get_logger()
MOST_BYTES: Final = 256 * 1024


def blueprint(here: Hub) -> Blueprint:
    """The routes of all shops whose platform pushes."""
    pages = Blueprint("inbound", __name__)
    pushes = {(shop.platform, shop.slug): push_of(shop) for shop in here.settings.shops if shop.enabled}

    def pushing(platform: str, slug: str) -> Push:
        push = pushes.get((platform, slug))
        if push is None:
            raise NotFound
        return push

    @pages.get("/push/<platform>/<slug>")
    def echo(platform: str, slug: str) -> Response:
        push = pushing(platform, slug)
        try:
            said = push.echo(_arrived(here, b""))
        except Untrusted as error:
            return _refuse(push, error)
        if said is None:
            raise NotFound
        return _response(said)

    @pages.post("/push/<platform>/<slug>")
    def take(platform: str, slug: str) -> Response:
        push = pushing(platform, slug)
        try:
            messages = push.messages(_arrived(here, _body()))
        except Untrusted as error:
            return _refuse(push, error)
        with here.quick_desk() as desk:
            if ingest.inbox.keep(desk.session, slug, messages, desk.now):
                desk.ask_later(Job.READ_PUSHED, slug)
        return _response(push.accepted)

    pages.register_error_handler(RequestEntityTooLarge, _too_large)
    pages.register_error_handler(SQLAlchemyError, _unavailable)
    return pages


def _arrived(here: Hub, body: bytes) -> Arrived:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Arrived(request.args.to_dict(), headers, body, here.now())


def _body() -> bytes:
    """Raises RequestEntityTooLarge. A body in chunks is cut at the limit without a word, so one more byte is read."""
    request.max_content_length = MOST_BYTES + 1
    body = request.get_data(cache=False)
    if len(body) > MOST_BYTES:
        raise RequestEntityTooLarge
    return body


def _response(answer: Answer) -> Response:
    return Response(answer.body, status=answer.status, mimetype=answer.mimetype)


def _refuse(push: Push, error: Untrusted) -> Response:
    log.warning("push_refused", path=request.path, why=str(error), peer=request.remote_addr)
    return _response(push.refused)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    log.warning("push_refused", path=request.path, why="body too large", peer=request.remote_addr)
    return Response(status=413)


def _unavailable(error: SQLAlchemyError) -> Response:
    # Nothing was kept, so the platform's next try starts afresh.
    log.error("push_failed", path=request.path, error=type(error).__name__)
    return Response(status=503)
