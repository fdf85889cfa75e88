"""Files the bot sends, uploaded in chunks over the long connection (wecom.md 5.8; field names from the SDKs)."""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.chat_bot import Bot
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_limits import Limiter

Frame = dict[str, Any]
MOST = {"image": 2 << 20, "voice": 2 << 20, "video": 10 << 20, "file": 20 << 20}
TYPES = {"image": "image/png", "voice": "audio/amr", "video": "video/mp4", "file": "application/octet-stream"}
CHUNK_BYTES = 512 << 10
CHUNKS = 100
NAME_BYTES = 256  # no page of ours tells it; strict on purpose
LIFE = timedelta(minutes=30)


@dataclass
class Upload:
    kind: str
    name: str
    size: int
    md5: str
    chunks: int
    at: datetime
    parts: dict[int, bytes] = field(default_factory=dict)


class Uploads:
    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._limiter = Limiter(bot.clock)
        self._open: dict[str, Upload] = {}

    def init(self, _req_id: str, body: Frame) -> Frame:
        kind, name, size, chunks = (body.get(one) for one in ("type", "filename", "total_size", "total_chunks"))
        if kind not in MOST:
            raise Refused(40004, "invalid media type")
        if not isinstance(name, str) or not 0 < len(name.encode()) <= NAME_BYTES:
            raise invalid("filename", f"must have 1 to {NAME_BYTES} bytes")
        if not isinstance(size, int) or size <= 5:
            raise Refused(40006, "invalid media size")
        if size > MOST[kind]:
            raise Refused(45001, "media size out of limit")
        if not isinstance(chunks, int) or not 1 <= chunks <= CHUNKS:
            raise invalid("total_chunks", f"must be 1 to {CHUNKS}")
        if not self._limiter.take("upload"):
            raise Refused(45009, "api freq out of limit: uploads")
        upload_id = secrets.token_hex(16)
        self._open[upload_id] = Upload(kind, name, size, str(body.get("md5", "")), chunks, self.bot.clock.now())
        return {"upload_id": upload_id}

    def chunk(self, _req_id: str, body: Frame) -> None:
        upload = self._upload(body)
        index = body.get("chunk_index")
        if not isinstance(index, int) or not 0 <= index < upload.chunks:
            raise invalid("chunk_index", "counts from 0")
        try:
            part = base64.b64decode(str(body.get("base64_data", "")), validate=True)
        except (binascii.Error, ValueError) as error:
            raise invalid("base64_data") from error
        if not 0 < len(part) <= CHUNK_BYTES:
            raise invalid("base64_data", "must hold 1 byte to 512 KB")
        upload.parts[index] = part

    def finish(self, _req_id: str, body: Frame) -> Frame:
        upload = self._upload(body)
        content = b"".join(upload.parts[index] for index in sorted(upload.parts))
        if len(upload.parts) != upload.chunks or len(content) != upload.size:
            raise Refused(40006, "invalid media size: chunks are missing")
        if upload.md5 and hashlib.md5(content).hexdigest() != upload.md5.lower():
            raise invalid("md5")
        del self._open[str(body.get("upload_id"))]
        mimetype = "image/jpeg" if content.startswith(b"\xff\xd8") else TYPES[upload.kind]
        kept = self.bot.store.keep(upload.name, upload.kind, content, mimetype)
        return {"type": kept.kind, "media_id": kept.media_id, "created_at": int(kept.at.timestamp())}

    def _upload(self, body: Frame) -> Upload:
        upload = self._open.get(str(body.get("upload_id", "")))
        if upload is None or self.bot.clock.now() - upload.at > LIFE:
            raise invalid("upload_id")
        return upload
