"""What a mail says, whatever charset it claims: its text, its tables, its attached spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import Final

from ingest.sheet.html import plain_text
from ingest.sheet.table import is_named_as_table

# Mailers write gb2312 above letters that only gb18030 has.
_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "us-ascii": "utf-8", "ascii": "utf-8"}


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content: bytes


def tables_attached(mail: EmailMessage) -> list[Attached]:
    """Spreadsheets, by their names."""
    return [
        Attached(name, _bytes(part))
        for part in _leaves(mail)
        if (name := str(part.get_filename() or "")) and is_named_as_table(name)
    ]


def pages(mail: EmailMessage) -> list[str]:
    """The mail's HTML."""
    return [_text(part) for part in _bodies(mail) if part.get_content_type() == "text/html"]


def words(mail: EmailMessage) -> str:
    """The mail's plain text; where it has none, what its HTML says."""
    plain = [_text(part) for part in _bodies(mail) if part.get_content_type() == "text/plain"]
    return "\n".join(plain).strip() or "\n".join(map(plain_text, pages(mail))).strip()


def _leaves(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        if not part.is_multipart():
            yield part


def _bodies(mail: Message) -> Iterator[Message]:
    for part in _leaves(mail):
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            yield part


def _bytes(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    charset = (part.get_content_charset() or "utf-8").lower()
    content = _bytes(part)
    for encoding in (_WIDER.get(charset, charset), "utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")
