"""The levers of DingTalk's stand-in, and what it has counted: /control/dingtalk. Not part of the platform."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.dingtalk_core import Json
from sandbox.dingtalk_whole import DingTalk


def told(dingtalk: DingTalk) -> Json:
    links = dingtalk.gateway.links
    return {
        "online": dingtalk.online(),
        "mode": dingtalk.settings.mode,
        "connections": len([link for link in links if not link.leaving]),
        "robot_in_group": dingtalk.robot_in_group,
        "withheld": sorted(dingtalk.withheld),
        "cards": len(dingtalk.cards.cards),
        "hasty_updates": dingtalk.cards.hasty_updates,
        "quota": dingtalk.quota.told(),
        "token_fetches": dingtalk.tokens.fetches,
        "protocol_errors": dingtalk.protocol_errors,
        "remarks": dingtalk.remarks,
        "dropped": len(dingtalk.dropped),
        "switches": dingtalk.switches.as_dict(),
    }


class Levers:
    """Each method is a lever of POST /control/dingtalk; KeyError, TypeError and ValueError become a 400."""

    def __init__(self, dingtalk: DingTalk) -> None:
        self._dingtalk = dingtalk

    def reset_quota(self, value: Any) -> None:
        if value:
            self._dingtalk.quota.forget()

    def use_calls(self, value: Any) -> None:
        self._dingtalk.quota.use_up(calls=int(value))

    def use_stream(self, value: Any) -> None:
        self._dingtalk.quota.use_up(stream=int(value))

    def robot_in_group(self, value: Any) -> None:
        self._dingtalk.robot_in_group = bool(value)

    def withhold(self, value: Any) -> None:
        """The permissions that the console has not granted, for example ["Card.Instance.Write"]."""
        self._dingtalk.withheld = set(map(str, value))

    def inactive(self, value: Any) -> None:
        """The staff ids of people who never logged in."""
        self._dingtalk.inactive = set(map(str, value))

    def event(self, value: Any) -> str:
        """{"type", "body"}; how it was taken."""
        return self._dingtalk.events.push(str(value["type"]), dict(value.get("body", {})))

    def expire_token(self, value: Any) -> None:
        if value:
            self._dingtalk.tokens.expire()

    def expire_codes(self, value: Any) -> None:
        """Login codes, download codes, reply addresses."""
        if value:
            self._dingtalk.login.expire()
            self._dingtalk.talk.expire()

    def expire_tickets(self, value: Any) -> None:
        if value:
            self._dingtalk.gateway.expire_tickets()

    def disconnect(self, value: Any) -> int:
        """Every connection: true = as the platform does, "at_once" = without a word."""
        return self._dingtalk.gateway.disconnect(at_once=value == "at_once") if value else 0


NAMES = [name for name in vars(Levers) if not name.startswith("_")]


def routes(pages: Blueprint, dingtalk: DingTalk) -> None:
    levers = Levers(dingtalk)

    @pages.get("/control/dingtalk")
    def look() -> Response:
        return jsonify(told(dingtalk))

    @pages.post("/control/dingtalk")
    def pull() -> tuple[Response, int]:
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            return jsonify({"error": "the body must be a JSON object"}), 400
        if unknown := [name for name in body if name not in NAMES]:
            return jsonify({"error": f"unknown lever {', '.join(unknown)}; there are {', '.join(NAMES)}"}), 400
        try:
            answers = {name: getattr(levers, name)(value) for name, value in body.items()}
        except (KeyError, TypeError, ValueError) as error:
            return jsonify({"error": str(error)}), 400
        return jsonify(told(dingtalk) | {"answers": answers}), 200
