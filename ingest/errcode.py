"""Errors of WeChat's and WeCom's interfaces: a number `errcode`, and `errmsg` for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingest.source import PlatformError, Resolution


def error_of(reply: Mapping[str, Any], codes: Mapping[int, Resolution], default: Resolution) -> PlatformError:
    """The error that a reply's `errcode` means by a table of codes; nothing is read out of `errmsg`."""
    code = str(reply.get("errcode", ""))
    known = codes.get(int(code)) if code.removeprefix("-").isdecimal() else None
    return PlatformError(known or default, code, str(reply.get("errmsg") or "")[:200])
