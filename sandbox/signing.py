"""How the platforms sign, over exactly the text that was sent."""

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


def sign_douyin(params: Mapping[str, str], secret: str, method: str = "hmac-sha256") -> str:
    """`params`: app_key, method, param_json, timestamp and v, nothing else. Both ways wrap the secret around."""
    text = f"{secret}{joined(params)}{secret}".encode()
    if method == "md5":
        return hashlib.md5(text).hexdigest()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def sign_jushuitan(params: Mapping[str, str], secret: str) -> str:
    return hashlib.md5(f"{secret}{joined(params)}".encode()).hexdigest()


def sign_wangdian(params: Mapping[str, str], secret: str) -> str:
    """Lengths are counted in characters."""
    packed = [f"{len(name):02d}-{name}:{len(params[name]):04d}-{params[name]}" for name in sorted(params)
              if name != "sign"]  # fmt: skip
    return hashlib.md5(f"{';'.join(packed)}{secret}".encode()).hexdigest()


def sign_kuaidi100(*parts: str) -> str:
    """A query: param, key, customer. A push: param, salt."""
    return hashlib.md5("".join(parts).encode()).hexdigest().upper()


def same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
