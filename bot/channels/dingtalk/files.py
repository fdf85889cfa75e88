"""A file that somebody sent to the robot: its code becomes an address, and the file lies there as it is
(dingtalk.md 1.3)."""

from __future__ import annotations

from bot.channels import fetching
from bot.channels.dingtalk.api import DingApi
from bot.channels.dingtalk.parse import FILE
from bot.channels.fetching import NoFile
from bot.channels.sending import SendError


def fetch(api: DingApi, address: str, most_bytes: int) -> bytes:
    """What is in the file of `dingtalk:<downloadCode>`. Raises NoFile."""
    asked = {"downloadCode": address.removeprefix(FILE), "robotCode": api.settings.robot}
    try:
        told = api.call("POST", "v1.0/robot/messageFiles/download", asked)
    except SendError as error:
        if error.permanent:
            raise NoFile("文件的链接已失效，请重新发一次") from None
        raise NoFile("平台没有给出文件，稍后自动重试", again=True) from None
    return fetching.fetch(str(told.get("downloadUrl", "")), most_bytes)[1]
