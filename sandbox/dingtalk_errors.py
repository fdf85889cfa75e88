"""How DingTalk says no: HTTP 4xx and a code on its new host, an errcode inside HTTP 200 on its old one."""

from __future__ import annotations

import secrets
from typing import Any


class Declined(Exception):
    """Of the new host, `/v1.0/…`."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(f"{status} {code} {message}".rstrip())
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message or self.code, "requestid": request_id()}


class OldDeclined(Exception):
    """Of the old host, `/topapi/…` and its neighbours."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg

    def answer(self) -> dict[str, Any]:
        return {"errcode": self.errcode, "errmsg": self.errmsg, "request_id": request_id().lower()}


def wrong(code: str, message: str = "") -> Declined:
    """A parameter that is not as it should be."""
    return Declined(400, code, message)


def missing(name: str) -> Declined:
    return Declined(400, f"Missing{name}", f"{name} is mandatory for this action.")


def request_id() -> str:
    found = secrets.token_hex(16).upper()
    return "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))
