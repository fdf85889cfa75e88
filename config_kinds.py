"""The kinds of values that the settings (`config.py`) are made of, what is checked of each, and what a refusal says."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Annotated, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from complaint import wrong


class Frozen(BaseModel):
    """A key with `repr=False` is secret; `description` is what a refusal says is expected."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _key32(value: str) -> str:
    if len(base64.b64decode(value, validate=True)) != 32:
        raise ValueError
    return value


def _address(*schemes: str, needed: bool = True) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not value and not needed:
            return value
        parts = urlsplit(value)
        if parts.scheme not in schemes or not parts.hostname or parts.port == 0:  # a port above 65535 raises
            raise ValueError
        if value.endswith("/") or any(letter.isspace() for letter in value):
            raise ValueError
        return value

    return check


_ADDRESS: Final = "网址，形如 {}://主机/路径，末尾不带斜杠"
_KEY: Final = "32 个随机字节的 base64 文字（openssl rand -base64 32）"
TOKEN: Final = "{} 到 32 个字母和数字"
AES_KEY: Final = "43 个字母和数字"
Filled = Annotated[str, Field(pattern=r"\S", description="文字，不能空着")]
Key32 = Annotated[str, AfterValidator(_key32), Field(description=_KEY)]
Keys32 = Annotated[tuple[Key32, ...], Field(description=f"列表，每个是 {_KEY}，没有就写 []")]
KeyId = Annotated[int, Field(ge=1, le=255)]
DataKeys = Annotated[dict[KeyId, Key32], Field(min_length=1, description="编号 = 密钥，编号 1 到 255，密钥是 " + _KEY)]
AesKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{43}$", description=AES_KEY)]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
Url = Annotated[str, AfterValidator(_address("http", "https")), Field(description=_ADDRESS.format("https"))]
UrlOrNone = Annotated[
    str,
    AfterValidator(_address("http", "https", needed=False)),
    Field(description=_ADDRESS.format("https") + "，或者空着"),
]
Gateway = Annotated[
    str, AfterValidator(_address("http", "https", "imap", "imaps")), Field(description=_ADDRESS.format("https"))
]
Socket = Annotated[str, AfterValidator(_address("ws", "wss")), Field(description=_ADDRESS.format("wss"))]
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="时刻，形如 22:00")]
Sender = Annotated[str, Field(pattern=r"^[^\s@]*@[^\s@]+\.[^\s@]+$", description="邮箱地址，或 @公司域名")]
Member = Annotated[str, Field(pattern=r"^\S+$", description="不带空格的文字")]
DatabaseUrl = Annotated[
    str,
    Field(pattern=r"^(postgres(ql)?(\+psycopg)?://\S+)?$", description="postgresql://用户:密码@主机:端口/库名"),
]
RedisUrl = Annotated[str, Field(pattern=r"^((rediss?|unix)://\S+)?$", description="redis://:密码@主机:端口/库号")]

TemplateName = Literal["shipped", "solved", "delayed", "stock", "refunded", "part_refunded"]
TEMPLATE_VALUES: Final[dict[TemplateName, tuple[str, ...]]] = {
    "shipped": ("number", "goods", "courier", "waybill", "time"),
    "solved": ("number", "result", "time"),
    "delayed": ("number", "goods", "reason", "deadline", "time"),
    "stock": ("number", "goods", "reason", "time"),
    "refunded": ("number", "goods", "amount", "time"),
    "part_refunded": ("number", "goods", "amount", "rest", "time"),
}
TemplateKey = Annotated[str, Field(pattern=r"^[a-z_]+[0-9]*$")]

Role = Literal["service", "warehouse", "purchasing", "supervisor"]
ROLES: Final = "、".join(get_args(Role))


class Template(Frozen):
    """One template of the service account: our value name → the template's key."""

    id: Filled
    keys: dict[str, TemplateKey] = Field(description="模板里的键，如 thing2")


def _values_are_ours(templates: dict[TemplateName, Template]) -> dict[TemplateName, Template]:
    for name, template in templates.items():
        known = "、".join(TEMPLATE_VALUES[name])
        if not template.keys:
            raise wrong([name, "keys"], template.keys, f"至少要有一个：{known}")
        for value in template.keys.keys() - set(TEMPLATE_VALUES[name]):
            raise wrong([name, "keys", value], None, f"没有这个值，应为 {known} 中的一个")
    return templates


Templates = Annotated[dict[TemplateName, Template], AfterValidator(_values_are_ours)]


def refuse_twins(table: str, key: str, values: list[str]) -> None:
    """Each of `values`, which stand under `key` in the tables `table`, may stand there once. Raises a refusal."""
    for number, value in enumerate(values):
        if value in values[:number]:
            raise wrong([table, number, key], value, "重复了，每个只能出现一次")
