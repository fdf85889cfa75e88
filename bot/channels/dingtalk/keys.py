"""A button's key in DingTalk's form: all buttons of a card share one value of 1 KB, so the signed payload is written
with fewer characters, and only with such as an id of a component may hold. Nothing is kept: the tag that the payload
bears is the key's own, and the payload is made whole again from the parts.

    <tag>action~subject~revision~question~value      e.g. q1w2e3r4t5y6claim~case:12~3~minutes~
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from pydantic_core import to_json

from bot.payload import BadPayload, Payload
from handlers.incoming import Press

MOST_BYTES: Final = 256  # of one key; six of them share a kilobyte, so the renderer counts as well
_TAG_CHARS: Final = 12
_PARTS: Final = 5


@dataclass(frozen=True, slots=True)
class Key:
    """What a key says. `question`: the drop-down beside the buttons, "" where there is none. It is not signed: who
    could change it could change the choice as well, and both are checked by the action."""

    payload: Payload
    question: str = ""

    def press(self, choice: str = "") -> Press:
        """The press; `choice`: the chosen option's id, "" for none."""
        return self.payload.press({self.question: (choice,)} if self.question and choice else {})


def shorten(packed: str, question: str = "") -> str:
    """A button's payload (`Payload.pack`) as DingTalk's key. `question`: the drop-down's key."""
    tag, text = packed[:_TAG_CHARS], packed[_TAG_CHARS:]
    action, subject, revision, value = json.loads(text)
    return tag + "~".join(_quoted(str(part)) for part in (action, subject, revision, question, value))


def restore(short: str, *keys: bytes) -> Key:
    """Signed by any of `keys`. Raises BadPayload for a key that is too long, damaged, or not made by this hub."""
    tag, parts = short[:_TAG_CHARS], short[_TAG_CHARS:].split("~")
    if len(short.encode(errors="replace")) > MOST_BYTES or len(parts) != _PARTS:
        raise BadPayload("no key of a card")
    action, subject, revision, question, value = (unquote(part) for part in parts)
    if not (revision.isascii() and revision.isdecimal() and len(revision) <= _TAG_CHARS):
        raise BadPayload("no revision")
    text = to_json([action, subject, int(revision), value]).decode()
    return Key(Payload.unpack(tag + text, *keys), question)


def _quoted(part: str) -> str:
    return quote(part, safe=":,").replace("~", "%7E")
