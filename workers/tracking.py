"""The web door's part for what the courier interface tells by itself: POST /push/kuaidi100. Verified, taken in, and
answered as the interface wants; otherwise it comes again three times, half an hour apart."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

import handlers.supply.parcel_news
from ingest.courier.kuaidi100.push import ACCEPTED, REFUSED, receive
from ingest.courier.source import NotGenuine
from ingest.snapshot import Unreadable
from wire import Hub

log = structlog.get_logger()
PUSH_PATH = "/push/kuaidi100"


def blueprint(here: Hub) -> Blueprint:
    """The route, where a courier interface is configured."""
    pages = Blueprint("tracking", __name__)
    settings = here.settings.courier
    if settings is None:
        return pages

    @pages.post(PUSH_PATH)
    def take() -> ResponseReturnValue:
        try:
            told = receive(request.form.to_dict(), settings.salt)
        except NotGenuine:
            log.warning("parcel_push_refused", peer=request.remote_addr)
            return jsonify(REFUSED), 403
        except Unreadable as error:
            # Nothing would be better the next time: it is noted and taken as done.
            log.warning("parcel_push_unreadable", problem=str(error))
            return jsonify(ACCEPTED)
        with here.quick_desk() as desk:
            many = handlers.supply.parcel_news.heard(desk, told)
        log.info("parcel_pushed", parcels=many, state=told.state)
        return jsonify(ACCEPTED)

    pages.register_error_handler(SQLAlchemyError, _unavailable)
    return pages


def _unavailable(error: SQLAlchemyError) -> Response:
    # Nothing was kept: without an answer it comes again.
    log.error("parcel_push_failed", error=type(error).__name__)
    return Response(status=503)
