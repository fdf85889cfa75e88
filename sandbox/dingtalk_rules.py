"""What a request of the card interfaces must look like (dingtalk.md 3.1, 3.2, 3.6); raises Declined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import wrong
from sandbox.dingtalk_templates import Data, Template

KEY_BYTES = 100
VALUE_BYTES = 1024
SPACES = {"IM_GROUP", "IM_ROBOT", "IM_SINGLE", "ONE_BOX"}
SPACE_MODELS = {"IM_GROUP": "imGroupOpenSpaceModel", "IM_ROBOT": "imRobotOpenSpaceModel"}


@dataclass(frozen=True)
class Space:
    type: str
    id: str


@dataclass(frozen=True)
class Options:
    by_key: bool
    private_by_key: bool


def track_id(body: Json) -> str:
    found = body.get("outTrackId")
    if not isinstance(found, str) or not found.strip():
        raise wrong("param.outTrackIdEmpty", "outTrackId is empty")
    return found


def user_id_type(body: Json) -> int:
    found = body.get("userIdType", 1)
    if found not in {1, 2} or isinstance(found, bool):
        raise wrong("param.invalid", "userIdType must be 1 or 2")
    return int(found)


def public_data(core: Core, body: Json, template: Template) -> Data:
    found = body.get("cardData")
    if not isinstance(found, dict) or not isinstance(found.get("cardParamMap"), dict):
        raise wrong("param.cardPublicDataEmpty", "cardData.cardParamMap is empty")
    return values(core, found["cardParamMap"], template, "cardData")


def private_data(core: Core, body: Json, template: Template) -> dict[str, Data]:
    """userid → data."""
    given = body.get("privateData")
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise wrong("param.invalid", "privateData must be {userId: {cardParamMap}}")
    found = {}
    for user_id, part in given.items():
        userid = core.userid_of(user_id, user_id_type(body))
        if userid is None:
            raise wrong("param.userIdNotExist", f"no such user: {user_id}")
        if not isinstance(part, dict) or not isinstance(part.get("cardParamMap"), dict):
            raise wrong("param.invalid", "privateData must be {userId: {cardParamMap}}")
        found[userid] = values(core, part["cardParamMap"], template, f"privateData of {user_id}")
    return found


def values(core: Core, given: Json, template: Template, where: str) -> Data:
    """Texts only, short enough, of variables that the template knows. The platform hides some of these mistakes and
    refuses others; here each is noted, and what would show a broken card is refused."""
    for name, value in given.items():
        if not isinstance(value, str):
            core.problem(f"card: {where}.{name} is {type(value).__name__}, all values are texts")
            raise wrong("MissingStringValue", f"{name} must be a string")
        if len(name.encode()) > KEY_BYTES:
            core.problem(f"card: {where} has a key of more than {KEY_BYTES} bytes: {name[:40]}")
            raise wrong("param.invalid", f"a key is longer than {KEY_BYTES} bytes")
        if len(value.encode()) > VALUE_BYTES:
            core.problem(f"card: {where}.{name} has {len(value.encode())} bytes, {VALUE_BYTES} are allowed")
            raise wrong("param.invalid", f"{name} is longer than {VALUE_BYTES} bytes")
    if template.own:
        for name in template.strange(given):
            core.problem(f"card: {where}.{name} is no variable of the template")
    return dict(given)


def options(body: Json) -> Options:
    """Without them everything is overwritten."""
    given = body.get("cardUpdateOptions") or {}
    if not isinstance(given, dict):
        raise wrong("param.invalid", "cardUpdateOptions must be an object")
    return Options(given.get("updateCardDataByKey") is True, given.get("updatePrivateDataByKey") is True)


def callback(body: Json) -> tuple[str, str]:
    """(callbackType, callbackRouteKey); a card without a type calls nobody."""
    kind = body.get("callbackType")
    if kind is None:
        return "", ""
    if kind not in {"STREAM", "HTTP"}:
        raise wrong("param.invalid", "callbackType must be STREAM or HTTP")
    route = body.get("callbackRouteKey") or ""
    if kind == "HTTP" and not route:
        raise wrong("param.invalid", "callbackRouteKey is needed with callbackType HTTP")
    return str(kind), str(route)


def check_space_models(body: Json) -> None:
    for name in SPACE_MODELS.values():
        model = body.get(name)
        if model is not None and (not isinstance(model, dict) or not isinstance(model.get("supportForward"), bool)):
            raise wrong("param.openSpaceModelInvalid", f"{name}.supportForward is needed")


def spaces(body: Json) -> list[Space]:
    """`dtv1.card//TYPE.id`, several of them joined by `;`."""
    given = body.get("openSpaceId")
    if not isinstance(given, str) or not given.strip():
        raise wrong("param.openSpaceIdEmpty", "openSpaceId is empty")
    found = []
    for number, part in enumerate(given.split(";")):
        scheme, slashes, name = part.rpartition("//")
        kind, dot, space_id = name.partition(".")
        if (scheme, slashes) != ("dtv1.card", "//") and not (number and not slashes):
            raise wrong("param.openSpaceIdInvalid", f"openSpaceId must be dtv1.card//TYPE.id: {part}")
        if not dot or not space_id or kind not in SPACES:
            raise wrong("param.openSpaceIdInvalid", f"openSpaceId must be dtv1.card//TYPE.id: {part}")
        found.append(Space(kind, space_id))
    if len({space.type for space in found}) != len(found):
        raise wrong("param.openSpaceIdInvalid", "a type of space stands twice in openSpaceId")
    return found


def deliver_model(core: Core, body: Json, space: Space) -> Json:
    """The part of the request that says how to deliver into this space."""
    name = {"IM_GROUP": "imGroupOpenDeliverModel", "IM_ROBOT": "imRobotOpenDeliverModel"}.get(space.type)
    if name is None:
        return {}
    model: Any = body.get(name)
    if not isinstance(model, dict) or not model:
        raise wrong("param.openDeliverModelEmpty", f"{name} is empty")
    if space.type == "IM_GROUP" and model.get("robotCode") != core.settings.app_key:
        raise wrong("param.openDeliverModelError", "robotCode is missing or belongs to another app")
    if space.type == "IM_ROBOT" and model.get("spaceType") != "IM_ROBOT":
        raise wrong("param.openDeliverModelError", "spaceType must be IM_ROBOT")
    if not isinstance(model.get("atUserIds", {}), dict) or not isinstance(model.get("recipients", []), list):
        raise wrong("param.openDeliverModelError", "atUserIds is {userId: name}, recipients a list")
    return model
