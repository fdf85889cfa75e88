"""The canonical JSON of a record: what is kept, and what its fingerprint is taken of."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, Final

# The C encoder cannot print a Decimal as it came; it prints a marked text, and the marks are taken off afterwards.
_MARK: Final = "\x01\x02number:"
_MARKED: Final = re.compile(r'"\\u0001\\u0002number:(-?[0-9][0-9.eE+-]*)"')
_WRITTEN_MARK: Final = "\\u0001\\u0002number:"


def _number(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{_MARK}{value}"
    raise TypeError(f"not JSON: {type(value).__name__}")


_ENCODE: Final = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False, default=_number
).encode


def canonical(body: Any) -> bytes:
    """Compact UTF-8 JSON with sorted keys; numbers as they came, lone surrogates as \\udXXX."""
    written = _ENCODE(body)
    if _WRITTEN_MARK in written:
        written = _MARKED.sub(r"\1", written)
    return written.encode("utf-8", "backslashreplace")


def read_json(text: bytes) -> Any:
    """JSON with decimals kept exactly. Raises ValueError, and nothing else, for what is no JSON."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=str)
    except RecursionError:
        raise ValueError("nested too deeply") from None
