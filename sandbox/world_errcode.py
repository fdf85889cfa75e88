"""What WeChat Shop and WeCom do alike: a path per method, `?access_token=`, JSON, `errcode` inside HTTP 200."""

from __future__ import annotations

import json
import secrets
from abc import abstractmethod
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import request

from sandbox.clock import Clock
from sandbox.world_gateway import Body, Call, Dialect, Refused
from sandbox.world_own_tokens import OwnTokens

CURSOR_LIFE = timedelta(minutes=10)
HIDDEN = frozenset({"secret", "corpsecret"})


def refused(errcode: int, errmsg: str) -> Refused:
    # Platforms append such a hint; clients must judge by errcode and never by this text.
    hint = f"{secrets.token_hex(4)}-{secrets.token_hex(8)}"
    return Refused(errcode, {"errcode": errcode, "errmsg": f"{errmsg} rid: {hint}"})


class Errcode(Dialect):
    """`unknown_token`: the errcode for a token that was never given or is not the latest."""

    unknown_token: int

    def read(self) -> Call:
        path = "/" + str((request.view_args or {}).get("path", ""))
        sent = request.get_json(force=True, silent=True) if request.method == "POST" else None
        body = sent if isinstance(sent, dict) else {}
        params = {**request.args.to_dict(), **{name: _as_text(value) for name, value in body.items()}}
        return Call(path, {name: value for name, value in params.items() if name not in HIDDEN})

    def expired(self) -> Refused:
        return refused(42001, "access_token expired")

    def answer(self, call: Call) -> Body:
        if (token := self.give_token(call)) is not None:
            return token
        self._check_token()
        self.count(call, self.application())
        return {"errcode": 0, "errmsg": "ok", **self.work(call, json_body())}

    @abstractmethod
    def application(self) -> str: ...

    @abstractmethod
    def give_token(self, call: Call) -> Body | None:
        """None where the call asks for no token."""

    @abstractmethod
    def work(self, call: Call, body: dict[str, Any]) -> Body: ...

    @property
    def tokens(self) -> OwnTokens:
        tokens = self.state.tokens[self.platform]
        if not isinstance(tokens, OwnTokens):
            raise TypeError(f"the tokens of {self.platform} are not its own")
        return tokens

    def _check_token(self) -> None:
        if not (token := request.args.get("access_token", "")):
            raise refused(41001, "access_token missing")
        alive = self.tokens.alive(token)
        if alive is None:
            raise refused(self.unknown_token, "invalid credential, access_token is invalid or not latest")
        if not alive:
            raise self.expired()


def json_body() -> dict[str, Any]:
    if request.method != "POST":
        raise refused(43002, "require POST method")
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise refused(47001, "data format error")
    return sent


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


Place = tuple[float, str]
"""After which (time, number) the next page begins: a row that leaves the list moves no other."""


class Cursors:
    """Given out page by page; good for the very question that was asked, and for a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, tuple[str, Place, float]] = {}

    def give(self, question: Mapping[str, Any], place: Place) -> str:
        cursor = f"C{secrets.token_urlsafe(18)}"
        self._known[cursor] = (_as_text(question), place, self._clock.epoch())
        return cursor

    def place(self, cursor: str, question: Mapping[str, Any]) -> Place | None:
        """None for a forged or old one, and for one of another question."""
        asked, place, given = self._known.get(cursor, ("", (0.0, ""), 0.0))
        if asked != _as_text(question) or self._clock.epoch() - given > CURSOR_LIFE.total_seconds():
            return None
        return place

    def forget(self) -> None:
        self._known.clear()
