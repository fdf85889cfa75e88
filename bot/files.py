"""Files and pictures that people send in a chat, whichever platform keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from redis import Redis

from bot.channels import calling, held
from bot.channels.calling import Api
from bot.channels.dingtalk.parse import FILE
from bot.channels.fetching import NoFile
from bot.channels.sending import Resolution, SendError
from bot.channels.tokens import TIMEOUT
from bot.channels.wecom_bot import files as wecom_files
from config import Settings
from handlers.incoming import Attached
from handlers.received.received import MEDIA

__all__ = ["NoFile", "fetch"]

_GONE: Final = "图片已失效，请重新发一次"
_LATER: Final = "平台没有给出图片，稍后自动重试"
_LARGE: Final = "图片超过 {} MB，请缩小后再发"


def fetch(attached: Attached, most_bytes: int, settings: Settings, redis: Redis) -> tuple[str, bytes]:
    """Its name ("" where none is told) and what is in it. Raises NoFile."""
    if attached.address.startswith(MEDIA):
        return "", _held(attached.address, most_bytes, settings, redis)
    if not attached.address.startswith(FILE):
        return wecom_files.fetch(attached.address, attached.key, most_bytes)
    if settings.dingtalk is None:
        raise NoFile("钉钉已不在配置里，文件没有取到")
    from bot.channels.dingtalk.api import DingApi
    from bot.channels.dingtalk.files import fetch as ding_fetch

    return "", ding_fetch(DingApi(settings.dingtalk, redis), attached.address, most_bytes)


def _held(address: str, most_bytes: int, settings: Settings, redis: Redis) -> bytes:
    """From the media store of the platform."""
    media_id = address.removeprefix(MEDIA).partition(":")[2]
    api, codes = _store(address, settings, redis)
    try:
        found = calling.ask(_Whole(api), "media/get", {"media_id": media_id}, codes)["content"]
    except SendError as error:
        raise (NoFile(_GONE) if error.permanent else NoFile(_LATER, again=True)) from None
    except KeyError:
        raise NoFile(_LATER, again=True) from None
    if len(found) > most_bytes:
        raise NoFile(_LARGE.format(most_bytes // 1048576))
    return bytes(found)


def _store(address: str, settings: Settings, redis: Redis) -> tuple[Api, Mapping[int, Resolution]]:
    """Who answers for a media id, and by which table. Raises NoFile where nobody does any more."""
    app, kf, account = settings.wecom, settings.kf, settings.weixin
    if address.startswith(held.WEIXIN) and account is not None:
        from bot.channels.wechat_oa import client, errors

        return client.OfficialApi(account, redis), errors.CODES
    if app is not None and (address.startswith(held.WECOM) or (address.startswith(held.KF) and kf is not None)):
        from bot.channels.wecom_app.api import WorkApi
        from bot.channels.wecom_kf.errors import CODES

        secret = kf.secret if kf is not None and address.startswith(held.KF) else app.secret
        gateway = kf.gateway if kf is not None and address.startswith(held.KF) else app.gateway
        return WorkApi((app.corpid, secret), gateway, redis, TIMEOUT), CODES
    raise NoFile("这个渠道已不在配置里，图片没有取到")


class _Whole:
    """An Api whose answer is the bytes themselves, where it is no JSON: that is how the store tells of errors."""

    def __init__(self, api: Api) -> None:
        self._api = api

    @property
    def access_token(self) -> str:
        return self._api.access_token

    def renew(self, failed: str) -> None:
        self._api.renew(failed)

    def post(self, url: str, **options: Any) -> Any:
        return self._api.post(url, **options)

    def get(self, url: str, **options: Any) -> Any:
        answer = self._api.get(url, **options)
        return answer if isinstance(answer, dict) else {"content": answer.content}
