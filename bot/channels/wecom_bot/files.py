"""A file that somebody sent to the bot: fetched from its address and deciphered with its key (wecom.md 5.3)."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels import fetching
from bot.channels.fetching import NoFile

__all__ = ["NoFile", "fetch"]

_BLOCK: Final = 32  # PKCS#7 to 32 bytes, not to the 16 of AES


def fetch(address: str, key: str, most_bytes: int) -> tuple[str, bytes]:
    """Its name ("" where none is told) and what is in it. Raises NoFile."""
    name, sealed = fetching.fetch(address, most_bytes + _BLOCK)
    return name, _opened(sealed, key)


def _opened(sealed: bytes, key: str) -> bytes:
    try:
        secret = base64.b64decode(key + "=" * (-len(key) % 4), validate=True)
        opener = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
        plain = opener.update(sealed) + opener.finalize()
    except (binascii.Error, ValueError):
        raise NoFile("文件解不开，请重新发一次") from None
    padding = plain[-1] if plain else 0
    if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes((padding,)) * padding:
        raise NoFile("文件解不开，请重新发一次")
    return plain[:-padding]
