"""What the app hears and passes on to the hub: messages, card events, and the passive replies that come back."""

import secrets
import time
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from sandbox import chat_xml as xml
from sandbox.chat_app import App
from sandbox.chat_content import TEXT_BYTES, cut_bytes
from sandbox.chat_crypto import ProtocolError
from sandbox.chat_errors import Refused
from sandbox.chat_press import Press, remember
from sandbox.chat_wire import Outcome, Parcel, Reply

CARD_EVENTS = {"template_card_event", "template_card_menu_event"}
# The documents list no passive reply for this one, but the event page speaks of it; the sheet calls it unconfirmed.
PARTS: dict[str, dict[str, str]] = {  # what a phone may send beside texts, with its own fields (wecom.md 2.1)
    "image": {"PicUrl": "https://example.com/shelf.jpg", "MediaId": "MEDIA-SHELF"},
    "voice": {"MediaId": "MEDIA-VOICE", "Format": "amr"},
    "video": {"MediaId": "MEDIA-FILM", "ThumbMediaId": "MEDIA-THUMB"},
    "location": {"Location_X": "23.13", "Location_Y": "113.26", "Scale": "16", "Label": "广州市", "AppType": "wxwork"},
    "link": {
        "Title": "商品",
        "Description": "陶瓷杯",
        "Url": "https://example.com/1",
        "PicUrl": "https://example.com/1.jpg",
    },
}
REPLIES = {"text", "image", "voice", "video", "news", "update_button", "update_template_card"}


class AppCallback:
    def __init__(self, app: App) -> None:
        self.app = app
        self.store = app.store
        self.settings = app.settings

    def say(self, who: str, text: str) -> Outcome:
        self.store.add(f"app:{who}", who, "text", {"content": text})
        fields = self._head(who, "text") | {"Content": text, "MsgId": next(self.app.chat.msgids)}
        return self._post(fields, lambda reply: self._show(who, reply, None))

    def send(self, who: str, kind: str) -> Outcome:
        """What is no text; the keys of PARTS."""
        self.store.add(f"app:{who}", who, "text", {"content": f"[{kind}]"})
        fields = self._head(who, kind) | PARTS[kind] | {"MsgId": next(self.app.chat.msgids)}
        return self._post(fields, lambda reply: self._show(who, reply, None))

    def send_picture(self, who: str, content: bytes) -> Outcome:
        """A photograph; the app is told where its company's media store has it, for three days."""
        kept = self.store.keep("photo.jpg", "image", content, "image/jpeg")
        self.store.add(f"app:{who}", who, "image", {"media_id": kept.media_id, "name": kept.name, "size": len(content)})
        own = {"PicUrl": "https://example.com/photo.jpg", "MediaId": kept.media_id, "MsgId": next(self.app.chat.msgids)}
        return self._post(self._head(who, "image") | own, lambda reply: self._show(who, reply, None))

    def enter(self, who: str) -> Outcome:
        fields = self._head(who, "event") | {"Event": "enter_agent", "EventKey": ""}
        return self._post(fields, lambda reply: self._show(who, reply, None))

    def click(self, who: str, key: str) -> Outcome:
        """On an entry of the app's menu."""
        fields = self._head(who, "event") | {"Event": "click", "EventKey": key}
        return self._post(fields, lambda reply: self._show(who, reply, None))

    def tell_kf(self, ticket: str, open_kfid: str) -> Outcome:
        """Something came for a 微信客服 account; from nobody in particular."""
        fields = self._head("", "event") | {"Event": "kf_msg_or_event", "Token": ticket, "OpenKfId": open_kfid}
        fields.pop("FromUserName")
        fields.pop("AgentID")
        return self._post(fields, lambda reply: self._show("", reply, None))

    def press(self, press: Press) -> Outcome:
        event = "template_card_menu_event" if press.from_menu else "template_card_event"
        fields = self._head(press.who, "event") | {
            "Event": event,
            "EventKey": press.key,
            "TaskId": press.task_id,
            "CardType": press.card["card_type"],
            "ResponseCode": self.app.new_code(self.app.sent_of(press.message)),
        }
        if press.chosen:
            items = [{"QuestionKey": key, "OptionIds": {"OptionId": ids}} for key, ids in press.chosen.items()]
            fields["SelectedItems"] = {"SelectedItem": items}
        remember(self.store, press)
        return self._post(fields, lambda reply: self._show(press.who, reply, press))

    def verify_url(self) -> str:
        """The check the console makes when the callback address is saved; empty when the hub passed."""
        crypto, echo = self.app.crypto, "echo-" + secrets.token_hex(8)
        sealed = crypto.seal(echo.encode(), self.app.chat.seconds())
        query = sealed.query | {"echostr": sealed.encrypt}
        reply = self.app.chat.wire.get(self.app.chat.hub(self.settings.callback), query, deadline=1.0)
        if reply.why:
            return reply.why
        return "" if reply.raw == echo.encode() else "the answer is not the bare plaintext of echostr"

    def _head(self, who: str, kind: str) -> dict[str, Any]:
        names = {"ToUserName": self.settings.corpid, "FromUserName": who}
        return names | {"CreateTime": self.app.chat.seconds(), "MsgType": kind, "AgentID": self.settings.agentid}

    def _post(self, fields: dict[str, Any], show: Callable[[Reply], Outcome]) -> Outcome:
        return self.app.chat.line.carry(lambda: self._deliver(fields, show))

    def _deliver(self, fields: dict[str, Any], show: Callable[[Reply], Outcome]) -> Outcome:
        started = time.monotonic()
        sealed = self.app.crypto.seal(xml.write(fields).encode(), self.app.chat.seconds())
        envelope = {"ToUserName": self.settings.corpid, "AgentID": str(self.settings.agentid)}
        body = xml.write(envelope | {"Encrypt": sealed.encrypt}).encode()
        parcel = Parcel(self.app.chat.hub(self.settings.callback), sealed.query, body, "text/xml")
        outcomes = [show(reply) for reply in self.app.chat.wire.deliver(parcel)]
        outcomes[0].ms = round((time.monotonic() - started) * 1000)
        return outcomes[0]

    def _show(self, who: str, reply: Reply, press: Press | None) -> Outcome:
        if reply.why:
            return Outcome(False, "none", why=reply.why, tries=reply.tries)
        if not reply.raw.strip():
            return Outcome(True, "empty", tries=reply.tries)
        try:
            root = xml.parse(self.app.crypto.open(xml.sealed_of(reply.raw)))
            answer = self._answer(who, root, press)
        except (ProtocolError, Refused) as error:
            self.app.protocol_errors.append(f"passive reply to {who}: {error}")
            return Outcome(True, "protocol_error", why=str(error), tries=reply.tries)
        return Outcome(True, str(answer["msgtype"]), answer, tries=reply.tries)

    def _answer(self, who: str, root: Element, press: Press | None) -> dict[str, Any]:
        kind = xml.text_of(root, "MsgType")
        if xml.text_of(root, "ToUserName") != who or xml.text_of(root, "FromUserName") != self.settings.corpid:
            raise ProtocolError("ToUserName must be the member and FromUserName the CorpID")
        if not xml.text_of(root, "CreateTime").isdigit():
            raise ProtocolError("CreateTime is missing")
        if kind not in REPLIES:
            raise ProtocolError(f"MsgType {kind!r} is no passive reply")
        if kind == "text":
            return self._text(who, root.findtext("Content") or "")
        if kind in {"update_button", "update_template_card"}:
            return self._card(kind, root, press)
        # Pictures and news are accepted by the platform; the hub has no use for them in a passive reply.
        self.store.add(f"app:{who}", "app", "text", {"content": f"[{kind}]"})
        return {"msgtype": kind}

    def _text(self, who: str, content: str) -> dict[str, Any]:
        if not content.strip():
            raise ProtocolError("Content is empty")
        content = cut_bytes(content, TEXT_BYTES)
        self.store.add(f"app:{who}", "app", "text", {"content": content})
        return {"msgtype": "text", "content": content}

    def _card(self, kind: str, root: Element, press: Press | None) -> dict[str, Any]:
        if press is None:
            raise ProtocolError(f"{kind} answers only a press on a card")
        if kind == "update_button":
            name = (root.findtext("Button/ReplaceName") or "").strip()
            if not name:
                raise ProtocolError("Button/ReplaceName is missing")
            self.app.redraw(press.message, None, {"button": {"replace_name": name}})
            return {"msgtype": kind, "replace_name": name}
        element = root.find("TemplateCard")
        if element is None:
            raise ProtocolError("TemplateCard is missing")
        card = self.app.passive_card(xml.card_of(element), press.message)
        self.app.redraw(press.message, card, {})
        return {"msgtype": kind, "template_card": card}
