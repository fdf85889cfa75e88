"""Sends, changes and takes back messages of the self-built app (1:1 chats only)."""

from __future__ import annotations

import hashlib
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from bot.card import Card, Text
from bot.channels.calling import UNKNOWN_CODE
from bot.channels.pace import Pace
from bot.channels.patience import Patience
from bot.channels.sending import REDIS_AWAY, Body, Change, Enclosed, Parcel, Receipt, SendError
from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.errors import CANNOT_CHANGE, CHANGE_CODES, MEDIA_GONE, RECALL_CODES
from bot.channels.wecom_app.media import DOUBLE_SECONDS, Media
from bot.channels.wecom_app.render import MOST_BYTES, markdown, render
from config_chat import WecomApp

_LEFT_OUT: Final = ("invaliduser", "unlicenseduser")  # not in the app's range; without a licence for its interfaces
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
            return self._send(parcel, self._content(parcel))
        try:
            return self._send(parcel, self._media.for_parcel(parcel, parcel.drawing).content)
        except SendError as error:
            if error.code != MEDIA_GONE:
                raise
        return self._send(parcel, self._media.for_parcel(parcel, parcel.drawing, anew=True).content)

    def change(self, change: Change) -> None:
        whose: Body = {"userids": list(change.userids)} if change.userids else {"atall": 1}
        card = render(change.card, change.task_id, self._link, update=True)["template_card"]
        body = {**whose, "response_code": change.response_code, "template_card": card}
        try:
            self._app.for_agent("message/update_template_card", body, CHANGE_CODES)
        except SendError as error:
            if error.resolution is UNKNOWN_CODE:  # no page names the code of a used or old response_code
                raise SendError(CANNOT_CHANGE, error.code) from None
            raise

    def recall(self, msgid: str) -> None:
        """Take a message back from every chat that it lies in; within a day of its sending. Raises SendError."""
        self._app.post("message/recall", {"msgid": msgid}, RECALL_CODES)

    def _content(self, parcel: Parcel) -> Body:
        """The platform drops the same JSON to the same person as a double. A card has its task id; two equal texts that
        are both meant need a mark that nobody sees, behind all that may be cut."""
        if isinstance(parcel.drawing, Card):
            return render(parcel.drawing, parcel.key, self._link)
        assert isinstance(parcel.drawing, Text)
        mark = _mark(parcel.key)
        words = markdown(parcel.drawing, MOST_BYTES - len(mark.encode()))
        return {"msgtype": "markdown", "markdown": {"content": words + mark}}

    def _send(self, parcel: Parcel, content: Body) -> Receipt:
        body = {
            "touser": parcel.recipient,
            **content,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DOUBLE_SECONDS,
        }
        with self._patience:
            answer = self._app.for_agent("message/send", body)
        left_out = "|".join(str(answer[name]) for name in _LEFT_OUT if answer.get(name))
        return Receipt(str(answer.get("msgid", "")), str(answer.get("response_code", "")), left_out)


def _mark(key: str) -> str:
    digest = hashlib.blake2b(key.encode(), digest_size=2).digest()
    return "".join(_UNSEEN[byte >> shift & 3] for byte in digest for shift in (0, 2, 4, 6))
