"""The wire to a marketplace: one HTTP session, explicit time-outs, exact JSON. Knows no platform."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import requests

from ingest.canonical import read_json
from ingest.source import Action, PlatformError, Resolution, Whose

TIMEOUTS: Final = (3.0, 15.0)  # seconds to connect, seconds of silence while reading
_TRANSIENT: Final = Resolution(Action.RETRY, Whose.PLATFORM, "平台没有正常应答，稍后自动重试")


def transient(code: str, message: str = "") -> PlatformError:
    """A fault that may be gone the next time. A reply that states nothing is one too, never an empty page."""
    return PlatformError(_TRANSIENT, code, message)


class Wire:
    """Posts forms to one gateway. Its errors name neither parameters nor tokens."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._session = requests.Session()
        self.date: datetime | None = None
        """The server's own clock in its last reply, where it told it."""

    def post(self, form: Mapping[str, str]) -> dict[str, Any]:
        """The reply's JSON object. Raises a transient PlatformError for everything else."""
        try:
            # No redirects: they would carry tokens to another host.
            response = self._session.post(self._gateway, data=form, timeout=TIMEOUTS, allow_redirects=False)
            content = response.content
        except requests.RequestException as error:
            raise transient("network", type(error).__name__) from None
        try:
            document = read_json(content)
        except ValueError:
            raise transient(f"http-{response.status_code}", "no JSON") from None
        if not isinstance(document, dict) or (response.status_code != 200 and "error_response" not in document):
            raise transient(f"http-{response.status_code}", "no reply of the platform")
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
