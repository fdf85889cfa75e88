"""Signature and encryption of WeCom and WeChat callbacks (one scheme; the receiver id differs).

Stricter than the published samples: the signature is compared in constant time, and padding, length and receiver id
are checked, so that a damaged text is refused and never half read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK: Final = 32  # PKCS#7 to 32 bytes, not to the 16 of AES
_HEAD: Final = 20  # 16 random bytes, 4 bytes of length


class BadEnvelope(Exception):
    """A callback that is not taken. The text names the reason and holds nothing of what was sent."""

    status = 400


class Untrusted(BadEnvelope):
    """Not signed with our token, too old, or sent before."""

    status = 403


class Crypto:
    """Signs, seals and opens with one token and one EncodingAESKey (43 characters)."""

    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id.encode()
        if len(aes_key) != 43:
            raise ValueError("EncodingAESKey: expected 43 characters")
        key = base64.b64decode(aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def sign(self, *parts: str) -> str:
        """The signature over timestamp, nonce and, where the body is encrypted, the ciphertext."""
        return hashlib.sha1("".join(sorted((self._token, *parts))).encode()).hexdigest()

    def check(self, signature: str, *parts: str) -> None:
        """Raises Untrusted."""
        if not hmac.compare_digest(self.sign(*parts).encode(), signature.encode()):
            raise Untrusted("wrong signature")

    def decrypt(self, encrypted: str) -> bytes:
        """The message inside. Raises BadEnvelope."""
        plain = self._decipher(encrypted)
        size = int.from_bytes(plain[16:_HEAD], "big")
        message = plain[_HEAD : _HEAD + size]
        if len(message) != size:
            raise BadEnvelope("wrong length")
        if plain[_HEAD + size :] != self._receive_id:
            raise BadEnvelope("meant for another receiver")
        return message

    def _decipher(self, encrypted: str) -> bytes:
        try:
            raw = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadEnvelope("no base64") from error
        if not raw or len(raw) % 16:
            raise BadEnvelope("no whole number of blocks")
        opener = self._cipher.decryptor()
        plain = opener.update(raw) + opener.finalize()
        padding = plain[-1]
        if not 1 <= padding <= _BLOCK or plain[-padding:] != bytes((padding,)) * padding:
            raise BadEnvelope("wrong padding")
        if len(plain) - padding < _HEAD:
            raise BadEnvelope("too short")
        return plain[:-padding]

    def encrypt(self, message: bytes, random: bytes = b"") -> str:
        """`random` (16 bytes) is for the published vectors only."""
        plain = (random or os.urandom(16)) + len(message).to_bytes(4, "big") + message + self._receive_id
        padding = _BLOCK - len(plain) % _BLOCK
        closer = self._cipher.encryptor()
        return base64.b64encode(closer.update(plain + bytes((padding,)) * padding) + closer.finalize()).decode()
