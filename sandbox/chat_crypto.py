"""The callback cryptography that WeCom, its bots and WeChat service accounts share."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # PKCS#7 to 32 bytes, not to the 16 of AES: the platforms' own choice


class ProtocolError(Exception):
    """What the hub sent is not what the platform's documents ask for."""


@dataclass(frozen=True)
class Sealed:
    """One encrypted text with the four values that travel beside it."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str

    @property
    def query(self) -> dict[str, str]:
        return {"msg_signature": self.signature, "timestamp": self.timestamp, "nonce": self.nonce}


class Crypto:
    def __init__(self, token: str, aes_key: str, receive_id: str) -> None:
        self.token = token
        self.receive_id = receive_id.encode()
        self.key = base64.b64decode(aes_key + "=")
        if len(self.key) != 32:
            raise ValueError("EncodingAESKey must have 43 characters")

    def sign(self, timestamp: str, nonce: str, encrypt: str) -> str:
        joined = "".join(sorted([self.token, timestamp, nonce, encrypt]))
        return hashlib.sha1(joined.encode()).hexdigest()

    def plain_sign(self, timestamp: str, nonce: str) -> str:
        """The `signature` of a service account, which does not cover the body."""
        return hashlib.sha1("".join(sorted([self.token, timestamp, nonce])).encode()).hexdigest()

    def encrypt(self, message: bytes, random: bytes | None = None) -> str:
        plain = (random or os.urandom(16)) + struct.pack(">I", len(message)) + message + self.receive_id
        pad = BLOCK - len(plain) % BLOCK
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).encryptor()
        return base64.b64encode(cipher.update(plain + bytes([pad]) * pad) + cipher.finalize()).decode()

    def decrypt(self, encrypt: str) -> bytes:
        try:
            raw = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProtocolError("Encrypt is not base64") from error
        if not raw or len(raw) % 16:
            raise ProtocolError("Encrypt has no whole number of blocks")
        cipher = Cipher(algorithms.AES(self.key), modes.CBC(self.key[:16])).decryptor()
        plain = cipher.update(raw) + cipher.finalize()
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad or len(plain) - pad < 20:
            raise ProtocolError("Encrypt is padded wrongly (PKCS#7 to 32 bytes is asked for)")
        plain = plain[:-pad]
        size = struct.unpack(">I", plain[16:20])[0]
        message, receive_id = plain[20 : 20 + size], plain[20 + size :]
        if len(message) != size or receive_id != self.receive_id:
            raise ProtocolError("receiveid is not ours")
        return message

    def seal(self, message: bytes, timestamp: int, nonce: str | None = None) -> Sealed:
        encrypt = self.encrypt(message)
        stamp, once = str(timestamp), nonce or secrets.token_hex(5)
        return Sealed(encrypt, self.sign(stamp, once, encrypt), stamp, once)

    def open(self, sealed: Sealed) -> bytes:
        expected = self.sign(sealed.timestamp, sealed.nonce, sealed.encrypt)
        if not hmac.compare_digest(expected.encode(), sealed.signature.encode()):
            raise ProtocolError("the signature of the reply is wrong")
        return self.decrypt(sealed.encrypt)
