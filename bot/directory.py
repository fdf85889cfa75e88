"""Who is in the company, as its chat platforms know it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from redis import Redis

from bot.channels.colleague import Colleague
from config import Settings


def everybody(settings: Settings, redis: Redis) -> list[Colleague]:
    """Everybody on every platform that is configured. Raises SendError."""
    return [one for listed in _DIRECTORIES.values() for one in listed(settings, redis)]


def look(settings: Settings, redis: Redis, userid: str, name: str) -> str:
    """What is wrong with registering `userid` as somebody called `name`, "" where nothing is. Raises SendError."""
    if _is_known(settings, redis, userid):
        return ""
    return doubt(everybody(settings, redis), userid, name)


def _is_known(settings: Settings, redis: Redis, userid: str) -> bool:
    """One question, where the answer is yes; it also finds whom no department lists."""
    if settings.wecom is None:
        return False
    from bot.channels.wecom_app import directory
    from bot.channels.wecom_app.api import App

    found = directory.find(App(settings.wecom, redis), userid)
    return found is not None and found.active


def _of_wecom(settings: Settings, redis: Redis) -> list[Colleague]:
    if settings.wecom is None:
        return []
    from bot.channels.wecom_app import directory
    from bot.channels.wecom_app.api import App

    return directory.colleagues(App(settings.wecom, redis))


def _of_dingtalk(settings: Settings, redis: Redis) -> list[Colleague]:
    if settings.dingtalk is None:
        return []
    from bot.channels.dingtalk import directory
    from bot.channels.dingtalk.api import DingApi

    return directory.colleagues(DingApi(settings.dingtalk, redis))


_DIRECTORIES: Final[dict[str, Callable[[Settings, Redis], list[Colleague]]]] = {
    "wecom": _of_wecom,
    "dingtalk": _of_dingtalk,
}
"""Platform → everybody whom its directory shows; nobody where it is not configured. The client is imported late."""


def doubt(everybody: Iterable[Colleague], userid: str, name: str) -> str:
    """What is wrong with registering `userid` as somebody called `name`, "" where nothing is. A directory that shows
    nobody proves nothing."""
    known = list(everybody)
    found = next((one for one in known if one.userid.lower() == userid.lower()), None)
    if not known or (found is not None and found.active):
        return ""
    if found is not None:
        return f"{userid}（{found.name}）在通讯录里已停用、未激活或已离职"
    similar = "、".join(f"{one.name}（{one.userid}）" for one in _similar(known, userid, name)[:5])
    return f"通讯录里没有 {userid}" + (
        f"；您要登记的是不是：{similar}" if similar else "，请核对账号，或检查应用的可见范围"
    )


def _similar(known: list[Colleague], userid: str, name: str) -> list[Colleague]:
    """By name first, then by how the account begins."""
    named = [one for one in known if one.active and name and (name in one.name or one.name in name)]
    begins = userid.lower()[:3]
    return named or [one for one in known if one.active and len(begins) == 3 and one.userid.lower().startswith(begins)]
