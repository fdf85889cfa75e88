"""Small readings of a platform's record that every marketplace needs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final

from ingest.canonical import canonical
from ingest.snapshot import Unreadable
from ingest.source import MADE_UP, Record
from models.vault import Receiver

_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}").fullmatch
_PHONE: Final = re.compile(r"[0-9+\-() 转]+").fullmatch
_CIPHER_START: Final = ("~", "$", "#", "AAS/")


def text(value: Any) -> str:
    """A field as text; nothing is ""."""
    if type(value) is str:
        return value
    return "" if value is None else str(value)


def rows(value: Any, label: str) -> list[Mapping[str, Any]]:
    """A list of objects. A missing one is empty, a single object is a list of one. Raises Unreadable."""
    if value is None or value == "":
        return []
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in found):
        raise Unreadable(f"{label}的结构看不懂")
    return found


def flag(value: Any) -> int:
    """A memo flag, 0 to 5. One that we do not know is none: no order is lost for its colour."""
    digits = text(value)
    return int(digits) if digits in ("1", "2", "3", "4", "5") else 0


def record_of(row: Any, id_key: str) -> Record:
    """A list's row with its platform number; a row without one is kept under a name made of its content."""
    body = row if isinstance(row, dict) else {"value": row}
    number = text(body.get(id_key))
    if not _ID(number):
        number = MADE_UP + blake2b(canonical(body), digest_size=12).hexdigest()
    return Record(number, body)


def joined(values: Iterable[str]) -> str:
    """Different values in their order, "" left out."""
    return ",".join(dict.fromkeys(value for value in values if value))


def keys_of(lines: list[tuple[str, str]]) -> list[str]:
    """Unique line keys from (the platform's line id, its sku): the id, else position and sku."""
    wanted = [line_id or f"{position}-{sku}" for position, (line_id, sku) in enumerate(lines)]
    if len(set(wanted)) == len(wanted):
        return wanted
    return [f"{position}-{line_id or sku}" for position, (line_id, sku) in enumerate(lines)]


def receiver(
    *, name: str = "", phone: str = "", address: str = "", cipher: Mapping[str, str] | None = None
) -> Receiver:
    """A receiver whose values may each be plain, masked or ciphertext; nothing is guessed from a mask or cipher."""
    plain: dict[str, str] = {}
    ciphers = dict(cipher or {})
    for key, value in (("name", name), ("phone", phone), ("address", address)):
        if not value:
            continue
        if "*" in value:
            plain[f"{key}_mask"] = value
        elif _is_cipher(value):
            ciphers[key] = value
        else:
            plain[key] = value
    return Receiver(**plain, cipher=ciphers)


def _is_cipher(value: str) -> bool:
    if value.startswith(_CIPHER_START):
        return True
    return len(value) >= 20 and value.isascii() and " " not in value and not _PHONE(value)
