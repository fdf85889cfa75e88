"""The hub's side of DingTalk for the sandbox's own tests: calls as the documents show them, and a Stream client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus

import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sandbox.chat_limits import Limiter
from sandbox.chat_phones import Phones
from sandbox.dingtalk_whole import DingTalk, dingtalk_of
from sandbox.phones import phones_of
from tests.sandbox.chat_hub import Bench

Json = dict[str, Any]
BOT = "/v1.0/im/bot/messages/get"
CARD = "/v1.0/card/instances/callback"
SUBSCRIPTIONS = [{"type": "CALLBACK", "topic": BOT}, {"type": "CALLBACK", "topic": CARD}]
PUBLIC = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"
KEY = "dingdemokey0000001"
GROUP = "cidDEMO01=="

Ack = tuple[int, Any] | None


class Ding:
    """One application's calls, with the token where each host wants it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.settings = bench.state.company.dingtalk

    @property
    def part(self) -> DingTalk:
        return dingtalk_of(self.bench.state)

    @property
    def phones(self) -> Phones:
        return phones_of(self.bench.state)

    def errors(self) -> list[str]:
        """The mistakes that the platform has noted since the last look."""
        found = list(self.part.protocol_errors)
        self.part.protocol_errors.clear()
        return found

    def control(self, **levers: Any) -> Json:
        return self.bench.post("/control/dingtalk", levers)

    def quota(self) -> Json:
        found: Json = self.bench.get("/control/dingtalk")["quota"]
        return found

    def token(self) -> str:
        body = {"appKey": self.settings.app_key, "appSecret": self.settings.app_secret}
        return str(self.post("/v1.0/oauth2/accessToken", body, token="")["accessToken"])

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **query: Any
    ) -> requests.Response:
        token = self.token() if token is None else token
        headers = {"x-acs-dingtalk-access-token": token} if token else {}
        url = f"{self.bench.base}/dingtalk/api{path}"
        return requests.request(method, url, json=body, params=query, headers=headers, timeout=30)

    def post(self, path: str, body: Any = None, *, token: str | None = None) -> Json:
        found: Json = self.call("POST", path, body, token=token).json()
        return found

    def put(self, path: str, body: Any = None) -> Json:
        found: Json = self.call("PUT", path, body).json()
        return found

    def old(self, path: str, body: Any = None, *, token: str | None = None, **query: Any) -> Json:
        """POST to the old host; `token=""` for what needs none."""
        token = self.token() if token is None else token
        url = f"{self.bench.base}/dingtalk/oapi{path}"
        found: Json = requests.post(
            url, json=body or {}, params=({"access_token": token} if token else {}) | query, timeout=30
        ).json()
        return found

    @contextmanager
    def any_speed(self) -> Iterator[None]:
        """Meanwhile no call is too quick for the limit of a second; the token is fetched once."""
        quota, token = self.part.quota, self.token()
        fast, own = Limiter(self.bench.state.clock, windows=((1.0, 10**6),)), quota._seconds
        quota._seconds, self.token = fast, lambda: token  # type: ignore[method-assign]
        try:
            yield
        finally:
            quota._seconds = own
            del self.token

    def switch(self, **switches: Any) -> Json:
        return self.bench.switch(platform="dingtalk", **switches)

    def wait(self, claim: Callable[[], Any]) -> None:
        """Until it holds; what happens beside the test's own thread may take a moment."""
        ends = time.monotonic() + 5
        while not claim():
            assert time.monotonic() < ends, "it did not come to be"
            threading.Event().wait(0.01)

    # the robot

    def group_message(self, text: str) -> Json:
        param = json.dumps({"content": text}, ensure_ascii=False)
        return {"robotCode": KEY, "openConversationId": GROUP, "msgKey": "sampleText", "msgParam": param}

    def say_to_group(self, text: str) -> Json:
        return self.post("/v1.0/robot/groupMessages/send", self.group_message(text))

    def say_to(self, *staff: str, key: str = "sampleText", **param: Any) -> Json:
        told = {"msgKey": key, "msgParam": json.dumps(param or {"content": "好"}, ensure_ascii=False)}
        body = {"robotCode": KEY, "userIds": list(staff), **told}
        return self.post("/v1.0/robot/oToMessages/batchSend", body)

    # cards

    def card(self, track: str = "t-1", **more: Any) -> Json:
        """A card of the company's own template for the group, complete as the documents want it."""
        buttons = [{"text": "认领", "key": "claim", "style": "main"}, {"text": "完成", "key": "done", "style": "plain"}]
        data = {
            "title": "超时未发货",
            "tone": "warn",
            "buttons": json.dumps(buttons, ensure_ascii=False),
            "revision": "1",
        }
        return {
            "cardTemplateId": self.settings.card_template,
            "outTrackId": track,
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": data},
            "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}",
            "imGroupOpenSpaceModel": {"supportForward": False, "lastMessageI18n": {"ZH_CN": "超时未发货"}},
            "imGroupOpenDeliverModel": {"robotCode": KEY},
        } | more

    def card_for(self, staff: str, track: str = "t-1", **more: Any) -> Json:
        """The same card, 1:1."""
        card = self.card(track)
        for name in ("imGroupOpenSpaceModel", "imGroupOpenDeliverModel"):
            card.pop(name)
        robot = {
            "imRobotOpenSpaceModel": {"supportForward": False},
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        }
        return card | robot | {"openSpaceId": f"dtv1.card//IM_ROBOT.{staff}"} | more

    def create(self, card: Json) -> Json:
        return self.post("/v1.0/card/instances/createAndDeliver", card)

    def update(self, track: str = "t-1", *, private: dict[str, Json] | None = None, **data: str) -> Json:
        """A change of some variables, for everybody and for some."""
        body: Json = {"outTrackId": track}
        body["cardUpdateOptions"] = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
        body |= {"cardData": {"cardParamMap": data}} if data else {}
        body |= {"privateData": {who: {"cardParamMap": part} for who, part in private.items()}} if private else {}
        return self.put("/v1.0/card/instances", body)

    def shown(self, who: str = "xiaoli", chat: str = "dgroup") -> Json:
        """The body of the newest message on this person's phone."""
        found: Json = self.bench.shown(who, chat)[-1]["body"]
        return found

    def press(self, who: str, key: str, chat: str = "dgroup", **more: Any) -> Json:
        card = [one for one in self.bench.shown(who, chat) if one["kind"].startswith("ding_")][-1]
        return self.bench.post("/phones/api/press", {"who": who, "message_id": card["id"], "key": key} | more)

    def press_last(self, who: str, key: str, chat: str) -> Json:
        """The same on the newest message with buttons, whichever it is."""
        found = [one for one in self.bench.shown(who, chat) if one["body"].get("buttons")][-1]
        return self.bench.post("/phones/api/press", {"who": who, "message_id": found["id"], "key": key})

    # stream

    def open(self, **changes: Any) -> requests.Response:
        body = {"clientId": self.settings.app_key, "clientSecret": self.settings.app_secret, "ua": "test/1.0"}
        body |= {"subscriptions": SUBSCRIPTIONS} | changes
        return self.call("POST", "/v1.0/gateway/connections/open", body, token="")

    def connect(self, answer: Callable[[Json], Ack] | None = None) -> StreamClient:
        client = StreamClient(self.open().json(), answer)
        client.wait_for_ping()
        return client


class StreamClient:
    """The hub's end of one Stream connection. `answer` gives (code, data) for a frame, or None for no answer."""

    def __init__(self, opened: Json, answer: Callable[[Json], Ack] | None = None) -> None:
        self.frames: list[Json] = []
        self.closed = threading.Event()
        self._answer = answer or (lambda frame: (200, {"response": None}))
        self._news = threading.Condition()
        address = f"{opened['endpoint']}?ticket={quote_plus(opened['ticket'])}"
        self._ready = threading.Event()
        threading.Thread(target=self._listen, args=(address,), daemon=True).start()
        assert self._ready.wait(5), "the gateway opens no connection"

    def ack(self, frame: Json, code: int = 200, told: Any = None) -> None:
        headers = {"messageId": frame["headers"]["messageId"], "contentType": "application/json"}
        self.socket.send(json.dumps({"code": code, "headers": headers, "message": "OK", "data": json.dumps(told)}))

    def wait(self, number: int = 0, topic: str = "") -> Json:
        """The number-th frame that is no ping (of this topic)."""

        def found() -> list[Json]:
            wanted = [one for one in self.frames if one["headers"]["topic"] != "ping"]
            return [one for one in wanted if topic in {"", one["headers"]["topic"]}]

        with self._news:
            assert self._news.wait_for(lambda: len(found()) > number, 5), f"no frame came: {self.frames}"
            return found()[number]

    def wait_for_ping(self) -> Json:
        with self._news:
            assert self._news.wait_for(lambda: self.frames, 5), "no ping came"
            return self.frames[0]

    def said(self, number: int = 0) -> Json:
        told: Json = json.loads(self.wait(number, BOT)["data"])
        return told

    def pressed(self, number: int = 0) -> Json:
        told: Json = json.loads(self.wait(number, CARD)["data"])
        return told

    def close(self) -> None:
        self.socket.close()
        self.closed.wait(5)

    def _listen(self, address: str) -> None:
        with connect(address, proxy=None, ping_interval=None, close_timeout=1) as self.socket:
            self._ready.set()
            try:
                while True:
                    self._take(json.loads(self.socket.recv()))
            except ConnectionClosed:
                self.closed.set()

    def _take(self, frame: Json) -> None:
        with self._news:
            self.frames.append(frame)
            self._news.notify_all()
        if frame["type"] == "SYSTEM":
            self.ack(frame, 200, json.loads(frame["data"]))
        elif (found := self._answer(frame)) is not None:
            self.ack(frame, *found)
