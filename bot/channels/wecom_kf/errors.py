"""微信客服's own error codes beside WeCom's. `customer`: nothing more can be sent to them until they write again."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose
from bot.channels.wecom_app.errors import CODES as WECOM

_OVER: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "客户 48 小时内没有来消息，或已发满 5 条", customer="closed")
_TAKEN: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "客户正由人工接待", customer="closed")
_ACCOUNT: Final = Resolution(Reaction.ALERT, Whose.IT, "微信客服账号不对，请检查 open_kfid")

CODES: Final[dict[int, Resolution]] = {
    **WECOM,
    95000: _ACCOUNT,
    95001: _OVER,
    95002: _OVER,
    95004: _ACCOUNT,
    95007: Resolution(Reaction.GIVE_UP, Whose.PLATFORM, "微信客服的读取凭证已过期"),
    95013: _OVER,
    95018: _TAKEN,
}
