"""Settings: `hub.toml`, read once, checked, frozen. A bad value stops the start and is named.

The file's path is `HUB_CONFIG` (default `hub.toml`); `DATABASE_URL` and `REDIS_URL` name outside servers. A text of the
form `env:NAME` is replaced by that environment variable, so secrets need not stand in the file. Knows no room.
"""

from __future__ import annotations

import base64
import binascii
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator


class ConfigError(Exception):
    """`hub.toml` cannot be used. The text names each key, its value and what is expected."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _key32(value: str) -> str:
    try:
        size = len(base64.b64decode(value, validate=True))
    except binascii.Error as error:
        raise ValueError("expected base64 text of 32 random bytes") from error
    if size != 32:
        raise ValueError(f"expected base64 text of 32 random bytes, this has {size}")
    return value


Key32 = str
Minutes = Annotated[int, Field(ge=1, le=7 * 24 * 60)]
Url = Annotated[str, Field(pattern=r"^(https?|wss?)://[^\s]+[^/\s]$")]
Secret = Annotated[str, Field(min_length=1)]


class Hub(_Frozen):
    name: str = "订单中枢"
    base_url: Url = "http://127.0.0.1:8780"
    var: str = "var"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Security(_Frozen):
    """`data_keys`: id (1..255) → 32 random bytes in base64; old ids stay, so that old rows can be read."""

    data_keys: dict[int, Key32] = Field(min_length=1, repr=False)
    data_key_id: int
    lookup_key: Key32 = Field(repr=False)
    trail_key: Key32 = Field(repr=False)
    button_key: Key32 = Field(repr=False)

    @field_validator("data_keys")
    @classmethod
    def _data_keys(cls, value: dict[int, str]) -> dict[int, str]:
        for number, key in value.items():
            if not 1 <= number <= 255:
                raise ValueError(f"key id {number}: expected 1 to 255")
            _key32(key)
        return value

    @field_validator("lookup_key", "trail_key", "button_key")
    @classmethod
    def _other_keys(cls, value: str) -> str:
        return _key32(value)

    @model_validator(mode="after")
    def _current_key_is_there(self) -> Security:
        if self.data_key_id not in self.data_keys:
            raise ValueError(f"data_key_id = {self.data_key_id}: expected one of {sorted(self.data_keys)}")
        return self


class Time(_Frozen):
    """`gateway`: address that answers `{"now": epoch seconds}`; empty = this machine's clock."""

    gateway: str = ""


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
    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    platform: str
    prefix: str = Field(pattern=r"^[A-Z]{2,5}$")
    name: str
    gateway: Url
    app_key: str
    app_secret: Secret = Field(repr=False)
    token: Secret = Field(repr=False)
    refresh_token: str = Field(default="", repr=False)
    ship_hours: int = Field(default=48, ge=1, le=24 * 30)
    enabled: bool = True


class WecomApp(_Frozen):
    gateway: Url = "https://qyapi.weixin.qq.com"
    corpid: str
    agentid: int
    secret: Secret = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{1,32}$", repr=False)
    aes_key: str = Field(pattern=r"^[0-9A-Za-z]{43}$", repr=False)


class WecomBot(_Frozen):
    """`mode`: "stream" = long connection, "callback" = URL. `push_group_cards`: whether button cards may be pushed
    into groups over the long connection; the platform's pages leave it open, so the default is the safe one."""

    mode: Literal["stream", "callback"] = "stream"
    gateway: Url = "wss://openws.work.weixin.qq.com"
    bot_id: str
    secret: str = Field(default="", repr=False)
    name: str
    token: str = Field(default="", repr=False)
    aes_key: str = Field(default="", repr=False)
    group: str = ""
    push_group_cards: bool = False

    @model_validator(mode="after")
    def _mode_has_its_keys(self) -> WecomBot:
        if self.mode == "stream" and not self.secret:
            raise ValueError('mode = "stream" expects secret')
        if self.mode == "callback" and not (self.token and len(self.aes_key) == 43):
            raise ValueError('mode = "callback" expects token and an aes_key of 43 characters')
        return self


class Template(_Frozen):
    """One template of the service account: our value name → the template's key."""

    id: str
    keys: dict[str, str]


class Weixin(_Frozen):
    gateway: Url = "https://api.weixin.qq.com"
    appid: str
    secret: Secret = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{3,32}$", repr=False)
    aes_key: str = Field(pattern=r"^[0-9A-Za-z]{43}$", repr=False)
    templates: dict[Literal["shipped", "solved"], Template] = Field(default_factory=dict)


Role = Literal["service", "warehouse", "purchasing", "supervisor"]


class Person(_Frozen):
    name: str = Field(min_length=1, max_length=20)
    roles: tuple[Role, ...] = Field(min_length=1)
    wecom: str


class Settings(_Frozen):
    hub: Hub = Hub()
    security: Security
    time: Time = Time()
    pull: Pull = Pull()
    clock: Clock = Clock()
    stale: Stale = Stale()
    shops: tuple[Shop, ...] = ()
    wecom: WecomApp | None = None
    bot: WecomBot | None = None
    weixin: Weixin | None = None
    staff: tuple[Person, ...] = ()
    stock: dict[str, int] = Field(default_factory=dict)
    database_url: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _slugs_differ(self) -> Settings:
        slugs = [shop.slug for shop in self.shops]
        if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
            raise ValueError(f"shops: slug {twice[0]!r} stands twice, expected each once")
        return self


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


_SECRET_WORDS = ("secret", "key", "token", "url")


def _complaint(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "hub.toml"
    hidden = any(word in where for word in _SECRET_WORDS)
    value = "(hidden)" if hidden else repr(error["input"])
    if error["type"] == "missing":
        return f"{where}: missing, expected a value"
    if error["type"] == "extra_forbidden":
        return f"{where} = {value}: no such key, see hub.example.toml"
    return f"{where} = {value}: {error['msg']}"


def parse(document: dict[str, Any]) -> Settings:
    """Settings from a parsed document. Raises ConfigError naming every bad key."""
    missing: list[str] = []
    document = _from_environment(document, "", missing)
    if missing:
        raise ConfigError("\n".join(missing))
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise ConfigError("\n".join(_complaint(item) for item in error.errors())) from error


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
