"""Sends into a group of the app, and makes one (wecom.md 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from bot.channels.pace import Pace
from bot.channels.patience import Patience
from bot.channels.sending import REDIS_AWAY, Body, Change, Enclosed, Form, Parcel, Receipt, SendError
from bot.channels.wecom_app.api import App
from bot.channels.wecom_app.errors import MEDIA_GONE
from bot.channels.wecom_app.media import Media
from bot.channels.wecom_appchat.render import render
from bot.channels.wecom_bot.errors import NO_CHANGE
from config_chat import WecomApp


class AppChatSender:
    """The Sender. The platform tells no double apart: what may have arrived may come twice."""

    def __init__(self, settings: WecomApp, redis: Redis, link: str) -> None:
        self._link = link
        self._app = App(settings, redis)
        self._media = Media(self._app)
        self._pace = Pace(redis, "wecom_appchat")
        self._patience = Patience(redis, "wecom_appchat")

    def wait_seconds(self, recipient: str) -> float:
        try:
            return self._pace.wait_seconds((recipient,))
        except RedisError:
            raise SendError(REDIS_AWAY) from None

    def send(self, parcel: Parcel) -> Receipt:
        assert not isinstance(parcel.drawing, Form)
        if not isinstance(parcel.drawing, Enclosed):
            return self._send(parcel.recipient, render(parcel.drawing, parcel.key, self._link))
        try:
            return self._send(parcel.recipient, self._enclosed(parcel.drawing))
        except SendError as error:
            if error.code != MEDIA_GONE:
                raise
        return self._send(parcel.recipient, self._enclosed(parcel.drawing, anew=True))

    def change(self, change: Change) -> None:
        raise SendError(NO_CHANGE)

    def _enclosed(self, file: Enclosed, *, anew: bool = False) -> Body:
        return self._media.kept(file, anew=anew).content

    def _send(self, chatid: str, content: Body) -> Receipt:
        with self._patience:
            self._app.post("appchat/send", {"chatid": chatid, **content})
        return Receipt()


@dataclass(frozen=True, slots=True)
class AppChat:
    chatid: str
    name: str
    owner: str
    members: tuple[str, ...]


class AppChats:
    """The groups of the app. Every method raises SendError alone; the app's visible range must be the whole company."""

    def __init__(self, app: App) -> None:
        self._app = app

    def create(self, name: str, members: Sequence[str], *, owner: str = "", chatid: str = "") -> str:
        """The id of a new group. Phones show it once something was said there."""
        chosen = {"owner": owner, "chatid": chatid}
        body: Body = {"name": name, "userlist": list(members), **{key: text for key, text in chosen.items() if text}}
        return str(self._app.post("appchat/create", body)["chatid"])

    def find(self, chatid: str) -> AppChat:
        told = self._app.get("appchat/get", chatid=chatid)["chat_info"]
        members = tuple(str(one).lower() for one in told.get("userlist", ()))
        return AppChat(str(told["chatid"]), str(told.get("name", "")), str(told.get("owner", "")).lower(), members)

    def update(self, chat: AppChat, members: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Let these be its members: (who came, who went). The owner stays."""
        wanted = [one.lower() for one in members]
        new = tuple(one for one in wanted if one not in chat.members)
        gone = tuple(one for one in chat.members if one not in wanted and one != chat.owner)
        if new or gone:
            changes = {"add_user_list": list(new), "del_user_list": list(gone)}
            body: Body = {"chatid": chat.chatid, **{key: users for key, users in changes.items() if users}}
            self._app.post("appchat/update", body)
        return new, gone
