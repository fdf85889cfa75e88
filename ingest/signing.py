"""The signature that the platforms share: names and values in code-point order, unencoded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping


def joined(params: Mapping[str, str]) -> str:
    """Names in code-point order, each followed by its value. Sign first, URL-encode afterwards."""
    return "".join(name + params[name] for name in sorted(params))


def wrapped_md5(params: Mapping[str, str], secret: str) -> str:
    """MD5 in upper hex over the secret, the joined parameters and the secret again."""
    return hashlib.md5(f"{secret}{joined(params)}{secret}".encode()).hexdigest().upper()
