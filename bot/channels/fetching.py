"""A file that somebody sent in a chat: fetched from the address that the platform gave, which holds for minutes."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

import requests

from bot.channels.tokens import Http

_CHUNK: Final = 1 << 16
_NAME: Final = re.compile(r"filename\*=(?:utf-8|UTF-8)''([^;]+)|filename=\"?([^\";]+)\"?")
_SECONDS: Final = (3.0, 20.0)


class NoFile(Exception):
    """The file did not come. The text is for people; `again`: it may, the next time."""

    def __init__(self, said: str, *, again: bool = False) -> None:
        super().__init__(said)
        self.again = again


def fetch(address: str, most_bytes: int) -> tuple[str, bytes]:
    """Its name ("" where none is told) and what lies there. Raises NoFile."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise NoFile("文件的地址看不懂，请重新发一次")
    try:
        with Http(address) as wire, wire.get(address, timeout=_SECONDS, stream=True, allow_redirects=False) as answer:
            if answer.status_code >= 500:
                raise NoFile("平台没有给出文件，稍后自动重试", again=True)
            if answer.status_code != 200:
                raise NoFile("文件的链接已失效，请重新发一次")
            return _name(answer.headers.get("Content-Disposition", "")), _taken(answer, most_bytes)
    except requests.RequestException:
        raise NoFile("没有取到文件，稍后自动重试", again=True) from None


def _taken(answer: requests.Response, most_bytes: int) -> bytes:
    content = bytearray()
    for chunk in answer.iter_content(_CHUNK):
        content += chunk
        if len(content) > most_bytes:
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
