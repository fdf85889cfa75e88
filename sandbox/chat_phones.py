"""What the phones can do: everything a person does with a thumb, for the page and for tests alike."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.aibot import Aibot, aibot_of
from sandbox.chat_core import Chat, chat_of
from sandbox.chat_draw import Drawer, excerpt
from sandbox.chat_press import NotPossible, press_of
from sandbox.chat_store import Message, Store
from sandbox.chat_wire import Outcome
from sandbox.clock import BEIJING
from sandbox.dingtalk_whole import DingTalk, dingtalk_of
from sandbox.phones_orders import PlacedOrders
from sandbox.state import State
from sandbox.wecom import Wecom, wecom_of
from sandbox.weixin import Weixin, weixin_of

Json = dict[str, Any]

CHATS = ("group", "app", "bot", "oa", "dgroup", "ding", "notice")
OWN = ("app", "bot", "ding", "notice")  # of one person
SENDS = "dtmd://dingtalkclient/sendMessage"  # a link that says something as whoever taps it


class Phones:
    def __init__(self, state: State) -> None:
        self.state = state
        self.chat: Chat = chat_of(state)
        self.store: Store = self.chat.store
        self.wecom: Wecom = wecom_of(state)
        self.aibot: Aibot = aibot_of(state)
        self.weixin: Weixin = weixin_of(state)
        self.dingtalk: DingTalk = dingtalk_of(state)
        self.drawer = Drawer(self.store)
        self.orders = PlacedOrders(state)

    # acts

    def say(self, who: str, chat: str, text: str, quote: str = "") -> Outcome:
        if not text.strip():
            raise NotPossible("不能发送空白消息")
        name = self.chat_name(who, chat)
        quoted = self.store.get(quote) if quote else None
        if name.startswith("app:"):
            return self.wecom.callback.say(self.person(who), text)
        if name.startswith("notice:"):
            raise NotPossible("工作通知不能回复")
        if self._is_ding(name):
            return self.dingtalk.talk.say(self.person(who), name, text, quote=quoted)
        return self.aibot.say(self.person(who), name, text, quote=quoted)

    def send_file(self, who: str, chat: str, name: str, content: bytes) -> Outcome:
        """To the bot or robot alone: an app is told of no file, but of pictures (wecom.md 2.1)."""
        where = self.chat_name(who, chat)
        if where.startswith("app:") and name.lower().endswith((".jpg", ".jpeg", ".png")):
            return self.wecom.callback.send_picture(self.person(who), content)
        if where.startswith(("app:", "oa:", "notice:")):
            raise NotPossible("应用收不到文件，请发给机器人")
        if self._is_ding(where):
            return self.dingtalk.talk.send_file(self.person(who), where, name, content)
        return self.aibot.files.send(self.person(who), where, name, content)

    def press(self, body: Json) -> Outcome:
        selected = body.get("selected") or {}
        if not isinstance(selected, dict):
            raise NotPossible("selected 应为 {question_key: [id]}")
        who, message_id = self.person(str(body.get("who", ""))), str(body.get("message_id", ""))
        key, message = str(body.get("key", "")), self.store.get(message_id)
        if message is not None and self._is_ding(message.chat):
            return self._ding_press(who, message, key, selected)
        press = press_of(self.store, who, message_id, key=key, selected=selected)
        if press.message.sender == "app":
            return self.wecom.callback.press(press)
        return self.aibot.press(press)

    def _ding_press(self, who: str, message: Message, key: str, selected: dict[str, list[str]]) -> Outcome:
        """A button that calls back; or, with its address as key, one that says something as this person."""
        if not key.startswith(SENDS):
            if message.kind != "ding_card":
                raise NotPossible("这个按钮只能打开链接")
            return self.dingtalk.presses.press(who, message, key, selected)
        if key not in [one.get("url") for one in message.body_for(who).get("buttons", [])]:
            raise NotPossible("卡片上没有这个按钮，可能已经更新")
        words = parse_qs(urlsplit(key).query).get("content", [""])[0]
        return self.dingtalk.talk.say(who, message.chat, words)

    def enter(self, who: str, chat: str) -> Outcome:
        name = self.chat_name(who, chat)
        if self._is_ding(name):
            return Outcome(True, "empty", why="钉钉不告诉机器人谁打开了会话")
        if name.startswith("app:"):
            return self.wecom.callback.enter(self.person(who))
        return self.aibot.enter(self.person(who))

    def customer_say(self, openid: str, text: str) -> Outcome:
        if not text.strip():
            raise NotPossible("不能发送空白消息")
        customer = openid or self.store.company.customers[0].openid
        if customer not in self.store.customers:
            raise NotPossible(f"没有这位顾客：{openid}")
        return self.weixin.say(customer, text)

    def read(self, who: str, chat: str) -> None:
        name = self.chat_name(who, chat)
        messages = self.store.in_chat(name)
        viewer = name.partition(":")[2] if name.startswith("oa:") else self.person(who)
        if messages and self.store.unread(viewer, name):
            self.store.mark_read(viewer, name, messages[-1].seq)

    def person(self, who: str) -> str:
        person = self.store.people.get(who.lower())
        if person is None:
            raise NotPossible(f"没有这个人：{who}")
        return person.userid

    def chat_name(self, who: str, chat: str) -> str:
        if chat == "group":
            return self.store.group
        if chat == "dgroup":
            return self.store.ding_group
        if chat in OWN:
            return f"{chat}:{self.person(who)}"
        if chat == "oa":
            return f"oa:{self.store.company.customers[0].openid}"
        raise NotPossible(f"没有这个会话：{chat}")

    def _is_ding(self, name: str) -> bool:
        return name == self.store.ding_group or name.startswith(("ding:", "notice:"))

    # what is drawn

    def drawn(self, who: str) -> Json:
        viewer = self.person(who)
        with self.store.changed:
            version = self.store.version
            chats = {name: self._chat(viewer, name) for name in CHATS}
        return {"version": version, "who": viewer, "chats": chats, **self.status(viewer)}

    def _chat(self, viewer: str, name: str) -> Json:
        chat = self.chat_name(viewer, name)
        sees = chat.partition(":")[2] or viewer
        messages = [message for message in self.store.in_chat(chat) if message.is_for(sees)]
        return {"chat": chat, "messages": [self.drawer.message(message, sees) for message in messages]}

    def changes(self, who: str, version: int) -> tuple[int, list[Json]]:
        """(new version, changed messages this person's page shows)."""
        viewer = self.person(who)
        chats = {self.chat_name(viewer, name): name for name in CHATS}
        with self.store.changed:
            newest, found = self.store.version, self.store.since(version)
        drawn = []
        for message in found:
            if message.chat in chats and message.is_for(message.chat.partition(":")[2] or viewer):
                sees = message.chat.partition(":")[2] or viewer
                drawn.append(self.drawer.message(message, sees) | {"phone": chats[message.chat]})
        return newest, drawn

    def status(self, who: str) -> Json:
        viewer = self.person(who)
        now = self.state.clock.now().astimezone(BEIJING)
        people = [
            {"userid": person.userid, "name": person.name, "role": person.role, "unread": self._unread(person.userid)}
            for person in self.store.company.people
        ]
        return {
            "now": now.isoformat(timespec="seconds"),
            "day": self.store.day,
            "online": self.online(),
            "mode": self.aibot.settings.mode,
            "ding_online": self.ding_online(),
            "ding_mode": self.dingtalk.settings.mode,
            "people": people,
            "order": self.orders.newest_read(),
            "unread": {name: self._unread_in(viewer, self.chat_name(viewer, name)) for name in CHATS},
            "last": {name: self._last(viewer, self.chat_name(viewer, name)) for name in OWN},
        }

    def online(self) -> bool | None:
        return self.aibot.line.online() if self.aibot.line else False

    def ding_online(self) -> bool | None:
        return self.dingtalk.online()

    def _unread(self, userid: str) -> int:
        return sum(self.store.unread(userid, f"{kind}:{userid}") for kind in OWN)

    def _unread_in(self, viewer: str, chat: str) -> int:
        sees = chat.partition(":")[2] or viewer
        return self.store.unread(sees, chat)

    def _last(self, viewer: str, chat: str) -> str:
        messages = self.store.in_chat(chat)
        return excerpt(messages[-1], viewer) if messages else ""
