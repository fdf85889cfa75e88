"""Files that people send in a chat, whichever platform keeps them."""

from __future__ import annotations

from redis import Redis

from bot.channels.dingtalk.parse import FILE
from bot.channels.fetching import NoFile
from bot.channels.wecom_bot import files as wecom_files
from config import Settings
from handlers.incoming import Attached

__all__ = ["NoFile", "fetch"]


def fetch(attached: Attached, most_bytes: int, settings: Settings, redis: Redis) -> tuple[str, bytes]:
    """Its name ("" where none is told) and what is in it. Raises NoFile."""
    if not attached.address.startswith(FILE):
        return wecom_files.fetch(attached.address, attached.key, most_bytes)
    if settings.dingtalk is None:
        raise NoFile("钉钉已不在配置里，文件没有取到")
    from bot.channels.dingtalk.api import DingApi
    from bot.channels.dingtalk.files import fetch as ding_fetch

    return "", ding_fetch(DingApi(settings.dingtalk, redis), attached.address, most_bytes)
