"""How 快递100 signs (vectors K1, K2): over exactly the text that goes over the wire."""

from __future__ import annotations

import hashlib
import hmac


def sign_query(param: str, key: str, customer: str) -> str:
    return hashlib.md5(f"{param}{key}{customer}".encode()).hexdigest().upper()


def sign_push(param: str, salt: str) -> str:
    return hashlib.md5(f"{param}{salt}".encode()).hexdigest().upper()


def is_genuine(param: str, sign: str, salt: str) -> bool:
    """Whether a push with this text and signature came from where the salt was given."""
    return hmac.compare_digest(sign.upper().encode(), sign_push(param, salt).encode())
