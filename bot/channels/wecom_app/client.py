"""Sends, changes and takes back messages of the self-built app (1:1 chats only)."""

from __future__ import annotations

import hashlib
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.pace import Pace
from bot.channels.patience import Patience
from bot.channels.sending import REDIS_AWAY, Body, Change, Enclosed, Parcel, Receipt, SendError
from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.errors import CHANGE_CODES, MEDIA_GONE, RECALL_CODES
from bot.channels.wecom_app.media import Media
from bot.channels.wecom_app.render import MOST_BYTES, render
from bot.phrases import cut_bytes
from config_chat import WecomApp

DOUBLE_SECONDS: Final = 4 * 3600  # how long the platform recognises the same message: the longest that it offers
_UNSEEN: Final = "\u200b\u200c\u200d\u2060"  # characters without width


class AppSender:
    """The Sender of the self-built app."""

    def __init__(self, settings: WecomApp, redis: Redis, link: str) -> None:
        self._link = link
        self._app = App(settings, redis)
        self._media = Media(self._app)
        self._pace = Pace(redis, "wecom_app")
        self._patience = Patience(redis, "wecom_app")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds(recipient.split("|"))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        """One message, however many it goes to: whoever of them presses a card gets a code that changes it for all."""
        if not isinstance(parcel.drawing, Enclosed):
            return self._send(parcel, render(_marked(parcel), parcel.key, self._link))
        try:
            return self._send(parcel, self._enclosed(parcel.drawing))
        except SendError as error:
            if error.code != MEDIA_GONE:
                raise
        return self._send(parcel, self._enclosed(parcel.drawing, anew=True))

    def change(self, change: Change) -> None:
        whose: Body = {"userids": list(change.userids)} if change.userids else {"atall": 1}
        card = render(change.card, change.task_id, self._link, update=True)["template_card"]
        body = {**whose, "response_code": change.response_code, "template_card": card}
        self._app.for_agent("message/update_template_card", body, CHANGE_CODES)

    def recall(self, msgid: str) -> None:
        """Take a message back from every chat that it lies in; within a day of its sending. Raises SendError."""
        self._app.post("message/recall", {"msgid": msgid}, RECALL_CODES)

    def _enclosed(self, file: Enclosed, *, anew: bool = False) -> Body:
        kept = self._media.kept(file, anew=anew)
        return {"msgtype": kept.kind, kept.kind: {"media_id": kept.media_id}}

    def _send(self, parcel: Parcel, content: Body) -> Receipt:
        body = {
            "touser": parcel.recipient,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DOUBLE_SECONDS,
        }
        with self._patience:
            answer = self._app.for_agent("message/send", body)
        left_out = str(answer.get("invaliduser") or "")
        return Receipt(str(answer.get("msgid", "")), str(answer.get("response_code", "")), left_out)


def _marked(parcel: Parcel) -> Card | Text:
    """The platform drops the same JSON to the same person as a double. A card has its task id; two equal texts that
    are both meant need a mark that nobody sees."""
    assert isinstance(parcel.drawing, Card | Text)
    if isinstance(parcel.drawing, Card):
        return parcel.drawing
    digest = hashlib.blake2b(parcel.key.encode(), digest_size=2).digest()
    mark = "".join(_UNSEEN[byte >> shift & 3] for byte in digest for shift in (0, 2, 4, 6))
    return Text(cut_bytes(parcel.drawing.markdown, MOST_BYTES - len(mark.encode())) + mark)
