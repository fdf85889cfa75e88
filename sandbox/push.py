"""The marketplaces' own messages to the hub: one on every change of an order, signed as each platform signs. Switched
on by company.toml or /control/push; as on the real ones some come twice, some late, some never."""

from __future__ import annotations

import hashlib
import json
import queue
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import requests
from flask import Flask, Response, jsonify, request

from sandbox.chat_crypto import Crypto
from sandbox.signing import joined, sign_jd, sign_pdd
from sandbox.state import Event, State

TIMEOUT = 5.0  # seconds; what does not answer by then counts as not taken
TRIES = 2
EVENTS = ("order", "arrival")
LAST = "push.last"

TAOBAO = {
    "added": "taobao_trade_TradeCreate", "arrived": "taobao_trade_TradeCreate", "paid": "taobao_trade_TradeBuyerPay",
    "edited": "taobao_trade_TradeMemoModified", "shipped": "taobao_trade_TradeSellerShip",
    "cancelled": "taobao_trade_TradeClose", "signed": "taobao_trade_TradeSuccess",
    "refund asked": "taobao_refund_RefundCreated", "refund paid": "taobao_refund_RefundSuccess",
    "refund closed": "taobao_refund_RefundClosed",
}  # fmt: skip
PDD = {
    "shipped": "pdd_trade_TradeSellerShip", "signed": "pdd_trade_TradeSuccess",
    "released": "pdd_trade_TradeRiskChanged",
    "refund asked": "pdd_refund_RefundCreated", "refund paid": "pdd_refund_RefundAgreeAgreement",
    "refund closed": "pdd_refund_RefundClosed",
}  # fmt: skip
DOUYIN = {"added": "100", "arrived": "100", "paid": "101", "shipped": "102", "signed": "103", "cancelled": "106"}
WXSHOP = {
    "added": "new", "arrived": "new", "paid": "pay", "shipped": "deliver", "cancelled": "cancel", "signed": "confirm",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an order; `number` counts the messages."""

    platform: str
    order_id: str
    what: str
    number: int


@dataclass(frozen=True, slots=True)
class Switches:
    """Of the messages every n-th is lost, comes twice, or comes behind the next one; 0 = none."""

    on: bool = False
    lose_every: int = 0
    twice_every: int = 0
    late_every: int = 0


@dataclass(slots=True)
class Sent:
    """A message on its way."""

    query: dict[str, str]
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Pusher:
    def __init__(self, state: State) -> None:
        self.state = state
        self.switches = Switches()
        self.outcomes: Counter[str] = Counter()
        self._session = requests.Session()
        self._number = 0
        self._held: list[Change] = []
        self._events: queue.Queue[Event] | None = None  # nothing is listened to before it is switched on
        self.switch(on=state.company.push.on)

    def switch(self, **values: Any) -> None:
        """TypeError for a switch that there is not."""
        self.switches = replace(self.switches, **values)
        if self.switches.on and self._events is None:
            self._events = self.state.bus.subscribe()
            self._thread = threading.Thread(target=self._run, args=(self._events,), name="sandbox-push", daemon=True)
            self._thread.start()

    def close(self) -> None:
        if self._events is not None:
            self.state.bus.publish(LAST, {})
            self._thread.join(2 * TIMEOUT)
            self.state.bus.unsubscribe(self._events)

    def _run(self, events: queue.Queue[Event]) -> None:
        while (event := events.get())[0] != LAST:
            kind, told = event
            if kind in EVENTS and self.switches.on and str(told["platform"]) in self.state.company.push.paths:
                self._number += 1
                change = Change(str(told["platform"]), str(told["order_id"]), str(told["what"]), self._number)
                self._pass_on(change)

    def _pass_on(self, change: Change) -> None:
        switches = self.switches
        if _hits(change.number, switches.lose_every):
            self.outcomes["lost"] += 1
            return
        if _hits(change.number, switches.late_every):
            self._held.append(change)
            return
        held, self._held = self._held, []
        for one in (change, *held):
            self._deliver(one)
            if _hits(one.number, switches.twice_every):
                self._deliver(one)

    def _deliver(self, change: Change) -> None:
        """As the platforms do: what was not taken comes again."""
        company = self.state.company
        address = company.server.hub.rstrip("/") + company.push.paths[change.platform]
        sent = MAKERS[change.platform](self.state, change)
        for _ in range(TRIES):
            if self._taken(address, sent, change.platform):
                self.outcomes["taken"] += 1
                return
        self.outcomes["not taken"] += 1

    def _taken(self, address: str, sent: Sent, platform: str) -> bool:
        try:
            answer = self._session.post(
                address, params=sent.query, data=sent.body, headers=sent.headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException:
            return False
        return answer.status_code == 200 and ACCEPTED[platform](answer)


def _hits(number: int, every: int) -> bool:
    return bool(every) and number % every == 0


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def taobao(state: State, change: Change) -> Sent:
    shop = state.company.taobao
    stamp = f"{state.clock.beijing():%Y-%m-%d %H:%M:%S}"
    content = {"tid": int(change.order_id), "seller_nick": shop.nick}
    body = _json({
        "id": 4_160_600_490_000_000_000 + change.number, "topic": TAOBAO.get(change.what, "taobao_trade_TradeChanged"),
        "content": _json(content).decode(), "user_nick": shop.nick, "pub_time": stamp,
    })  # fmt: skip
    query = {"app_key": shop.app_key, "timestamp": stamp}
    secret = shop.app_secret.encode()
    sign = hashlib.md5(secret + joined(query).encode() + body + secret).hexdigest().upper()
    return Sent({**query, "sign": sign}, body, {"Content-Type": "application/json;charset=UTF-8"})


def jd(state: State, change: Change) -> Sent:
    shop = state.company.jd
    told = {"messageId": f"jd-{change.number}", "topic": "order_change", "orderId": change.order_id}
    query = {"app_key": shop.app_key, "timestamp": f"{state.clock.beijing():%Y-%m-%d %H:%M:%S}.000+0800", "v": "2.0"}
    query["360buy_param_json"] = _json(told).decode()
    return Sent({**query, "sign": sign_jd(query, shop.app_secret)}, b"")


def pdd(state: State, change: Change) -> Sent:
    """A frame's own id and time are new each time that it is sent, the message in it is not."""
    shop = state.company.pdd
    told = {"mall_id": int(shop.owner_id), "tid": change.order_id, "modified": 1_772_331_164_000 + change.number}
    topic = PDD.get(change.what, "pdd_trade_TradeConfirmed")
    frame = {
        "id": change.number, "commandType": "Common", "sendTime": int(state.clock.epoch() * 1000),
        "message": {"type": topic, "mallID": int(shop.owner_id), "content": _json(told).decode()},
    }  # fmt: skip
    body = _json(frame)
    query = {"client_id": shop.client_id, "timestamp": str(int(state.clock.epoch()))}
    sign = sign_pdd({**query, "body": body.decode()}, shop.client_secret)
    return Sent({**query, "sign": sign}, body, {"Content-Type": "application/json"})


def douyin(state: State, change: Change) -> Sent:
    shop = state.company.douyin
    told = {"p_id": int(change.order_id), "s_ids": [int(change.order_id)], "shop_id": int(shop.shop_id)}
    tag = DOUYIN.get(change.what, "110")
    body = _json([{"tag": tag, "msg_id": f"70453910{change.number}:{tag}", "data": _json(told).decode()}])
    sign = hashlib.md5(shop.app_key.encode() + body + shop.app_secret.encode()).hexdigest()
    return Sent({}, body, {"Content-Type": "application/json", "app-id": shop.app_key, "event-sign": sign})


def wxshop(state: State, change: Change) -> Sent:
    """The order's number is a bare number here, though it is a text everywhere else."""
    company, now = state.company, int(state.clock.epoch())
    told = {
        "ToUserName": "gh_sandbox00001", "FromUserName": "oSandbox0000000000000000001",
        "CreateTime": now + change.number,
        "MsgType": "event", "Event": f"channels_ec_order_{WXSHOP.get(change.what, 'ext_info_update')}",
        "order_info": {"order_id": int(change.order_id)},
    }  # fmt: skip
    crypto = Crypto(company.push.token, company.push.aes_key, company.wxshop.appid)
    sealed = crypto.seal(_json(told), now)
    query = {**sealed.query, "encrypt_type": "aes", "signature": crypto.plain_sign(sealed.timestamp, sealed.nonce)}
    return Sent(query, _json({"ToUserName": "gh_sandbox00001", "Encrypt": sealed.encrypt}))


MAKERS = {"taobao": taobao, "jd": jd, "pdd": pdd, "douyin": douyin, "wxshop": wxshop}


def _says(name: str, *values: object) -> Any:
    return lambda answer: answer.json().get(name) in values


ACCEPTED: Mapping[str, Any] = {
    "taobao": _says("flag", "success"),
    "jd": _says("code", "0"),
    "pdd": _says("success", True),
    "douyin": _says("code", 0),
    "wxshop": lambda answer: answer.content == b"success",
}


def pusher_of(state: State) -> Pusher:
    pusher = state.parts["push"]
    if not isinstance(pusher, Pusher):
        raise TypeError("this sandbox pushes nothing")
    return pusher


def register(app: Flask, state: State) -> None:
    pusher = Pusher(state)
    state.parts["push"] = pusher
    state.on_close.append(pusher.close)

    def forget() -> None:
        pusher.switches = Switches()
        pusher.switch(on=state.company.push.on)
        pusher.outcomes.clear()

    state.on_reset.append(forget)

    @app.get("/control/push")
    def push_outcomes() -> Response:
        return jsonify({**asdict(pusher.switches), "outcomes": dict(pusher.outcomes)})

    @app.post("/control/push")
    def push_switches() -> tuple[Response, int] | Response:
        body: Any = request.get_json(silent=True)
        try:
            pusher.switch(**body)
        except TypeError as error:
            return jsonify({"error": str(error)}), 400
        return push_outcomes()
