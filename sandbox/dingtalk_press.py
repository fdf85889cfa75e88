"""A press on a card, told to the hub; the answer changes the card of whoever pressed (dingtalk.md 3.4, 3.5)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from sandbox.chat_press import Chosen, NotPossible
from sandbox.chat_store import Message
from sandbox.chat_wire import Outcome
from sandbox.dingtalk_card import Card, Place
from sandbox.dingtalk_cards import Cards
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import Declined
from sandbox.dingtalk_gateway import Gateway
from sandbox.dingtalk_http import HttpMode, json_object
from sandbox.dingtalk_link import CALLBACK, CARD


@dataclass(frozen=True)
class CardPress:
    who: str
    card: Card
    place: Place
    key: str
    choice: str
    from_menu: bool

    def content(self) -> Json:
        """Our own template sends what was pressed and chosen; the public ones the button's id."""
        if self.card.template.own:
            actions, params = ["menu" if self.from_menu else "btn"], {"key": self.key, "choice": self.choice}
        else:
            actions, params = [self.key], {"id": self.key}
        return {"cardPrivateData": {"actionIds": actions, "params": params}}


class Presses:
    def __init__(self, core: Core, cards: Cards, gateway: Gateway, http: HttpMode) -> None:
        self._core = core
        self._cards = cards
        self._gateway = gateway
        self._http = http

    def press(self, who: str, message: Message, key: str, selected: Chosen) -> Outcome:
        press = self._press(who, message, key, selected)
        if press.choice:
            chosen = {str(message.body_for(who)["choice_key"]): [press.choice]}
            self._core.store.change(message, lambda found: found.picked.update({who: chosen}))
        if not press.card.callback:
            return Outcome(False, "none", why="这张卡片没有回调")
        self._core.quota.unit("card callback")
        body = self._body(press)
        return self._core.chat.ding_line.carry(lambda: self._carry(press, body))

    def _press(self, who: str, message: Message, key: str, selected: Chosen) -> CardPress:
        card = self._cards.card_of(message)
        if card is None or message.recalled:
            raise NotPossible("没有这张卡片")
        if who not in self._core.store.viewers(message.chat) or not message.is_for(who):
            raise NotPossible("这个人看不到这张卡片")
        drawn = message.body_for(who)
        buttons = [one["key"] for one in drawn["buttons"] if one["key"] and not one.get("url")]
        menu = [one["key"] for one in drawn["menu"]]
        if key not in buttons + menu:
            raise NotPossible("卡片上没有这个按钮，可能已经更新")
        place = next(one for one in card.places if one.message is message)
        return CardPress(who, card, place, key, _choice(drawn, selected), key not in buttons)

    def _body(self, press: CardPress) -> Json:
        core, card = self._core, press.card
        staff = core.staff_id(press.who)
        return {
            "type": "actionCallback",
            "outTrackId": card.track_id,
            "corpId": core.settings.corpid,
            "userId": staff if card.user_id_type == 1 else core.union_id(staff),
            "userIdType": card.user_id_type,
            "spaceType": "im",
            "spaceId": press.place.space_id,
            "extension": "{}",
            "content": json.dumps(press.content(), ensure_ascii=False),
        }

    def _carry(self, press: CardPress, body: Json) -> Outcome:
        started = time.monotonic()
        with press.card.lock:
            press.card.answering += 1
        try:
            outcome = self._by_http(press, body) if press.card.callback == "HTTP" else self._by_stream(press, body)
        finally:
            with press.card.lock:
                press.card.answering -= 1
        outcome.ms = round((time.monotonic() - started) * 1000)
        return outcome

    def _by_stream(self, press: CardPress, body: Json) -> Outcome:
        """Pushed once: what is not answered in time is lost."""
        switches = self._core.switches
        pushed = self._gateway.bring(CARD, body)
        if isinstance(pushed, Outcome):
            return pushed
        twin = self._gateway.push(CALLBACK, CARD, body) if switches.take("duplicate_callbacks") else None
        outcomes = []
        for one in filter(None, (pushed, twin)):
            one.answered.wait(min(switches.card_seconds, switches.deadline_seconds))
            if not one.ok:
                outcomes.append(Outcome(False, "none", why=f"code {one.code}" if one.code else "timeout"))
                continue
            answer = one.answer.get("response") if isinstance(one.answer, dict) else None
            outcomes.append(self._apply(press, answer))
        return outcomes[0]

    def _by_http(self, press: CardPress, body: Json) -> Outcome:
        route = self._cards.routes.get(press.card.route_key)
        if route is None:
            self._core.problem(f"card {press.card.track_id}: callbackRouteKey {press.card.route_key} is not registered")
            return Outcome(False, "none", why="unregistered")
        outcomes = []
        for reply in self._http.card(*route, body):
            if reply.why:
                outcomes.append(Outcome(False, "none", why=reply.why))
                continue
            try:
                outcomes.append(self._apply(press, json_object(reply.raw)))
            except ValueError as error:
                self._core.problem(f"answer to a press: {error}")
                outcomes.append(Outcome(True, "protocol_error", why=str(error)))
        return outcomes[0]

    def _apply(self, press: CardPress, answer: Any) -> Outcome:
        """Whatever is no object with card data changes nothing: the SDK answers with a word or null then."""
        if not isinstance(answer, dict) or not (answer.get("cardData") or answer.get("userPrivateData")):
            return Outcome(True, "empty", answer if isinstance(answer, dict) else None)
        try:
            self._cards.answered(press.card, press.who, answer)
        except Declined as declined:
            self._core.problem(f"answer to a press on {press.card.track_id}: {declined}")
            return Outcome(True, "protocol_error", why=str(declined))
        return Outcome(True, "card_update", answer)


def _choice(drawn: Json, selected: Chosen) -> str:
    """The one chosen id, or nothing."""
    name, ids = str(drawn.get("choice_key", "")), [one["id"] for one in drawn["choices"]]
    if unknown := [one for one in selected if one != name or not ids]:
        raise NotPossible(f"没有这个问题：{unknown[0]}")
    picked = list(selected.get(name, []))
    if len(picked) > 1:
        raise NotPossible("这里只能选一项")
    if picked and picked[0] not in ids:
        raise NotPossible(f"没有这个选项：{picked[0]}")
    return picked[0] if picked else ""
