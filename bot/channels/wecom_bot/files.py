"""A file that somebody sent to the bot: fetched from its address, which holds for minutes, and deciphered with its key
(wecom.md 5.3)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote, urlsplit

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channels.tokens import Http

_BLOCK: Final = 32  # PKCS#7 to 32 bytes, not to the 16 of AES
_CHUNK: Final = 1 << 16
_NAME: Final = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;]+)|filename=\"?([^\";]+)\"?")
_SECONDS: Final = (3.0, 20.0)


class NoFile(Exception):
    """The file did not come. The text is for people; `again`: it may, the next time."""

    def __init__(self, said: str, *, again: bool = False) -> None:
        super().__init__(said)
        self.again = again


def fetch(address: str, key: str, most_bytes: int) -> tuple[str, bytes]:
    """Its name ("" where none is told) and what is in it. Raises NoFile."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise NoFile("文件的地址看不懂，请重新发一次")
    try:
        with Http(address) as wire, wire.get(address, timeout=_SECONDS, stream=True, allow_redirects=False) as answer:
            if answer.status_code >= 500:
                raise NoFile("平台没有给出文件，稍后自动重试", again=True)
            if answer.status_code != 200:
                raise NoFile("文件的链接已失效，请重新发一次")
            return _name(answer.headers.get("Content-Disposition", "")), _opened(_taken(answer, most_bytes), key)
    except requests.RequestException:
        raise NoFile("没有取到文件，稍后自动重试", again=True) from None


def _taken(answer: requests.Response, most_bytes: int) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > most_bytes + _BLOCK:
            raise NoFile(f"文件超过 {most_bytes // 1048576} MB，没有导入。请分成几个文件再发")
    return bytes(content)


def _name(disposition: str) -> str:
    """Headers come as Latin-1; platforms write UTF-8 into them."""
    found = _NAME.search(disposition)
    if found is None:
        return ""
    name = unquote(found[1] or found[2])
    try:
        return name.encode("latin-1").decode()
    except UnicodeError:
        return name


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
