"""How the platforms say no: an errcode and an errmsg inside HTTP 200."""

import secrets
from typing import Any


class Refused(Exception):
    """A call the platform does not accept."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode = errcode
        self.errmsg = errmsg

    def answer(self) -> dict[str, Any]:
        # The hint is what the real platform appends; clients must judge by errcode and never by this text.
        return {"errcode": self.errcode, "errmsg": f"{self.errmsg}, hint: [{secrets.token_hex(8)}]"}


def invalid(field: str, why: str = "") -> Refused:
    """40058 always names the field, as the platform does."""
    return Refused(40058, f"invalid parameter: {field}" + (f" {why}" if why else ""))
