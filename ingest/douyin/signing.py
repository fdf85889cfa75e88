"""How Douyin wants a call written and signed: one canonical JSON text, in the body and in the signature alike."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from ingest.canonical import canonical
from ingest.signing import joined


def param_json(params: Mapping[str, Any]) -> str:
    """Keys sorted at every depth, compact, nothing escaped that JSON itself does not need."""
    return canonical(params).decode()


def sign(signed: Mapping[str, str], secret: str) -> str:
    """HMAC-SHA256 in lower hex over app_key, method, param_json, timestamp and v, and nothing else of the call. The
    secret is the key and stands around the text as well."""
    return hmac.new(secret.encode(), f"{secret}{joined(signed)}{secret}".encode(), hashlib.sha256).hexdigest()
