"""The self-built app: what it sends, changes and recalls (wecom.md sections 3 and 4)."""

import json
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.chat_blocks import Surface
from sandbox.chat_cards import check, is_interactive, stray_blocks
from sandbox.chat_content import content_of
from sandbox.chat_core import Chat
from sandbox.chat_crypto import Crypto
from sandbox.chat_errors import Refused, invalid
from sandbox.chat_limits import Limiter, Tokens
from sandbox.chat_store import Message
from sandbox.clock import Clock

CODE_LIFE = timedelta(hours=72)
RECALL_LIFE = timedelta(hours=24)


@dataclass
class Sent:
    """One call of message/send: its copies lie in as many 1:1 chats as there were receivers."""

    msgid: str
    at: datetime
    copies: dict[str, Message]


@dataclass
class Code:
    """A response_code: one use, 72 hours, good for the copies of one send."""

    sent: Sent
    at: datetime
    used: bool = False


@dataclass(frozen=True)
class Receivers:
    userids: list[str]
    invalid: list[str]
    invalid_parties: list[str]
    invalid_tags: list[str]
    unlicensed: list[str]


class App:
    def __init__(self, chat: Chat) -> None:
        company = chat.state.company
        self.chat = chat
        self.store = chat.store
        self.settings = company.wecom
        self.clock: Clock = chat.state.clock
        self.crypto = Crypto(self.settings.token, self.settings.aes_key, self.settings.corpid)
        self.tokens = Tokens(self.clock)
        self.limiter = Limiter(self.clock)
        self.protocol_errors: list[str] = []
        self.remarks: list[str] = []  # accepted, but not shown as the sender may think
        self.dropped: list[dict[str, Any]] = []
        self.unlicensed: set[str] = set()  # members in the app's range who may not be reached by its interfaces
        self.sent: dict[str, Sent] = {}
        self.codes: dict[str, Code] = {}
        self._sent_of: dict[str, Sent] = {}
        self._task_ids: dict[str, Sent] = {}
        self._twins: dict[str, datetime] = {}
        self._lock = threading.RLock()
        chat.state.on_reset.append(self.forget)

    def forget(self) -> None:
        """The hub of a new day may number its cards and messages from the start again."""
        with self._lock:
            self.tokens.expire()
            self.limiter.forget()
            for kept in (self.sent, self.codes, self._sent_of, self._task_ids, self._twins):
                kept.clear()
            for noted in (self.protocol_errors, self.remarks, self.dropped, self.unlicensed):
                noted.clear()

    # departments: the root and one for each role, in the order of the people

    def departments(self) -> list[dict[str, Any]]:
        roles = dict.fromkeys(person.role for person in self.store.company.people)
        root = {"id": 1, "name": "青禾家居", "parentid": 0, "order": 100}
        parts = [{"id": i, "name": f"{role}部", "parentid": 1, "order": 100 - i} for i, role in enumerate(roles, 2)]
        return [root, *parts]

    def department_of(self, userid: str) -> int:
        roles = list(dict.fromkeys(person.role for person in self.store.company.people))
        return roles.index(self.store.people[userid.lower()].role) + 2

    def members(self, department: int) -> list[str]:
        everyone = [person.userid for person in self.store.company.people]
        return [one for one in everyone if department in {1, self.department_of(one)}]

    # message/send

    def send(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.check_agent(payload)
        receivers = self._receivers(payload)
        body = content_of(payload, self.store, Surface())
        answer = {"errcode": 0, "errmsg": "ok", "invaliduser": "|".join(receivers.invalid)}
        answer |= {"invalidparty": "|".join(receivers.invalid_parties), "invalidtag": "|".join(receivers.invalid_tags)}
        answer["unlicenseduser"] = "|".join(receivers.unlicensed)
        with self._lock:
            if self._is_twin(payload):
                return answer | {"msgid": secrets.token_urlsafe(48)}
            if payload["msgtype"] == "template_card":
                self._take_task_id(body, None)
                self._remark(payload["template_card"])
            self._twins[_twin_key(payload)] = self.clock.now()
            sent = Sent(secrets.token_urlsafe(48), self.clock.now(), {})
            self.sent[sent.msgid] = sent
            if body.get("task_id"):
                self._task_ids[body["task_id"]] = sent
        for userid in receivers.userids:
            self._place(sent, userid, payload, body)
        answer["msgid"] = sent.msgid
        if payload["msgtype"] == "template_card" and is_interactive(body):
            answer["response_code"] = self.new_code(sent)
        return answer

    def check_agent(self, payload: dict[str, Any]) -> None:
        if "agentid" not in payload:
            raise Refused(41011, "missing agentid")
        if str(payload["agentid"]) != str(self.settings.agentid):
            raise Refused(40056, "invalid agentid")

    def _place(self, sent: Sent, userid: str, payload: dict[str, Any], body: dict[str, Any]) -> None:
        if not self.limiter.take(userid):
            self.dropped.append({"userid": userid, "payload": payload, "at": self.clock.now()})
            return
        message = self.store.add(f"app:{userid}", "app", payload["msgtype"], body)
        sent.copies[userid] = message
        self._sent_of[message.id] = sent

    def _receivers(self, payload: dict[str, Any]) -> Receivers:
        users, parties, tags = (_ids(payload.get(name)) for name in ("touser", "toparty", "totag"))
        if not users and not parties and not tags:
            raise Refused(82001, "touser & toparty & totag all empty")
        if "@all" in users:
            return self._licensed(Receivers([person.userid for person in self.store.company.people], [], [], [], []))
        for given, most, code in ((users, 1000, 40032), (parties, 100, 82002), (tags, 100, 82003)):
            if len(given) > most:
                raise Refused(code, f"more than {most} receivers of one kind")
        known = {str(part["id"]) for part in self.departments()}
        found = {self.store.people[one.lower()].userid: None for one in users if one.lower() in self.store.people}
        for party in parties:
            found.update(dict.fromkeys(self.members(int(party)) if party in known else []))
        if not found:
            raise Refused(81013, "user & party & tag all invalid")
        lost = [one.lower() for one in users if one.lower() not in self.store.people]
        unknown = [party for party in parties if party not in known]
        return self._licensed(Receivers(list(found), lost, unknown, tags, []))

    def _licensed(self, asked: Receivers) -> Receivers:
        reached = [one for one in asked.userids if one not in self.unlicensed]
        if not reached:
            raise Refused(81013, "user & party & tag all invalid")
        return replace(asked, userids=reached, unlicensed=[one for one in asked.userids if one in self.unlicensed])

    def _is_twin(self, payload: dict[str, Any]) -> bool:
        """With enable_duplicate_check the same JSON is accepted and not delivered again within the interval."""
        if payload.get("enable_duplicate_check") != 1:
            return False
        interval = payload.get("duplicate_check_interval", 1800)
        if not isinstance(interval, int) or not 0 < interval <= 4 * 3600:
            raise invalid("duplicate_check_interval", "must be 1 to 14400 seconds")
        before = self._twins.get(_twin_key(payload))
        return before is not None and self.clock.now() - before < timedelta(seconds=interval)

    def _take_task_id(self, body: dict[str, Any], own: Sent | None) -> None:
        holder = self._task_ids.get(body.get("task_id", ""))
        if holder is not None and holder is not own:
            raise invalid("template_card.task_id", "is used already by this app")

    def _remark(self, card: dict[str, Any]) -> None:
        self.remarks.extend(f"{card.get('card_type')} does not show {block}" for block in stray_blocks(card))

    def new_code(self, sent: Sent) -> str:
        code = secrets.token_urlsafe(48)
        self.codes[code] = Code(sent, self.clock.now())
        return code

    def sent_of(self, message: Message) -> Sent:
        return self._sent_of[message.id]

    # message/update_template_card and message/recall

    def update(self, payload: dict[str, Any]) -> dict[str, Any]:
        self.check_agent(payload)
        with self._lock:
            code = self._code(payload)
            wanted, lost = self._whose(payload, code.sent)
            body = self._new_body(payload, code.sent)
            code.used = True
            if body is not None and body.get("task_id"):
                self._task_ids[body["task_id"]] = code.sent
        for userid in wanted:
            self.redraw(code.sent.copies[userid], body, payload)
        return {"errcode": 0, "errmsg": "ok", "invaliduser": lost}

    def redraw(self, message: Message, body: dict[str, Any] | None, payload: dict[str, Any]) -> None:
        """A new card, or with no body the same card with its buttons turned into one grey label."""
        viewer = message.chat.partition(":")[2]
        if body is None:
            body = message.body_for(viewer) | {"replace_text": payload["button"]["replace_name"]}
        task_id = message.body_for(viewer).get("task_id", "")
        self.store.replace(message, {"task_id": task_id} | body, [viewer])

    def _code(self, payload: dict[str, Any]) -> Code:
        code = self.codes.get(str(payload.get("response_code", "")))
        if code is None or code.used or self.clock.now() - code.at > CODE_LIFE:
            raise invalid("response_code", "is unknown, used or older than 72 hours")
        return code

    def _whose(self, payload: dict[str, Any], sent: Sent) -> tuple[list[str], list[str]]:
        if payload.get("atall") == 1:
            return list(sent.copies), []
        asked: list[str] = []
        for name, most in (("userids", 1000), ("partyids", 100), ("tagids", 100)):
            ids = payload.get(name, [])
            if not isinstance(ids, list) or len(ids) > most:
                raise invalid(name, f"must be an array of at most {most}")
            if name == "userids":
                asked += [str(one) for one in ids]
            if name == "partyids":
                asked += [one for party in ids if str(party).isdigit() for one in self.members(int(party))]
        if not asked:
            raise Refused(82001, "userids & partyids & tagids all empty")
        by_lower = {userid.lower(): userid for userid in sent.copies}
        wanted = {by_lower[one.lower()]: None for one in asked if one.lower() in by_lower}
        return list(wanted), [one.lower() for one in asked if one.lower() not in by_lower]

    def _new_body(self, payload: dict[str, Any], sent: Sent) -> dict[str, Any] | None:
        if "template_card" in payload:
            card = {"msgtype": "template_card", **payload}
            body = content_of(card, self.store, Surface(update=True))
            self._take_task_id(body, sent)
            self._remark(payload["template_card"])
            return body
        button = payload.get("button")
        name = button.get("replace_name") if isinstance(button, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise invalid("button.replace_name", "or template_card is missing")
        return None

    def passive_card(self, card: dict[str, Any], message: Message) -> dict[str, Any]:
        body = check(card, Surface(update=True))
        with self._lock:
            self._take_task_id(body, self.sent_of(message))
        return body

    def recall(self, msgid: Any) -> None:
        sent = self.sent.get(str(msgid))
        if sent is None:
            raise invalid("msgid")
        if self.clock.now() - sent.at > RECALL_LIFE:
            raise invalid("msgid", "is older than 24 hours")
        for message in sent.copies.values():
            self.store.change(message, _recall)


def _recall(message: Message) -> None:
    message.recalled = True


def _twin_key(payload: dict[str, Any]) -> str:
    return json.dumps(payload, sort_keys=True, ensure_ascii=False)


def _ids(value: Any) -> list[str]:
    return [one.strip() for one in str(value or "").split("|") if one.strip()]
