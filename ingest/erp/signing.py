"""How the ERPs sign (reference sheet 2.1; vectors E1, E2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ingest.signing import joined


def sign_jushuitan(params: Mapping[str, str], secret: str) -> str:
    """Lower hex MD5 over the secret and the joined parameters; the secret stands in front alone."""
    return hashlib.md5(f"{secret}{joined(params)}".encode()).hexdigest()


def packed(params: Mapping[str, str]) -> str:
    """03-sid:0004-test;…: name and value each behind their length in characters, not bytes."""
    return ";".join(f"{len(name):02d}-{name}:{len(value):04d}-{value}" for name, value in sorted(params.items()))


def sign_wangdian(params: Mapping[str, str], secret: str) -> str:
    """Lower hex MD5 over the packed parameters and the secret."""
    return hashlib.md5(f"{packed(params)}{secret}".encode()).hexdigest()
