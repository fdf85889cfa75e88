"""Settings: `hub.toml`, read once, checked, frozen. A bad value stops the start and is named.

The file's path is `HUB_CONFIG` (default `hub.toml`); `DATABASE_URL` and `REDIS_URL` name outside servers. A text of the
form `env:NAME` is replaced by that environment variable, so secrets need not stand in the file. Knows no room.
"""

from __future__ import annotations

import base64
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from complaint import complaints, wrong


class ConfigError(Exception):
    """`hub.toml` cannot be used. The text names each key, its value unless it is secret, and what is expected."""


class _Frozen(BaseModel):
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


_ADDRESS: Final = "an address, {}://host/path without a slash at its end"
Filled = Annotated[str, Field(pattern=r"\S", description="some text")]
Key32 = Annotated[str, AfterValidator(_key32), Field(description="base64 text of 32 random bytes")]
KeyId = Annotated[int, Field(ge=1, le=255)]
AesKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{43}$", description="43 letters and digits")]
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
Url = Annotated[str, AfterValidator(_address("http", "https")), Field(description=_ADDRESS.format("https"))]
Socket = Annotated[str, AfterValidator(_address("ws", "wss")), Field(description=_ADDRESS.format("wss"))]
Member = Annotated[str, Field(pattern=r"^\S+$", description="some text without spaces")]


class Hub(_Frozen):
    name: Filled = "订单中枢"
    base_url: Url = "http://127.0.0.1:8780"
    var: Filled = "var"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Security(_Frozen):
    """`data_keys`: id (1..255) → 32 random bytes in base64; old ids stay, so that old rows can be read."""

    data_keys: dict[KeyId, Key32] = Field(
        min_length=1, repr=False, description="ids from 1 to 255, each with base64 text of 32 random bytes"
    )
    data_key_id: int
    lookup_key: Key32 = Field(repr=False)
    trail_key: Key32 = Field(repr=False)
    button_key: Key32 = Field(repr=False)

    @model_validator(mode="after")
    def _current_key_is_there(self) -> Security:
        if self.data_key_id not in self.data_keys:
            known = ", ".join(map(str, sorted(self.data_keys)))
            raise wrong(["data_key_id"], self.data_key_id, f"expected an id of data_keys, one of {known}")
        return self


class Time(_Frozen):
    """`gateway`: address that answers `{"now": epoch seconds}`; empty = this machine's clock."""

    gateway: Annotated[str, AfterValidator(_address("http", "https", needed=False))] = Field(
        default="", description=_ADDRESS.format("https") + ", or nothing"
    )


class Pull(_Frozen):
    every_seconds: int = Field(default=600, ge=5, le=3600)
    first_hours: int = Field(default=24, ge=1, le=24 * 90)


class Clock(_Frozen):
    """How often due matters are looked for."""

    look_every_seconds: int = Field(default=60, ge=1, le=600)


class Stale(_Frozen):
    """How long an order may stay in a stage, and who hears of it when."""

    pending_review_minutes: Minutes = 120
    pending_pick_minutes: Minutes = 120
    pending_ship_minutes: Minutes = 120
    supervisor_after_minutes: Minutes = 60
    group_from: int = Field(default=6, ge=2, le=1000)


class Shop(_Frozen):
    """`platform` is checked where the marketplaces are known: in `wire.py`."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="up to 32 of a to z, 0 to 9, _ and -")
    platform: str
    prefix: str = Field(pattern=r"^[A-Z]{2,5}$", description="2 to 5 capital letters")
    name: Filled
    gateway: Url
    app_key: Filled
    app_secret: Filled = Field(repr=False)
    token: Filled = Field(repr=False)
    ship_hours: int = Field(default=48, ge=1, le=24 * 30)
    enabled: bool = True


class WecomApp(_Frozen):
    gateway: Url = "https://qyapi.weixin.qq.com"
    corpid: Filled
    agentid: int = Field(ge=1)
    secret: Filled = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{1,32}$", repr=False, description="1 to 32 letters and digits")
    aes_key: AesKey = Field(repr=False)


class WecomBot(_Frozen):
    """`mode`: "stream" = long connection, "callback" = URL. `push_group_cards`: whether button cards may be pushed
    into groups over the long connection; the platform's pages leave it open, so the default is the safe one."""

    mode: Literal["stream", "callback"] = "stream"
    gateway: Socket = "wss://openws.work.weixin.qq.com"
    bot_id: Filled
    secret: str = Field(default="", repr=False)
    name: Filled
    token: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,32}$", repr=False, description="1 to 32 letters and digits")
    aes_key: str = Field(default="", pattern=r"^([0-9A-Za-z]{43})?$", repr=False, description="43 letters and digits")
    group: str = ""
    push_group_cards: bool = False

    @model_validator(mode="after")
    def _mode_has_its_keys(self) -> WecomBot:
        for name in ("secret",) if self.mode == "stream" else ("token", "aes_key"):
            if not getattr(self, name):
                raise wrong([name], "", f'missing, expected with mode = "{self.mode}"')
        return self


TemplateName = Literal["shipped", "solved"]
TEMPLATE_VALUES: Final[dict[TemplateName, tuple[str, ...]]] = {
    "shipped": ("number", "goods", "courier", "waybill", "time"),
    "solved": ("number", "result", "time"),
}
TemplateKey = Annotated[str, Field(pattern=r"^[a-z_]+[0-9]*$")]


class Template(_Frozen):
    """One template of the service account: our value name → the template's key."""

    id: Filled
    keys: dict[str, TemplateKey] = Field(description="a key of the template, such as thing2")


class Weixin(_Frozen):
    gateway: Url = "https://api.weixin.qq.com"
    appid: Filled
    secret: Filled = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{3,32}$", repr=False, description="3 to 32 letters and digits")
    aes_key: AesKey = Field(repr=False)
    templates: dict[TemplateName, Template] = Field(default_factory=dict)

    @field_validator("templates")
    @classmethod
    def _values_are_ours(cls, templates: dict[TemplateName, Template]) -> dict[TemplateName, Template]:
        for name, template in templates.items():
            known = ", ".join(TEMPLATE_VALUES[name])
            if not template.keys:
                raise wrong([name, "keys"], template.keys, f"expected at least one of {known}")
            for value in template.keys.keys() - set(TEMPLATE_VALUES[name]):
                raise wrong([name, "keys", value], None, f"no such value, expected one of {known}")
        return templates


Role = Literal["service", "warehouse", "purchasing", "supervisor"]


class Person(_Frozen):
    name: str = Field(min_length=1, max_length=20, description="1 to 20 characters")
    roles: tuple[Role, ...] = Field(min_length=1, description="a list of " + ", ".join(get_args(Role)))
    wecom: Member


class Settings(_Frozen):
    hub: Hub = Hub()
    security: Security
    time: Time = Time()
    pull: Pull = Pull()
    clock: Clock = Clock()
    stale: Stale = Stale()
    shops: tuple[Shop, ...] = Field(default=(), description="a list of tables")
    wecom: WecomApp | None = None
    bot: WecomBot | None = None
    weixin: Weixin | None = None
    staff: tuple[Person, ...] = Field(default=(), description="a list of tables")
    stock: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="a whole number of pieces, 0 or more"
    )
    database_url: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _each_stands_once(self) -> Settings:
        _refuse_twins("shops", "slug", [shop.slug for shop in self.shops])
        _refuse_twins("staff", "wecom", [person.wecom for person in self.staff])
        return self


def _refuse_twins(table: str, key: str, values: list[str]) -> None:
    for number, value in enumerate(values):
        if value in values[:number]:
            raise wrong([table, number, key], value, "stands twice, expected each once")


def _from_environment(value: Any, where: str, missing: list[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _from_environment(item, f"{where}.{key}" if where else key, missing) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_from_environment(item, f"{where}.{number}", missing) for number, item in enumerate(value)]
    if isinstance(value, str) and value.startswith("env:"):
        found = os.environ.get(value[4:])
        if found is None:
            missing.append(f"{where} = {value!r}: expected the environment variable {value[4:]}, it is not set")
        return found or ""
    return value


def parse(document: dict[str, Any]) -> Settings:
    """Settings from a parsed document. Raises ConfigError naming every bad key."""
    missing: list[str] = []
    document = _from_environment(document, "", missing)
    if missing:
        raise ConfigError("\n".join(missing))
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        # Without its cause, which carries the values.
        raise ConfigError(complaints(error, Settings)) from None


def load(path: str | os.PathLike[str] | None = None) -> Settings:
    """Settings from `path`, else `HUB_CONFIG`, else `hub.toml`. Raises ConfigError."""
    file = Path(path or os.environ.get("HUB_CONFIG") or "hub.toml")
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"{file}: no such file; copy hub.example.toml, or set HUB_CONFIG") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not a TOML file in UTF-8: {error}") from error
    document["database_url"] = os.environ.get("DATABASE_URL", "")
    document["redis_url"] = os.environ.get("REDIS_URL", "")
    return parse(document)
