"""The platforms' calls, answered before the web framework sees them: a call is a path, a query, a body and an answer,
and what a framework does around each request costs as much as the answer itself. All else goes on to the framework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.crypto import BadEnvelope
from bot.envelope import MOST_BYTES
from bot.mishap import described
from bot.payload import BadPayload

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = structlog.get_logger()
EXCUSED: Final = (BadEnvelope, BadPayload, SQLAlchemyError)
"""What `excused` has an answer for."""
_LINES: Final = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class TooLarge(BadEnvelope):
    """A body over MOST_BYTES."""

    status = 413


class Call(NamedTuple):
    query: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"
    status: int = 200


Take = Callable[[Call], Reply]


class Calls:
    """Stands in front of `rest`. `takes`: path → what answers a POST there; it may raise EXCUSED."""

    def __init__(self, takes: Mapping[str, Take], rest: WSGIApplication) -> None:
        self._takes = takes
        self._rest = rest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        take = self._takes.get(path)
        if take is None or environ["REQUEST_METHOD"] != "POST":
            return self._rest(environ, start_response)
        try:
            query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
            reply = take(Call(query, body_of(environ)))
        except EXCUSED as error:
            reply = excused(error, path, environ.get("REMOTE_ADDR", ""))
        head = [("Content-Type", reply.kind), ("Content-Length", str(len(reply.body)))]
        start_response(_LINES[reply.status], head)
        return [reply.body]


def body_of(environ: WSGIEnvironment) -> bytes:
    """Raises TooLarge. A body in chunks tells no length: of such a one a byte more is read than what is taken."""
    told = environ.get("CONTENT_LENGTH")
    if told and int(told) > MOST_BYTES:
        raise TooLarge("body too large")
    whole = int(told) if told else MOST_BYTES + 1 if environ.get("wsgi.input_terminated") else 0
    body: bytes = environ["wsgi.input"].read(whole)
    if len(body) > MOST_BYTES:
        raise TooLarge("body too large")
    return body


def excused(error: Exception, path: str, peer: str) -> Reply:
    """The answer to a call that went wrong with one of EXCUSED, and a line in the log without what was sent."""
    path = "/sms/…" if path.startswith("/sms/") else path  # the rest of it is the secret
    if isinstance(error, BadEnvelope):
        log.warning("callback_refused", path=path, why=str(error), status=error.status, peer=peer)
        return Reply(status=error.status)
    if isinstance(error, BadPayload):
        # Platform and sender are known; only the button is not ours, or its key is no longer in the configuration.
        log.warning("press_ignored", path=path, why=str(error))
        return Reply()
    # Nothing was marked as seen, so the platform's next try starts afresh.
    log.error("callback_failed", path=path, **described(error))
    return Reply(status=503)
