"""The wire to a far party: one HTTP session, explicit time-outs, exact JSON. Knows no platform."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from ingest.canonical import read_json
from ingest.gate import Gate
from ingest.source import Action, PlatformError, Resolution, Whose

# Its debug lines hold addresses with tokens and secrets in them.
logging.getLogger("urllib3").setLevel(logging.INFO)

TIMEOUTS: Final = (3.0, 15.0)  # seconds to connect, seconds of silence while reading
_TRANSIENT: Final = Resolution(Action.RETRY, Whose.PLATFORM, "平台没有正常应答，稍后自动重试")


def transient(code: str, message: str = "") -> PlatformError:
    """A fault that may be gone the next time. A reply that states nothing is one too, never an empty page."""
    return PlatformError(_TRANSIENT, code, message)


class Unanswered(PlatformError):
    """No reply that states anything; `why` says it in a word for people."""

    def __init__(self, code: str, message: str, why: str) -> None:
        super().__init__(_TRANSIENT, code, message)
        self.why = why


class Unreached(Unanswered):
    """The party itself was not reached, whatever was asked of it."""


class Wire:
    """Posts forms or JSON to one gateway. Its errors name neither parameters nor tokens. `gate`: what all workers know
    of the party; without it every call is made."""

    def __init__(self, gateway: str, gate: Gate | None = None) -> None:
        self._gateway = gateway
        self._gate = gate
        self._session = requests.Session()
        self.date: datetime | None = None
        """The server's own clock in its last reply, where it told it."""

    @contextmanager
    def asking(self, method: str) -> Iterator[None]:
        """Around one call and the reading of its reply. Waits or raises where the party is down, told us to wait, or
        the budget is used up; a PlatformError of the block is counted, and what it tells all workers obey."""
        if self._gate is None:
            yield
            return
        leave = self._gate.enter(method)
        try:
            yield
        except Unreached as error:
            raise self._gate.unreached(error, error.why) from None
        except PlatformError as error:
            why = error.why if isinstance(error, Unanswered) else f"错误码 {error.code}"
            raise self._gate.refused(leave, error, why) from None
        self._gate.worked(leave)

    def post(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The reply's JSON object. Raises a transient PlatformError for everything else."""
        return self._sent(self._gateway, data=form)

    def post_json(self, path: str, query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """Like `post`, for a platform with one address per method; `body` is sent as it is, for it may be signed."""
        headers = {"Content-Type": "application/json;charset=UTF-8"}
        return self._sent(self._gateway.rstrip("/") + path, params=query, data=body, headers=headers)

    def get(self, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        """Like `post_json`, for what a platform lets be asked by GET alone."""
        return self._sent(self._gateway.rstrip("/") + path, method="GET", params=query)

    def _sent(self, address: str, method: str = "POST", **request: Any) -> dict[str, Any]:
        try:
            # No redirects: they would carry tokens to another host.
            response = self._session.request(method, address, timeout=TIMEOUTS, allow_redirects=False, **request)
            content = response.content
        except requests.ReadTimeout as error:
            raise Unanswered("network", type(error).__name__, "应答超时") from None
        except requests.Timeout as error:
            raise Unreached("network", type(error).__name__, "网络超时") from None
        except requests.RequestException as error:
            raise Unreached("network", type(error).__name__, "网络不通") from None
        status = f"http-{response.status_code}"
        try:
            document = read_json(content)
        except ValueError:
            raise Unanswered(status, "no JSON", f"应答异常 HTTP {response.status_code}") from None
        if not isinstance(document, dict) or (response.status_code != 200 and "error_response" not in document):
            raise Unanswered(status, "no reply of the platform", f"应答异常 HTTP {response.status_code}")
        self.date = _date(response.headers.get("Date"))
        return document


def _date(header: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(header) if header else None
    except ValueError:
        return None


def total_of(value: Any) -> int:
    """A stated number of rows. Raises a transient PlatformError where none is stated."""
    digits = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not digits.isdecimal():
        raise transient("no-total", "the reply states no number of rows")
    return int(digits)
