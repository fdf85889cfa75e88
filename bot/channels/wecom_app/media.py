"""Files and pictures as WeCom takes them: uploaded once, known by a media id for three days (wecom.md 10)."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from redis.exceptions import RedisError

from bot.channels.sending import (
    REDIS_AWAY,
    Body,
    Enclosed,
    Parcel,
    Reaction,
    Resolution,
    SendError,
    Whose,
    uploading,
)
from bot.channels.wecom_app.api import App
from bot.phrases import printable

DOUBLE_SECONDS: Final = 4 * 3600  # how long the platform recognises the same message: the longest that it offers
_KEPT_SECONDS: Final = 3 * 24 * 3600 - 3600  # an hour before the platform forgets it
_LEAST: Final = 6  # bytes; the platform takes no less
_MOST: Final = {"image": 10 << 20, "file": 20 << 20}
_NAME_BYTES: Final = 200  # of its end, where the name says what kind of file it is
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_TOO_BIG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "文件太大，企业微信只收 20 MB 以内的")
_EMPTY: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "文件是空的，没有发送")


@dataclass(frozen=True, slots=True)
class Kept:
    """`kind`: image or file, as messages call it."""

    kind: str
    media_id: str

    @property
    def content(self) -> Body:
        return {"msgtype": self.kind, self.kind: {"media_id": self.media_id}}


class Media:
    def __init__(self, app: App) -> None:
        self._app = app

    def kept(self, file: Enclosed, *, anew: bool = False) -> Kept:
        """Where the platform has `file`: uploaded if it is not there yet, or `anew`. Raises SendError."""
        kind = kind_of(file)
        if len(file.content) < _LEAST:
            raise SendError(_EMPTY)
        if len(file.content) > _MOST[kind]:
            raise SendError(_TOO_BIG)
        name = self._key(file, kind)
        try:
            known = None if anew else self._app.redis.get(name)
            media_id = str(known, "ascii") if isinstance(known, bytes) else self._upload(file, kind)
            if not isinstance(known, bytes):
                self._app.redis.set(name, media_id, ex=_KEPT_SECONDS)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        return Kept(kind, media_id)

    def for_parcel(self, parcel: Parcel, file: Enclosed, *, anew: bool = False) -> Kept:
        """The same, but never what another message to the same person has already: the platform would take the two for
        doubles, for a file's JSON is nothing but its media id. Another try of `parcel` gets what the first had."""
        try:
            redis, own = self._app.redis, self._mark(f"parcel:{parcel.key}")
            known = None if anew else redis.get(own)
            if isinstance(known, bytes):
                return Kept(kind_of(file), known.decode("ascii"))
            kept = self.kept(file, anew=anew)
            if not redis.set(self._mark(f"to:{parcel.recipient}:{kept.media_id}"), 1, nx=True, ex=DOUBLE_SECONDS):
                kept = self.kept(file, anew=True)
                redis.set(self._mark(f"to:{parcel.recipient}:{kept.media_id}"), 1, ex=DOUBLE_SECONDS)
            redis.set(own, kept.media_id, ex=DOUBLE_SECONDS)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        return kept

    def _mark(self, what: str) -> str:
        seen = hashlib.blake2b(f"{self._app.settings.corpid}\n{what}".encode(), digest_size=16).hexdigest()
        return f"hub:media_sent:{seen}"

    def _upload(self, file: Enclosed, kind: str) -> str:
        with uploading():
            return str(self._app.carry("media/upload", multipart(file), type=kind)["media_id"])

    def _key(self, file: Enclosed, kind: str) -> str:
        """A media id belongs to the company, whichever of its apps uploaded it."""
        seen = hashlib.blake2b(f"{kind}\n{file.name}\n".encode() + file.content, digest_size=16).hexdigest()
        return f"hub:media:{self._app.settings.corpid}:{seen}"


def kind_of(file: Enclosed) -> str:
    """A picture that the platform would not take as one goes as a file."""
    is_picture = file.name.lower().endswith((".jpg", ".jpeg", ".png")) and file.content.startswith(_PICTURES)
    return "image" if is_picture and len(file.content) <= _MOST["image"] else "file"


def multipart(file: Enclosed, field: str = "media") -> tuple[str, bytes]:
    """The body of an upload, and its content type. The name stands as plain UTF-8: the form that libraries use for
    names that are not ASCII (filename*=) leads to nameless files or to a refusal."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{safe_name(file.name)}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    body = head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", body


def safe_name(name: str) -> str:
    """Without what would end the header or the name."""
    clean = printable(name).replace("\r", "").replace("\n", " ").replace('"', "'").replace("\\", "_").strip()
    return clean.rpartition("/")[2].encode()[-_NAME_BYTES:].decode(errors="ignore").strip() or "文件"
