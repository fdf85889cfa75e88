"""What to do about a mail server's answers: its response codes (RFC 5530 and those seen in the field), else by what was
asked, for many servers give no code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from ingest.source import Action, PlatformError, Resolution, Whose

_BUSY: Final = Resolution(Action.RETRY, Whose.PLATFORM, "邮箱服务器暂时不可用，稍后自动重试")
_LIMITED: Final = Resolution(Action.WAIT, Whose.PLATFORM, "邮箱服务器限制了登录或连接次数，稍后自动继续")
_BROKEN: Final = Resolution(Action.PAUSE, Whose.PLATFORM, "邮箱服务器上的邮箱出了问题，暂停几分钟后再试")
_LOGIN: Final = Resolution(
    Action.STOP, Whose.SHOP, "邮箱登录失败，授权无效：请检查账号和密码；多数邮箱要用「授权码」，并在设置里开启 IMAP"
)
_FOLDER: Final = Resolution(Action.STOP, Whose.SHOP, "邮箱里没有这个文件夹，或没有权限：请检查 folder")
_TLS: Final = Resolution(Action.STOP, Whose.US, "邮箱要求加密连接：gateway 请写成 imaps://主机:993")
_CALL: Final = Resolution(Action.STOP, Whose.US, "邮箱服务器不接受读信的方式，请联系技术人员")

CODES: Final[dict[str, Resolution]] = {
    "AUTHENTICATIONFAILED": _LOGIN,
    "AUTHORIZATIONFAILED": _LOGIN,
    "EXPIRED": _LOGIN,
    "CONTACTADMIN": _LOGIN,
    "PRIVACYREQUIRED": _TLS,
    "NONEXISTENT": _FOLDER,
    "NOPERM": _FOLDER,
    "TRYCREATE": _FOLDER,
    "UNAVAILABLE": _BUSY,
    "INUSE": _BUSY,
    "EXPUNGEISSUED": _BUSY,
    "SERVERBUG": _BUSY,
    "CORRUPTION": _BROKEN,
    "LIMIT": _LIMITED,
    "OVERQUOTA": _LIMITED,
    "THROTTLED": _LIMITED,
    "CLIENTBUG": _CALL,
    "CANNOT": _CALL,
    "BADCHARSET": _CALL,
    "PARSE": _CALL,
    # without a code, by what was asked
    "network": _BUSY,
    "certificate": Resolution(Action.STOP, Whose.US, "邮箱服务器的证书不可信：请检查 gateway 的主机名"),
    "login": _LOGIN,
    "folder": _FOLDER,
    "search": _BUSY,
    "fetch": _BUSY,
}
DEFAULT: Final = _BUSY
"""For a code that is not in the table: tried again a few times, then shown; the cursor stays."""

_CODE: Final = re.compile(r"\[([A-Z][A-Z-]+)(?: [^\]]*)?\]")
_OFTEN: Final = re.compile(r"frequen|too many|limit|频繁|次数|rate", re.IGNORECASE)
_WAIT_SECONDS: Final = 600.0


def error_of(reply: Mapping[str, Any]) -> PlatformError:
    """`code`: a response code, or what was asked; `message`: the server's words."""
    code, message = str(reply.get("code", "")), str(reply.get("message", ""))[:200]
    resolution = CODES.get(code, DEFAULT)
    return PlatformError(resolution, code, message, _WAIT_SECONDS if resolution is _LIMITED else 0)


def refused(asked: str, words: str) -> PlatformError:
    """The server said no to what was `asked`. Its words are not passed on: they may repeat what we sent."""
    found = _CODE.search(words.upper())
    if found is not None and found[1] in CODES:
        return error_of({"code": found[1]})
    if _OFTEN.search(words):
        return error_of({"code": "LIMIT"})
    return error_of({"code": asked})
