"""Whether what is drawn for DingTalk fits: as strict as the platform (the sandbox's rules)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from bot.channels.dingtalk.own_card import LISTS, VARIABLES
from bot.channels.dingtalk.public_card import VARIABLES as PUBLIC_VARIABLES
from sandbox.dingtalk_templates import BUTTONS, templates

VALUE_BYTES: Final = 1024
PARAM_BYTES: Final = 15_000
HOOK_BYTES: Final = 20_000
NOTICE_BYTES: Final = 2048
OWN: Final = "own.schema"
SECTIONS: Final = {
    "dingtalk": {"corpid": "c", "app_key": "k", "app_secret": "s", "name": "订单助手", "agent_id": 1},
    "dingtalk_hook": {"token": "t", "secret": "SECx"},
}
KEYS: Final = {
    "sampleMarkdown": {"title", "text"},
    "sampleActionCard": {"title", "text", "singleTitle", "singleURL"},
}


def fits_robot(message: dict[str, Any]) -> None:
    """A card in our own template, or a robot message."""
    if "cardData" in message:
        fits_card(message["cardData"]["cardParamMap"], OWN)
        return
    assert set(message) == {"msgKey", "msgParam"}
    assert len(message["msgParam"].encode()) <= PARAM_BYTES
    param = json.loads(message["msgParam"])
    assert set(param) == KEYS[message["msgKey"]]
    assert all(isinstance(value, str) and value.strip() for value in param.values())


def fits_card(found: dict[str, str], template: str) -> None:
    """Strings only, 1 KB each, and all that is a list can be read."""
    assert set(found) == set(VARIABLES if template == OWN else PUBLIC_VARIABLES)
    for name, value in found.items():
        assert isinstance(value, str), name
        assert len(value.encode()) <= VALUE_BYTES, name
    shown = templates(OWN)[template].drawing(found)
    assert not shown["problems"]
    assert shown["title"]
    if template == BUTTONS:
        assert shown["markdown"]
        return
    for name in LISTS:
        assert found[name] == "[]" or shown[name], "a list that is not empty is seen"


def fits_hook(message: dict[str, Any]) -> None:
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= HOOK_BYTES
    part = message[message["msgtype"]]
    assert all(isinstance(value, str) and value.strip() for value in part.values())
    assert message["msgUuid"]


def fits_notice(message: dict[str, Any]) -> None:
    assert len(json.dumps(message, ensure_ascii=False).encode()) <= NOTICE_BYTES
    part = message[message["msgtype"]]
    assert all(isinstance(value, str) and value.strip() for value in part.values())


FITS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "dingtalk": fits_robot,
    "dingtalk_hook": fits_hook,
    "dingtalk_notice": fits_notice,
}
