"""What a platform's push is to the hub, whoever pushes: a signed request, the messages in it, the answer it wants."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from ingest.canonical import canonical, read_json

TOLERANCE: Final = timedelta(minutes=10)
LONGEST: Final = 100  # characters of a kind or a mark; a longer mark is not the platform's
_LONGEST_NUMBER: Final = 64


class Untrusted(Exception):
    """Not signed with our secret, or too old. The text names the reason and holds nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request to /push/<platform>/<shop>; `headers` by names in lower case, `now` by the hub's clock."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """`mark`: the platform's own id of it, else its fingerprint; `kind`: its topic; `number`: of the order that must be
    read, "" where there is none; `body`: what is kept of it."""

    mark: str
    kind: str
    number: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    body: bytes
    status: int = 200
    mimetype: str = "application/json"


class Push(Protocol):
    """One shop's push. `accepted` and `refused` are answers in the platform's own form."""

    accepted: Answer
    refused: Answer

    def messages(self, arrived: Arrived) -> list[Message]:
        """What was pushed; a body that is signed and makes no sense is a message too, without a number. Raises
        Untrusted."""
        ...

    def echo(self, arrived: Arrived) -> Answer | None:
        """The answer to the platform's GET that asks whether the address is ours; None where it asks none. Raises
        Untrusted."""
        ...


def answer(said: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode(), status)


def check(signature: str, expected: str) -> None:
    """Raises Untrusted. Takes as long for a wrong signature as for a right one."""
    if not hmac.compare_digest(signature.encode("utf-8", "replace"), expected.encode()):
        raise Untrusted("wrong signature")


def check_time(signed_at: datetime | None, now: datetime, tolerance: timedelta = TOLERANCE) -> None:
    """Raises Untrusted."""
    if signed_at is None or abs(now - signed_at) > tolerance:
        raise Untrusted("too old, or no time")


def tree_of(text: bytes | str) -> dict[str, Any]:
    """A JSON object; an empty one for whatever else."""
    try:
        found = read_json(text.encode() if isinstance(text, str) else text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def message(kind: Any, number: Any, body: bytes, mark: Any = None) -> Message:
    """A message of whatever the platform wrote in these places."""
    return Message(_short(mark) or fingerprint(body), _short(kind) or "?", _number(number), body)


def fingerprint(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def same_bytes(body: Any) -> bytes:
    """A part of a JSON document, the same for the same content."""
    return canonical(body)


def _short(value: Any) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= LONGEST and text.isprintable() else ""


def _number(value: Any) -> str:
    """An order's number as every platform writes them: letters, digits and dashes."""
    text = _short(value).strip()
    plain = text.isascii() and text.replace("-", "").isalnum()
    return text if plain and len(text) <= _LONGEST_NUMBER else ""
