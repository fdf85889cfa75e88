"""What the card service and the robot are asked for: bodies of their interfaces (dingtalk.md 2.1, 3.1, 3.6)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Final

from bot.card import Card
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.errors import NO_SUCH_FILE
from bot.channels.dingtalk.fit import line
from bot.channels.dingtalk.markdown import compact
from bot.channels.dingtalk.own_card import PRIVATE
from bot.channels.dingtalk.render import card_data
from bot.channels.sending import Body, Change, Enclosed, Parcel, SendError, uploading
from config_chat import DingTalk

CREATE: Final = "v1.0/card/instances/createAndDeliver"
CARD: Final = "v1.0/card/instances"
DELIVER: Final = "v1.0/card/instances/deliver"
_USER_ID: Final = 1
_PREVIEW: Final = 60
_PICTURES: Final = frozenset({"jpg", "jpeg", "gif", "png", "bmp"})
_FILES: Final = frozenset({"xlsx", "pdf", "zip", "rar", "doc", "docx"})
_PACKED: Final = frozenset({"csv"})  # what the platform takes only in a zip
_ALWAYS: Final = (1980, 1, 1, 0, 0, 0)  # packed again, it is the same


def created(parcel: Parcel, card: Card, recipient: str, settings: DingTalk) -> Body:
    """createAndDeliver: a new card into one chat."""
    return {
        "cardTemplateId": settings.card_template,
        "cardData": {"cardParamMap": card_data(card, settings.card_template)},
        **_answered_by(settings),
        **_space(parcel, card, recipient, settings.robot),
    }


def delivered(parcel: Parcel, card: Card, userid: str) -> Body:
    """deliver: a card that exists into one more 1:1 chat."""
    return _space(parcel, card, userid, "")


def changed(change: Change, settings: DingTalk, outdated: Sequence[str] = ()) -> Body:
    """The whole public state, key by key, so that what is private stays; but the line of each of `outdated` goes."""
    data = card_data(change.card, settings.card_template)
    public = {name: value for name, value in data.items() if name not in PRIVATE}
    body: Body = {
        "outTrackId": change.task_id,
        "userIdType": _USER_ID,
        "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
        "cardData": {"cardParamMap": public},
    }
    nothing = {"cardParamMap": dict.fromkeys(sorted(PRIVATE), "")}
    return body | ({"privateData": dict.fromkeys(outdated, nothing)} if outdated else {})


def enclosed(api: DingApi, file: Enclosed) -> Body:
    """The uploaded picture or file as a message. Raises SendError."""
    kind = file.name.rpartition(".")[2].lower()
    if kind in _PICTURES:
        return {"msgKey": "sampleImageMsg", "msgParam": compact({"photoURL": _kept(api, "image", file)})}
    if kind in _PACKED:
        file, kind = _packed(file), "zip"
    if kind not in _FILES:
        raise SendError(NO_SUCH_FILE)
    param = {"mediaId": _kept(api, "file", file), "fileName": line(file.name, 100), "fileType": kind}
    return {"msgKey": "sampleFile", "msgParam": compact(param)}


def _kept(api: DingApi, kind: str, file: Enclosed) -> str:
    with uploading():
        return api.upload(kind, file.name, file.content)


def _packed(file: Enclosed) -> Enclosed:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        packed.writestr(zipfile.ZipInfo(file.name, _ALWAYS), file.content, zipfile.ZIP_DEFLATED)
    return Enclosed(f"{file.name.rpartition('.')[0]}.zip", kept.getvalue())


def _answered_by(settings: DingTalk) -> Body:
    """Which way presses come back is said for each card."""
    if settings.mode == "stream":
        return {"callbackType": "STREAM"}
    return {"callbackType": "HTTP", "callbackRouteKey": settings.card_route}


def _space(parcel: Parcel, card: Card, recipient: str, robot: str) -> Body:
    """Where the card goes, and what the list of chats shows of it."""
    shown: Body = {
        "supportForward": False,
        "lastMessageI18n": {"ZH_CN": line(card.title, _PREVIEW) or card.source},
    }
    common = {"outTrackId": parcel.key, "userIdType": _USER_ID}
    if not parcel.is_group:
        return common | {
            "openSpaceId": f"dtv1.card//IM_ROBOT.{recipient}",
            "imRobotOpenSpaceModel": shown,
            "imRobotOpenDeliverModel": {"spaceType": "IM_ROBOT"},
        }
    deliver: Body = {"robotCode": robot}
    if called := _called(card):
        deliver["atUserIds"] = called
    alert = {"alertContent": line(card.title, _PREVIEW) or card.source, "notificationOff": False}
    return common | {
        "openSpaceId": f"dtv1.card//IM_GROUP.{recipient}",
        "imGroupOpenSpaceModel": shown | {"notification": alert},
        "imGroupOpenDeliverModel": deliver,
    }


def _called(card: Card) -> dict[str, str]:
    """The one person who is called by @, with the name that a line of the card knows them by."""
    userid = card.calls.get("dingtalk", "")
    if not userid:
        return {}
    names = (field.value.partition("，")[0] for field in card.fields if field.userids.get("dingtalk") == userid)
    return {userid: next(names, "") or userid}
