"""What a button carries: which action on which state, signed, so that only keys that we made are pressed."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic_core import to_json

from handlers.incoming import Press

_TAG_BYTES: Final = 9  # 12 characters of base64
_TAG_CHARS: Final = 12
_MOST_BYTES: Final = 1024  # WeCom refuses longer keys


class BadPayload(Exception):
    """A key that is too long, damaged, or not made by this hub."""


@dataclass(frozen=True, slots=True)
class Payload:
    """`subject` and `revision` are the state that the person saw."""

    action: str
    subject: str
    revision: int
    value: str = ""

    def pack(self, key: bytes) -> str:
        """The button's key. Raises BadPayload when it would be longer than a platform takes."""
        text = to_json([self.action, self.subject, self.revision, self.value])
        if len(text) + _TAG_CHARS > _MOST_BYTES:
            raise BadPayload(f"{self.action}: longer than {_MOST_BYTES} bytes")
        return _tag(text, key) + text.decode()

    @classmethod
    def unpack(cls, packed: str, *keys: bytes) -> Payload:
        """Signed by any of `keys`. Raises BadPayload."""
        tag, text = packed[:_TAG_CHARS], packed[_TAG_CHARS:]
        if len(packed.encode(errors="replace")) > _MOST_BYTES:
            raise BadPayload("too long")
        signed, told = text.encode(errors="replace"), tag.encode(errors="replace")
        if not any(hmac.compare_digest(_tag(signed, key).encode(), told) for key in keys):
            raise BadPayload("not ours")
        action, subject, revision, value = json.loads(text)  # the tag says that we wrote it
        return cls(action, subject, revision, value)

    def press(self, selected: Mapping[str, tuple[str, ...]]) -> Press:
        return Press(self.action, self.subject, self.revision, self.value, selected)


def _tag(text: bytes, key: bytes) -> str:
    digest = hmac.digest(key, b"button:" + text, "sha256")
    return base64.urlsafe_b64encode(digest[:_TAG_BYTES]).decode()
