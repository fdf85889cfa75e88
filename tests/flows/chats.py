"""The chat platforms as the flows speak of them: every story calls the home group "group" and the 1:1 chat "app", and
runs on each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.chat_phones import Phones
from sandbox.chat_press import Press
from sandbox.chat_store import Message
from sandbox.chat_switches import Switches
from sandbox.chat_wire import Outcome
from sandbox.company import Company
from sandbox.dingtalk_press import CardPress

CARDS: Final = frozenset({"template_card", "ding_card"})


@dataclass(frozen=True)
class Edge:
    """`places`: what the phones call the home group, the chat with the hub, and the one with its robot. `channel`: as
    what the hub hears it. `ours`: the sections of hub.toml that are about it. `before`: what a person's id there
    begins with."""

    name: str
    places: Mapping[str, str]
    channel: str
    ours: tuple[str, ...]
    before: str = ""

    def place(self, chat: str) -> str:
        """`group`, `app`, `app:<userid>` … as this platform's phones call it; other names are theirs already."""
        head, colon, rest = chat.partition(":")
        return self.places.get(head, head) + colon + rest

    @property
    def chats(self) -> tuple[str, ...]:
        """Where people can speak to the hub."""
        return tuple({self.place(chat): chat for chat in ("bot", "app", "group")}.values())

    def userid(self, who: str) -> str:
        """The platform's id of a person."""
        return self.before + who

    def is_online(self, phones: Phones) -> bool:
        return bool(phones.ding_online() if self is DINGTALK else phones.online())

    def line(self, phones: Phones) -> list[object]:
        """The long connections that are there."""
        if self is DINGTALK:
            return list(phones.dingtalk.gateway.links)
        current = phones.aibot.link.current
        return [current] if current is not None else []

    def cut(self, phones: Phones) -> None:
        """End the long connection without a word."""
        if self is DINGTALK:
            phones.dingtalk.gateway.disconnect(at_once=True)
        elif (current := phones.aibot.link.current) is not None:
            current.close()

    def forge(self, phones: Phones, who: str, card: Message, key: str) -> Outcome:
        """`who` sends a key as if the button were on a card of theirs."""
        if self is WECOM:
            body = card.body_for(card.chat.partition(":")[2])
            return phones.wecom.callback.press(Press(who, card, body, key, {}, from_menu=False))
        ding = phones.dingtalk
        shown_card = ding.cards.card_of(card)
        assert shown_card is not None
        press = CardPress(who, shown_card, shown_card.places[0], key, "", from_menu=False)
        return ding.presses._carry(press, ding.presses._body(press))

    def switches(self, phones: Phones) -> Switches:
        return phones.chat.switches_of[self.name]

    def complaints(self, phones: Phones) -> list[str]:
        """What the platform found wrong with what the hub sent, and what it dropped without a word."""
        if self is WECOM:
            wrong = [*phones.wecom.protocol_errors, *phones.aibot.protocol_errors]
            return wrong + [f"dropped: {one}" for one in phones.wecom.dropped]
        ding = phones.dingtalk
        return [*ding.protocol_errors, *ding.remarks, *(f"dropped: {one}" for one in ding.dropped)]


WECOM: Final = Edge("wecom", {}, "wecom_app", ("wecom", "bot"))
DINGTALK: Final = Edge("dingtalk", {"group": "dgroup", "app": "ding", "bot": "ding"}, "dingtalk", ("dingtalk",), "dt-")
EDGES: Final = {"wecom": (WECOM,), "dingtalk": (DINGTALK,), "both": (WECOM, DINGTALK)}
"""The platforms of a house by the name of its chat; the first is the one that bare names of chats mean."""
_FAST: Final = 60  # calls a second, so that no story waits for the wall's clock


def mode_of(mode: str) -> str:
    """The bot's "stream" or "callback" in DingTalk's words."""
    return {"callback": "http"}.get(mode, mode)


def sections(edge: Edge, sandbox: str, company: Company) -> dict[str, dict[str, Any]]:
    """What a hub.toml says about the platform beyond the tests' own, pointing at the sandbox."""
    if edge is WECOM:
        socket = sandbox.replace("http://", "ws://")
        return {
            "wecom": {"gateway": f"{sandbox}/qyapi", "secret": company.wecom.secret},
            "bot": {"gateway": f"{socket}/aibot/ws", "secret": company.bot.secret, "mode": company.bot.mode},
        }
    ding = company.dingtalk
    same = ("corpid", "app_key", "app_secret", "agent_id", "name", "mode", "group", "card_template", "card_route",
            "card_secret")  # fmt: skip
    gateways = {
        "gateway": f"{sandbox}/dingtalk/api",
        "old_gateway": f"{sandbox}/dingtalk/oapi",
        "login_gateway": f"{sandbox}/dingtalk/login",
    }
    # A story looks at once; that cards which change often rest in between is a story of its own.
    calm = {"coalesce_seconds": 0, "calls_per_second": _FAST}
    return {"dingtalk": gateways | {name: getattr(ding, name) for name in same} | calm}


def company_of(mode: str) -> dict[str, dict[str, Any]]:
    """What the sandbox's company is told about its chats."""
    return {
        "bot": {"mode": mode, "greeting": False},
        "dingtalk": {"mode": mode_of(mode), "calls_per_second": 2 * _FAST},
    }


def staff_on(edges: tuple[Edge, ...], people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """`[[staff]]` with ids of these platforms alone."""
    found = []
    for person in people:
        bare = {name: value for name, value in person.items() if name != "wecom"}
        found.append(bare | {edge.name: edge.userid(person["wecom"]) for edge in edges})
    return found


# what stands on a message


def is_card(message: Message) -> bool:
    return message.kind in CARDS


def shown(message: Message, viewer: str = "") -> str:
    """All that stands on a message, as one text. Of DingTalk's texts as people read them: without the title, which the
    list of chats shows, and without what makes words bold; its star that is no markup is one."""
    body = message.body_for(viewer)
    if message.sender.startswith("ding") and "content" in body:
        body = {name: value for name, value in body.items() if name != "title"}
        body["content"] = body["content"].replace("**", "").replace("＊", "*")
    return json.dumps(body, ensure_ascii=False)


def title(message: Message) -> str:
    """The beginning of what stands on a message."""
    head = message.body.get("main_title", {})
    found = " ".join(head.values()) or str(message.body.get("title") or "")
    return found or str(message.body.get("content", ""))[:40]


def number_of(message: Message) -> str:
    """By what the platform knows a card; "" for what is none."""
    return str(message.body.get("task_id") or message.body.get("track_id") or "")


def controls(message: Message, viewer: str = "") -> dict[str, str]:
    """Words → key of a card's buttons and menu entries."""
    body = message.body_for(viewer)
    card = body.get("template_card", body)
    found = [*card.get("button_list", []), *card.get("action_menu", {}).get("action_list", [])]
    found += [one for one in (*card.get("buttons", []), *card.get("menu", [])) if one.get("key")]
    return {one["text"]: one["key"] for one in found}


def is_live(message: Message, viewer: str = "") -> bool:
    """Whether there are buttons on it that can be pressed."""
    body = message.body_for(viewer)
    return "replace_text" not in body and bool(body.get("button_list") or body.get("buttons"))
