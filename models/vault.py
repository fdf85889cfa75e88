"""Private data at rest: sealed with AES-GCM, found again by keyed hashes.

A sealed value is one byte of key id, 12 bytes of nonce, then ciphertext and tag; what it belongs to is bound in as
associated data, so a value moved to another column does not open. Old key ids stay readable (rotation).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class CannotOpen(Exception):
    """A sealed value is damaged, moved, or its key is not in the configuration."""


@dataclass(frozen=True)
class Receiver:
    """Who gets the parcel. Plain values only where the source gave plain ones; `cipher` is the platform's own
    ciphertext as it came (never guessed); masks are the platform's masked texts."""

    name: str = ""
    phone: str = ""
    address: str = ""
    name_mask: str = ""
    phone_mask: str = ""
    address_mask: str = ""
    cipher: Mapping[str, str] = field(default_factory=dict)

    def is_empty(self) -> bool:
        return not (
            self.name
            or self.phone
            or self.address
            or self.name_mask
            or self.phone_mask
            or self.address_mask
            or self.cipher
        )


class Vault:
    """Seals, opens and hashes with the configured keys. Keys are 32 bytes each."""

    def __init__(self, data_keys: Mapping[int, bytes], current: int, lookup_key: bytes, trail_key: bytes) -> None:
        self._ciphers = {number: AESGCM(key) for number, key in data_keys.items()}
        self._current = current
        self._lookup = hmac.new(lookup_key, digestmod="sha256")
        self._trail = hmac.new(trail_key, digestmod="sha256")

    def seal(self, plain: bytes, belongs_to: bytes) -> bytes:
        nonce = os.urandom(12)
        return bytes((self._current,)) + nonce + self._ciphers[self._current].encrypt(nonce, plain, belongs_to)

    def open(self, sealed: bytes, belongs_to: bytes) -> bytes:
        """Raises CannotOpen."""
        cipher = self._ciphers.get(sealed[0]) if sealed else None
        if cipher is None or len(sealed) < 29:
            raise CannotOpen("unknown key id or too short")
        try:
            return cipher.decrypt(sealed[1:13], sealed[13:], belongs_to)
        except InvalidTag as error:
            raise CannotOpen("damaged or moved") from error

    def seal_receiver(self, receiver: Receiver) -> bytes:
        values = {key: value for key, value in vars(receiver).items() if value}
        return self.seal(_JSON(values).encode(), b"orders.receiver")

    def open_receiver(self, sealed: bytes | None) -> Receiver:
        """The receiver, empty where nothing was stored. Raises CannotOpen."""
        if not sealed:
            return Receiver()
        values: dict[str, Any] = json.loads(self.open(sealed, b"orders.receiver"))
        return Receiver(**values)

    def lookup(self, kind: str, text: str) -> bytes:
        """Keyed hash (16 bytes) of `text` for looking up by equality; `kind` keeps phone and name apart."""
        return _keyed(self._lookup, f"{kind}:{text}".encode())[:16]

    def link(self, previous: bytes, content: bytes) -> bytes:
        """The next hash of a trail: HMAC-SHA256 over the previous hash and this row's content."""
        return _keyed(self._trail, previous + content)


def _keyed(empty: hmac.HMAC, content: bytes) -> bytes:
    """The HMAC of `content`, from one that has taken its key and nothing else: a stored order pays for up to four."""
    made = empty.copy()
    made.update(content)
    return made.digest()


_BLANKS = re.compile(r"[\s()（）]")
_MOBILE = re.compile(r"1\d{2}-?\d{4}-?\d{4}(?!\d)")


def phone_digits(text: str) -> str:
    """The digits of a phone number without +86; a virtual number's extension is dropped (18877771111-123)."""
    if not text:
        return ""  # most platforms show none
    compact = _BLANKS.sub("", text).removeprefix("+86").removeprefix("-")
    mobile = _MOBILE.match(compact)
    number = mobile.group() if mobile else compact.split("转")[0]
    return "".join(letter for letter in number if letter.isascii() and letter.isdigit())


def fingerprint(raw: bytes) -> bytes:
    """Content hash (16 bytes) by which a record is recognised as unchanged."""
    return hashlib.blake2b(raw, digest_size=16).digest()
