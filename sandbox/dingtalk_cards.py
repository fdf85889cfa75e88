"""The card service: create, deliver, update for everybody (dingtalk.md section 3)."""

from __future__ import annotations

import secrets
import threading
from typing import Any

from sandbox.chat_store import Message
from sandbox.dingtalk_card import Card, Place
from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import Declined, wrong
from sandbox.dingtalk_rules import (
    Space,
    callback,
    check_space_models,
    deliver_model,
    options,
    private_data,
    public_data,
    spaces,
    track_id,
    user_id_type,
    values,
)
from sandbox.dingtalk_templates import templates

EVERYBODY = "@ALL"


class Cards:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._templates = templates(core.settings.card_template)
        self._lock = threading.RLock()
        self.cards: dict[str, Card] = {}
        self.hasty_updates = 0  # while a callback of the same card waited for its answer
        self.routes: dict[str, tuple[str, str]] = {}  # callbackRouteKey → (url, apiSecret)
        self._of_message: dict[str, Card] = {}
        core.chat.state.on_reset.append(self.forget)
        self._register_own()

    def forget(self) -> None:
        with self._lock:
            self.cards.clear()
            self.hasty_updates = 0
            self._of_message.clear()
            self.routes.clear()
        self._register_own()

    def _register_own(self) -> None:
        """What the console of the company has registered already."""
        settings = self._core.settings
        self.routes[settings.card_route] = (self._core.chat.hub(settings.card_callback), settings.card_secret)

    def card_of(self, message: Message) -> Card | None:
        return self._of_message.get(message.id)

    def shown_by(self, carrier_id: str) -> Message | None:
        """The message that a card was delivered as; its carrierId counts as a processQueryKey for who has read it."""
        places = [place for card in list(self.cards.values()) for place in card.places]
        return next((place.message for place in places if place.carrier_id == carrier_id), None)

    # create and deliver

    def create_and_deliver(self, body: Json) -> Json:
        track = track_id(body)
        with self._lock:
            card = self.cards.get(track)
            if card is None:
                card = self._new(body)
                wanted = [(space, deliver_model(self._core, body, space)) for space in spaces(body)]
                self.cards[track] = card
            else:
                wanted = [(space, deliver_model(self._core, body, space)) for space in spaces(body)]
                self._reused(card, body)
        results = [self._deliver(card, space, model, body) for space, model in wanted]
        return {"success": True, "result": {"outTrackId": track, "deliverResults": results}}

    def create(self, body: Json) -> Json:
        track = track_id(body)
        with self._lock:
            if track in self.cards:
                raise wrong("param.cardAlreadyExist", f"the card exists: {track}")
            self.cards[track] = self._new(body)
        return {"success": True, "result": track}

    def deliver(self, body: Json) -> Json:
        card = self._known(body)
        wanted = [(space, deliver_model(self._core, body, space)) for space in spaces(body)]
        results = [self._deliver(card, space, model, body) for space, model in wanted]
        return {"success": True, "result": results}

    def _new(self, body: Json) -> Card:
        template_id = body.get("cardTemplateId")
        if not isinstance(template_id, str) or not template_id:
            raise wrong("param.cardTemplateIdEmpty", "cardTemplateId is empty")
        template = self._templates.get(template_id)
        if template is None:
            raise wrong("param.templateNotExist", f"no such template: {template_id}")
        public = public_data(self._core, body, template)
        kind, route = callback(body)
        check_space_models(body)
        id_type = user_id_type(body)
        private = private_data(self._core, body, template)
        card = Card(track_id(body), template, public, kind, route, id_type, private)
        self._core.protocol_errors.extend(card.problems())
        return card

    def _reused(self, card: Card, body: Json) -> None:
        """One id is one card: new data under an old id is taken with success and has no effect."""
        given = body.get("cardData")
        told = given.get("cardParamMap") if isinstance(given, dict) else None
        if told != card.public or body.get("cardTemplateId") != card.template.id:
            self._core.remark(f"card: outTrackId {card.track_id} is used already, its new data has no effect")

    def _known(self, body: Json) -> Card:
        card = self.cards.get(track_id(body))
        if card is None:
            raise wrong("param.cardNotExist", f"no such card: {body['outTrackId']}")
        return card

    def _deliver(self, card: Card, space: Space, model: Json, body: Json) -> Json:
        """One entry of deliverResults: what goes wrong here is told here, under a `success: true`."""
        told: Json = {"spaceType": space.type, "spaceId": space.id}
        with card.lock:
            before = next((one for one in card.places if one.is_in(space.type, space.id)), None)
            if before is None:
                chat, why = self._chat(space, user_id_type(body))
                if chat is None:
                    return told | {"success": False, "carrierId": "", "errorMsg": why}
                before = self._show(card, space, chat, model | {"preview": _preview(body, space)})
        return told | {"success": True, "carrierId": before.carrier_id, "errorMsg": ""}

    def _chat(self, space: Space, id_type: int) -> tuple[str | None, str]:
        """(the conversation, why there is none)"""
        core = self._core
        if space.type == "IM_GROUP":
            chat = core.chat_of(space.id)
            if chat is None:
                return None, "会话不存在"
            return (chat, "") if core.robot_in_group else (None, "机器人不在群内")
        if space.type == "IM_ROBOT":
            userid = core.userid_of(space.id, id_type)
            return (f"ding:{userid}", "") if userid else (None, "用户不存在")
        return None, "该场域未开通"

    def _show(self, card: Card, space: Space, chat: str, model: Json) -> Place:
        core = self._core
        viewers = core.store.viewers(chat)
        recipients = [core.userid_of(one, card.user_id_type) for one in model.get("recipients", [])]
        only = frozenset(one for one in recipients if one) if recipients else None
        at = model.get("atUserIds", {})
        named = viewers if EVERYBODY in at else [core.userid_of(one, card.user_id_type) for one in at]
        more = {"at": [one for one in named if one], "preview": model["preview"], "track_id": card.track_id}
        shown, copies = card.bodies(viewers, more)
        message = core.store.add(chat, "ding", "ding_card", shown, only=only, copies=copies)
        place = Place(space.type, space.id, secrets.token_urlsafe(24) + "=", message)
        card.places.append(place)
        self._of_message[message.id] = card
        return place

    # update

    def update(self, body: Json) -> Json:
        card = self._known(body)
        if not body.get("cardData") and not body.get("privateData"):
            raise wrong("param.cardDataAndPrivateDataBothEmpty", "cardData and privateData are both empty")
        asked = options(body)
        data = public_data(self._core, body, card.template) if body.get("cardData") else None
        private = private_data(self._core, body, card.template)
        with card.lock:
            # The pages say not to do that; of two people who press at once one may do no other, so it is only counted.
            self.hasty_updates += bool(card.answering)
            if data is not None:
                card.update(data, by_key=asked.by_key)
            for userid, part in private.items():
                card.update_private(userid, part, by_key=asked.private_by_key)
            self._redraw(card)
        return {"success": True, "result": True}

    def answered(self, card: Card, viewer: str, answer: Json) -> None:
        """The answer to a press: it reaches the clicker and nobody else. Raises Declined where it is wrong."""
        asked = options(answer)
        public = _param_map(answer, "cardData")
        private = _param_map(answer, "userPrivateData")
        if public is not None:
            public = values(self._core, public, card.template, "the answer's cardData")
        if private is not None:
            private = values(self._core, private, card.template, "the answer's userPrivateData")
        with card.lock:
            if public is not None:
                card.update_seen(viewer, public, by_key=asked.by_key)
            if private is not None:
                card.update_private(viewer, private, by_key=asked.private_by_key)
            self._redraw(card)

    def _redraw(self, card: Card) -> None:
        self._core.protocol_errors.extend(card.problems())
        card.redraw(self._core.store)

    # callbacks over HTTP

    def register(self, body: Json) -> Json:
        key, url, secret = (body.get(name) for name in ("callbackRouteKey", "callbackUrl", "apiSecret"))
        if not isinstance(key, str) or not key:
            raise wrong("param.empty", "callbackRouteKey is empty")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise wrong("param.invalid", "callbackUrl must be a public address")
        with self._lock:
            if key in self.routes and body.get("forceUpdate") is not True:
                raise Declined(500, "param.callbackRouteKeyExist", f"the key exists: {key}")
            self.routes[key] = (url, str(secret or ""))
        return {"success": True, "result": {"callbackUrl": url, "apiSecret": str(secret or "")}}


def _param_map(answer: Json, name: str) -> Any:
    part = answer.get(name)
    if part is None:
        return None
    if not isinstance(part, dict) or not isinstance(part.get("cardParamMap"), dict):
        raise wrong("param.invalid", f"{name} must be {{cardParamMap: {{…}}}}")
    return part["cardParamMap"]


def _preview(body: Json, space: Space) -> str:
    model = body.get("imGroupOpenSpaceModel" if space.type == "IM_GROUP" else "imRobotOpenSpaceModel") or {}
    told = model.get("lastMessageI18n") if isinstance(model, dict) else None
    return str(told.get("ZH_CN", "")) if isinstance(told, dict) else ""
