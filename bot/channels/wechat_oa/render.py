"""Template values cleaned by the type that their key names (customer-messages.md 4), and texts without markdown.

One value that breaks its type makes the platform refuse the whole message: what cannot be made to fit is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.card import Card, Drawing, as_text
from bot.channels.sending import Body, Form, SendError
from bot.channels.wechat_oa.errors import CANNOT_FILL, NO_TEMPLATE
from bot.channels.wecom_app.render import plain
from bot.phrases import cut, one_line, printable
from config_kinds import Template

_TYPE: Final = re.compile(r"[a-z_]+")


def template_body(form: Form, templates: Mapping[Any, Template]) -> Body:
    """`template_id`, `data` and the link. Raises SendError when a value is missing or nothing of it fits."""
    template = templates.get(form.template)
    if template is None:
        raise SendError(NO_TEMPLATE)
    data = {}
    for name, key in template.keys.items():
        value = clean(key, form.values.get(name, ""))
        if not value:
            raise SendError(CANNOT_FILL)
        data[key] = {"value": value}
    return {"template_id": template.id, "data": data} | ({"url": form.link} if form.link else {})


def render(drawing: Drawing, task_id: str, link: str, *, update: bool = False) -> Body:
    """A customer's chat shows texts only; a card becomes its lines."""
    text = as_text(drawing) if isinstance(drawing, Card) else drawing
    return {"msgtype": "text", "text": {"content": plain(text)}}


def clean(key: str, value: str) -> str:
    """`value` as the key's type allows it, "" when nothing fits."""
    found = _TYPE.match(key)
    cleaner = CLEANERS.get(found[0] if found else "", _short)
    return cleaner(one_line(printable(value)))


def _thing(value: str) -> str:
    return cut(value, 20)


def _short(value: str) -> str:
    return cut(value, 10)


def _ascii(value: str) -> str:
    return "".join(re.findall(r"[\x21-\x7e]", value))[:32]


def _number(value: str) -> str:
    found = re.search(r"-?\d{1,32}(\.\d+)?", value.replace(",", ""))
    return found[0] if found else ""


def _phrase(value: str) -> str:
    return "".join(re.findall(r"[\u4e00-\u9fa5]", value))[:5]


def _amount(value: str) -> str:
    found = re.search(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?", value.replace(",", ""))
    return re.sub(r"(\.\d\d)\d+", r"\1", found[0]) if found else ""


def _name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z .·]+", value):
        return value[:20].strip()
    return "".join(re.findall(r"[\u4e00-\u9fa5·]", value))[:10]


def _phone(value: str) -> str:
    return "".join(re.findall(r"[+\d\-() ]", value))[:17].strip()


def _letters(value: str) -> str:
    return "".join(re.findall(r"[A-Za-z]", value))[:32]


def _symbols(value: str) -> str:
    return "".join(re.findall(r"[^\w\s]", value))[:5]


_MOMENT: Final = re.compile(
    r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-./]\d{1,2}[-./]\d{1,2})( ?\d{1,2}:\d{2}(:\d{2})?)?|\d{1,2}:\d{2}(:\d{2})?"
)


def _time(value: str) -> str:
    found = _MOMENT.search(value)
    return found[0] if found else ""


CLEANERS: Final[dict[str, Callable[[str], str]]] = {
    "thing": _thing,
    "short_thing": _short,
    "const": _thing,
    "enum": _thing,
    "character_string": _ascii,
    "number": _number,
    "phrase": _phrase,
    "amount": _amount,
    "name": _name,
    "phone_number": _phone,
    "letter": _letters,
    "symbol": _symbols,
    "car_number": lambda value: value[:8],
    "time": _time,
    "date": _time,
}
