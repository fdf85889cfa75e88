"""The app's own menu below its chat: at most three entries, each one thing or up to five (page 90231)."""

from collections.abc import Iterator
from typing import Any

from sandbox.chat_content import check_url
from sandbox.chat_errors import Refused

Button = dict[str, Any]
CALLS = {"click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin"}
CALLS |= {"location_select"}
KEY_BYTES = 128
URL_BYTES = 1024
NAME_BYTES = (16, 40)  # of an entry, and below one
CODES = {  # what is wrong: (of an entry, below one)
    "type": (40017, 40024),
    "count": (40016, 40023),
    "name": (40018, 40025),
    "key": (40019, 40026),
    "url": (40020, 40027),
}


class Menu:
    def __init__(self) -> None:
        self.buttons: list[Button] = []
        self.writes = 0

    def forget(self) -> None:
        self.buttons, self.writes = [], 0

    def create(self, payload: dict[str, Any]) -> dict[str, Any]:
        buttons = _entries(payload.get("button"), 3, 0)
        self.buttons = [_checked(button, 0) for button in buttons]
        self.writes += 1
        return {"errcode": 0, "errmsg": "ok"}

    def get(self) -> dict[str, Any]:
        """As it is kept: an entry without anything below it gets an empty list there."""
        if not self.buttons:
            raise Refused(46003, "menu no exist")
        return {"errcode": 0, "errmsg": "ok", "button": [{"sub_button": []} | one for one in self.buttons]}

    def delete(self) -> dict[str, Any]:
        self.buttons = []
        return {"errcode": 0, "errmsg": "ok"}

    def reachable(self) -> Iterator[str]:
        """The keys that a thumb can reach."""
        for button in self.buttons:
            for one in button.get("sub_button") or [button]:
                if "key" in one:
                    yield one["key"]


def _entries(value: Any, most: int, level: int) -> list[Button]:
    if not isinstance(value, list) or not 1 <= len(value) <= most or not all(isinstance(one, dict) for one in value):
        raise Refused(CODES["count"][level], f"invalid button size: 1 to {most}")
    return value


def _checked(button: Button, level: int) -> Button:
    name = button.get("name")
    if not isinstance(name, str) or not name.strip() or len(name.encode()) > NAME_BYTES[level]:
        raise Refused(CODES["name"][level], f"invalid button name size: at most {NAME_BYTES[level]} bytes")
    if not level and button.get("sub_button"):
        below = _entries(button["sub_button"], 5, 1)
        return {"name": name, "sub_button": [_checked(one, 1) for one in below]}
    kind = button.get("type")
    if kind == "view":
        check_url(button.get("url"), "button.url")
        if len(button["url"].encode()) > URL_BYTES:
            raise Refused(CODES["url"][level], "invalid button url size")
        return {"type": kind, "name": name, "url": button["url"]}
    if kind not in CALLS:
        raise Refused(CODES["type"][level], f"invalid button type: {kind!r}")
    key = button.get("key")
    if not isinstance(key, str) or not key or len(key.encode()) > KEY_BYTES:
        raise Refused(CODES["key"][level], f"invalid button key size: at most {KEY_BYTES} bytes")
    return {"type": kind, "name": name, "key": key}
