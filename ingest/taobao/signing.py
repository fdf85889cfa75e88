"""Taobao's three ways to sign; `sign_method` itself, and whatever else is sent, is signed too."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from ingest.signing import joined, wrapped_md5

_DIGESTS: Final = {"hmac": "md5", "hmac-sha256": "sha256"}


def sign(params: Mapping[str, str], secret: str) -> str:
    """By the parameter `sign_method`: md5 (the default), hmac or hmac-sha256. Only MD5 wraps the secret around."""
    method = params.get("sign_method", "md5")
    if method == "md5":
        return wrapped_md5(params, secret)
    return hmac.new(secret.encode(), joined(params).encode(), _DIGESTS[method]).hexdigest().upper()
