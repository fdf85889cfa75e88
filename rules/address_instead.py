"""What stands alone where an address should: an e-mail address, or when somebody is at home."""

from __future__ import annotations

import re
from typing import Final

MAIL: Final = "写的是电子邮箱，不是地址"
_MAIL: Final = re.compile(
    r"[ ,;、]*(?:(?:电子)?邮[箱件](?:地址)?|(?i:e-?mail))?[ :]*"
    r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+[ ,;、。]*"
)
_WHEN: Final = (
    r"(?:今[天晚]|明[天晚早]|后天|每天|(?:周|星期|礼拜)[一二三四五六日天末](?:[至到](?:周|星期)?[一二三四五六日天])?"
    r"|双休日?|工作日|节假日|平时|白天|晚上|早上|早晨|上午|中午|下午|傍晚|夜里"
    r"|(?:[一二三四五六七八九十两]{1,3}|\d{1,2})(?:点(?:半|钟|\d{2})?|[:：]\d{2})|以?[后前]|之[后前]|左右|[至到~-])"
)
_SEND: Final = (
    r"(?:请|麻烦|尽量|早点|再|才|别|勿|不要|不用|只能|可以|都能|帮我|统一)*+"
    r"(?:配送|派送|派件|送货|送件|送来|送到|送|收货|签收|收件)(?:上门|货|过来|即可|就行|就好|都行|也行|吧|哦)*+"
)
_HOME: Final = r"(?:我|家里?|家中|屋里)?(?:都|才|会|一直|一般|一定)*+(?:没有?人|有人|无人|不?在家里?)(?:签收|收货?|接)?"
# Each piece is taken once and for all: whoever writes 送到送到送到 waits for nobody.
_WISH: Final = re.compile(
    rf"(?>(?:请|麻烦)?{_WHEN}*+(?:{_SEND}|{_HOME})[ ,;、。!~]*+)++(?:谢谢|多谢|辛苦了?)?[ ,;、。!~]*"
)


def mail_alone(detail: str) -> bool:
    """Whether an e-mail address is all that there is."""
    return "@" in detail and _MAIL.fullmatch(detail) is not None


def wish_alone(detail: str) -> bool:
    """Whether all of it tells when to bring it: 下午六点以后送,家里有人."""
    return _WISH.fullmatch(detail) is not None
