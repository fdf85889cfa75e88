"""微信客服 of the company: customers write, the hub is told that something came, fetches it, and may answer five times
within 48 hours (wecom.md 9.2)."""

import re
import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, request

from sandbox.chat_errors import Refused, invalid
from sandbox.chat_limits import Tokens
from sandbox.chat_wire import Outcome
from sandbox.state import State
from sandbox.wecom import OK, Answer, Wecom, answering, payload, wecom_of

WINDOW = timedelta(hours=48)
MOST = 5
TOKEN_LIFE = timedelta(minutes=10)
TEXT_BYTES = 2048


class Kf:
    def __init__(self, wecom: Wecom) -> None:
        self.wecom = wecom
        self.settings = wecom.chat.state.company.kf
        self.tokens = Tokens(wecom.clock)
        self.messages: list[dict[str, Any]] = []
        self.handed_over = False  # a member serves the customer: the interface may not write
        self._left: dict[str, tuple[datetime, int]] = {}
        self._seen: set[str] = set()
        self._tickets: dict[str, datetime] = {}
        wecom.chat.state.on_reset.append(self.forget)
        wecom.siblings.append(self.tokens)

    def forget(self) -> None:
        self.messages.clear()
        self._left.clear()
        self._seen.clear()
        self._tickets.clear()
        self.handed_over = False

    def say(self, openid: str, text: str) -> Outcome:
        """A customer writes to the account; the hub hears only that there is something."""
        self.wecom.store.add(f"oa:{openid}", openid, "text", {"content": text})
        return self._tell(openid, "text", {"content": text})

    def show(self, openid: str, content: bytes) -> Outcome:
        """The same with a photograph, which lies in the company's media store."""
        kept = self.wecom.store.keep("photo.jpg", "image", content, "image/jpeg")
        shown = {"media_id": kept.media_id, "name": kept.name, "size": len(content)}
        self.wecom.store.add(f"oa:{openid}", openid, "image", shown)
        return self._tell(openid, "image", {"media_id": kept.media_id})

    def _tell(self, openid: str, kind: str, part: dict[str, Any]) -> Outcome:
        customer = self.wecom.store.customers[openid]
        now = self.wecom.clock.now()
        self._left[customer.external_userid] = (now + WINDOW, MOST)
        self.messages.append({
            "msgid": secrets.token_hex(16), "open_kfid": self.settings.open_kfid, "origin": 3, "msgtype": kind,
            "external_userid": customer.external_userid, "send_time": int(now.timestamp()), kind: part,
        })  # fmt: skip
        ticket = secrets.token_hex(24)
        self._tickets[ticket] = now + TOKEN_LIFE
        return self.wecom.callback.tell_kf(ticket, self.settings.open_kfid)

    def sync(self, body: Answer) -> Answer:
        if body.get("open_kfid") != self.settings.open_kfid:
            raise Refused(95000, "invalid open_kfid")
        limit = body.get("limit", 1000)
        if not isinstance(limit, int) or not 1 <= limit <= 1000:
            raise invalid("limit")
        cursor = str(body.get("cursor", "") or "0")
        if not cursor.isdecimal():
            raise Refused(95007, "invalid msg token or cursor")
        ticket = body.get("token")
        if ticket and self._tickets.get(str(ticket), self.wecom.clock.now()) <= self.wecom.clock.now():
            raise Refused(95007, "invalid msg token")
        page = self.messages[int(cursor) : int(cursor) + limit]
        end = int(cursor) + len(page)
        return OK | {"msg_list": page, "next_cursor": str(end), "has_more": int(end < len(self.messages))}

    def send(self, body: Answer) -> Answer:
        who, msgid = str(body.get("touser", "")), str(body.get("msgid", ""))
        if body.get("open_kfid") != self.settings.open_kfid:
            raise Refused(95000, "invalid open_kfid")
        if msgid and not re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", msgid):
            raise invalid("msgid")
        owner = next((one for one in self.wecom.store.customers.values() if one.external_userid == who), None)
        if owner is None:
            raise Refused(40096, "invalid external userid")
        content = str(body.get("text", {}).get("content", ""))
        if body.get("msgtype") != "text" or not content or len(content.encode()) > TEXT_BYTES:
            raise invalid("text.content")
        if msgid in self._seen:
            raise Refused(95011, "msgid repeated")
        self._take(who)
        self._seen.add(msgid)
        self.wecom.store.add(f"oa:{owner.openid}", "oa", "text", {"content": content})
        return OK | {"msgid": msgid or secrets.token_hex(16)}

    def _take(self, who: str) -> None:
        until, left = self._left.get(who, (self.wecom.clock.now(), 0))
        if self.handed_over or until <= self.wecom.clock.now():
            raise Refused(95018, "send msg session status invalid")
        if not left:
            raise Refused(95001, "send msg count limit")
        self._left[who] = (until, left - 1)


def kf_of(state: State) -> Kf:
    part = state.parts["wecom_kf"]
    if not isinstance(part, Kf):
        raise TypeError("the part of 微信客服 is not registered")
    return part


def register(app: Flask, state: State) -> None:
    kf = Kf(wecom_of(state))
    state.parts["wecom_kf"] = kf
    pages = Blueprint("wecom_kf", __name__)

    @pages.before_app_request
    def own_token() -> Response | None:
        """The same address gives each application its own token, by its secret."""
        asked = request.path == "/qyapi/cgi-bin/gettoken"
        if not asked or request.args.get("corpsecret") != kf.settings.secret:
            return None
        token, seconds = kf.tokens.fetch()
        return answering(lambda: OK | {"access_token": token, "expires_in": seconds})

    @pages.post("/qyapi/cgi-bin/kf/sync_msg")
    def sync() -> Response:
        return answering(lambda: _checked(kf) or kf.sync(payload()))

    @pages.post("/qyapi/cgi-bin/kf/send_msg")
    def send() -> Response:
        return answering(lambda: _checked(kf) or kf.send(payload()))

    app.register_blueprint(pages)


def _checked(kf: Kf) -> Answer:
    kf.tokens.check(request.args.get("access_token"))
    return {}
