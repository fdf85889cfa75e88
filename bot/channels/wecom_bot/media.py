"""Files and pictures by the long connection: begun, sent in parts, ended; known by a media id for three days
(wecom.md 5.8)."""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.pace import Pace
from bot.channels.sending import REDIS_AWAY, Body, Enclosed, Reaction, Resolution, SendError, Whose, uploading
from bot.channels.wecom_app.media import Kept, kind_of, safe_name
from bot.channels.wecom_bot.connection import Link
from bot.channels.wecom_bot.errors import NOT_CONNECTED

_PART: Final = 512 << 10  # bytes before base64
_LEAST: Final = 6
_MOST: Final = 20 << 20  # forty parts; the platform takes a hundred
_PICTURE: Final = 2 << 20
_KEPT_SECONDS: Final = 3 * 24 * 3600 - 3600
_TOO_BIG: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "文件太大，机器人只能发 20 MB 以内的")
_EMPTY: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "文件是空的，没有发送")
_CROWDED: Final = "上传文件太频繁，稍后自动重试"


class Media:
    def __init__(self, redis: Redis, bot_id: str) -> None:
        self._redis = redis
        self._pace = Pace(redis, "wecom_bot_media", 30, 1000)
        self._bot = bot_id

    def kept(self, link: Link, file: Enclosed, *, anew: bool = False) -> Kept:
        """Where the platform has `file`: uploaded if it is not there yet, or `anew`. Raises SendError."""
        if len(file.content) < _LEAST:
            raise SendError(_EMPTY)
        if len(file.content) > _MOST:
            raise SendError(_TOO_BIG)
        kind = kind_of(file) if len(file.content) <= _PICTURE else "file"
        seen = hashlib.blake2b(f"{kind}\n{file.name}\n".encode() + file.content, digest_size=16).hexdigest()
        name = f"hub:media:{self._bot}:{seen}"
        try:
            known = None if anew else self._redis.get(name)
            if isinstance(known, bytes):
                return Kept(kind, known.decode("ascii"))
            self._wait_not()
            with uploading():
                media_id = self._upload(link, file, kind)
            self._redis.set(name, media_id, ex=_KEPT_SECONDS)
        except RedisError:
            raise SendError(REDIS_AWAY) from None
        return Kept(kind, media_id)

    def _wait_not(self) -> None:
        if seconds := self._pace.wait_seconds(("uploads",)):
            raise SendError(Resolution(Reaction.WAIT, Whose.PLATFORM, _CROWDED, wait_seconds=int(seconds) + 1))

    def _upload(self, link: Link, file: Enclosed, kind: str) -> str:
        parts = [file.content[at : at + _PART] for at in range(0, len(file.content), _PART)]
        begun = {
            "type": kind,
            "filename": safe_name(file.name),
            "total_size": len(file.content),
            "total_chunks": len(parts),
            "md5": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
        }
        upload_id = _told(link.request("aibot_upload_media_init", begun), "upload_id")
        for number, part in enumerate(parts):
            chunk: Body = {
                "upload_id": upload_id,
                "chunk_index": number,
                "base64_data": base64.b64encode(part).decode(),
            }
            link.request("aibot_upload_media_chunk", chunk)
        return _told(link.request("aibot_upload_media_finish", {"upload_id": upload_id}), "media_id")


def _told(answer: Body, name: str) -> str:
    body: Any = answer.get("body")
    found = body.get(name) if isinstance(body, dict) else None
    if not isinstance(found, str) or not found:
        raise SendError(NOT_CONNECTED, unknown=True)
    return found
