"""How the three platforms sign, over exactly the text that was sent."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

SIGN_METHODS = ("md5", "hmac", "hmac-sha256")


def joined(params: Mapping[str, str]) -> str:
    """Names in code-point order, each followed by its raw value; `sign` never signs itself."""
    return "".join(name + params[name] for name in sorted(params) if name != "sign")


def _wrapped_md5(params: Mapping[str, str], secret: str) -> str:
    return hashlib.md5(f"{secret}{joined(params)}{secret}".encode()).hexdigest().upper()


def sign_top(params: Mapping[str, str], secret: str) -> str:
    method = params.get("sign_method", "md5")
    if method == "md5":
        return _wrapped_md5(params, secret)
    algorithm = {"hmac": "md5", "hmac-sha256": "sha256"}[method]
    return hmac.new(secret.encode(), joined(params).encode(), algorithm).hexdigest().upper()


def sign_jd(params: Mapping[str, str], secret: str) -> str:
    return _wrapped_md5(params, secret)


def sign_pdd(params: Mapping[str, str], secret: str) -> str:
    return _wrapped_md5(params, secret)


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
