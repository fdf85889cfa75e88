"""Settings: `hub.toml`, read once, checked, frozen. A bad value stops the start and is named.

The file's path is `HUB_CONFIG` (default `hub.toml`); `DATABASE_URL` and `REDIS_URL` name outside servers. A text of the
form `env:NAME` is replaced by that environment variable, so secrets need not stand in the file. Knows no room.
"""

from __future__ import annotations

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator

from complaint import complaints, named, shown, wrong
from config_chat import DingTalk, DingTalkHook, Person, WecomApp, WecomBot, WecomHook, Weixin
from config_customers import Customers, Kf, Mini, Sms
from config_kinds import (
    AES_KEY,
    TOKEN,
    DatabaseUrl,
    DataKeys,
    Filled,
    Frozen,
    Gateway,
    Key32,
    Keys32,
    Minutes,
    RedisUrl,
    Sender,
    Url,
    UrlOrNone,
    refuse_twins,
)
from config_orders import Assign, AutoPass, Checks, Parcels, Quiet, Stale


class ConfigError(Exception):
    """`hub.toml` cannot be used. The text names each key, its value unless it is secret, and what is expected."""


class Hub(Frozen):
    name: Filled = "订单中枢"
    base_url: Url = "http://127.0.0.1:8780"
    var: Filled = "var"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class Security(Frozen):
    """`data_keys`: id (1..255) → 32 random bytes in base64; old ids stay, so that old rows can be read.
    `button_keys_before`: what `button_key` was; they know the buttons of cards in chats, and sign none."""

    data_keys: DataKeys = Field(repr=False)
    data_key_id: int
    lookup_key: Key32 = Field(repr=False)
    trail_key: Key32 = Field(repr=False)
    button_key: Key32 = Field(repr=False)
    button_keys_before: Keys32 = Field(default=(), repr=False)

    @model_validator(mode="after")
    def _current_key_is_there(self) -> Security:
        if self.data_key_id not in self.data_keys:
            known = "、".join(map(str, sorted(self.data_keys)))
            raise wrong(["data_key_id"], self.data_key_id, f"应为 data_keys 里有的编号：{known}")
        return self

    @model_validator(mode="after")
    def _keys_before_are_others(self) -> Security:
        if self.button_key in self.button_keys_before:
            said = "和 button_key 相同。这里写换下来的旧密钥，button_key 写新的"
            raise wrong(["button_keys_before"], None, said)
        return self

    @property
    def button_keys(self) -> tuple[str, ...]:
        """By which a button may be signed; the first is the one that signs."""
        return (self.button_key, *self.button_keys_before)


class Time(Frozen):
    """`gateway`: address that answers `{"now": epoch seconds}`; empty = this machine's clock."""

    gateway: UrlOrNone = ""


class Pull(Frozen):
    every_seconds: int = Field(default=600, ge=5, le=3600)
    first_hours: int = Field(default=24, ge=1, le=24 * 90)
    sweep_orders: int = Field(default=200, ge=1, le=10_000)
    proof_hour: int = Field(default=3, ge=0, le=23)


class Clock(Frozen):
    """How often due matters are looked for."""

    look_every_seconds: int = Field(default=60, ge=1, le=600)


class Shop(Frozen):
    """`platform`, and which keys it needs, are checked where the marketplaces are known: in `wire.py`.
    `shop_id`: the platform's number of the shop, where the application asks for its token by it (Douyin).
    `oauth_gateway`: where the platform renews tokens, where that is another host than `gateway`. `calls_per_…`: what
    the platform's console says that the application may call; shops of one application say the same. `push_…`: of the
    platform's message push, where it encrypts (WeChat)."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="小写字母、数字、_、-，最多 32 个")
    platform: str
    prefix: str = Field(pattern=r"^[A-Z]{2,5}$", description="2 到 5 个大写字母")
    name: Filled
    gateway: Gateway = ""
    oauth_gateway: Gateway = ""
    app_key: Filled = ""
    app_secret: Filled = Field(default="", repr=False)
    shop_id: Filled = ""
    token: Filled = Field(default="", repr=False)
    refresh_token: Filled = Field(default="", repr=False)
    authorised_until: date | None = Field(default=None, description="日期，形如 2027-01-31")
    calls_per_second: int | None = Field(default=None, ge=1)
    calls_per_minute: int | None = Field(default=None, ge=1)
    calls_per_day: int | None = Field(default=None, ge=1)
    push_token: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,32}$", repr=False, description=TOKEN.format(1))
    push_aes_key: str = Field(default="", pattern=r"^([0-9A-Za-z]{43})?$", repr=False, description=AES_KEY)
    folder: Filled = ""
    senders: tuple[Sender, ...] = Field(default=(), description="邮箱地址的列表，整个公司写成 @公司域名")
    ship_hours: int = Field(default=48, ge=1, le=24 * 30)
    enabled: bool = True


class Erp(Frozen):
    """`kind`, and which keys it needs, are checked where the ERPs are known: in `wire.py`. `shops`: shop slug → the
    ERP's number of that shop. `stock`: what its figure of a SKU is: "gross" counts what its own orders hold, "net" does
    not any more, "none": its stock is not read."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="小写字母、数字、_、-，最多 32 个")
    kind: str
    name: Filled
    gateway: Url
    sid: str = ""
    app_key: Filled
    app_secret: Filled = Field(repr=False)
    token: Filled = Field(default="", repr=False)
    refresh_token: Filled = Field(default="", repr=False)
    authorised_until: date | None = Field(default=None, description="日期，形如 2027-01-31")
    shops: dict[str, Filled] = Field(default_factory=dict, description="店铺 slug = ERP 里的店铺编号")
    stock: Literal["gross", "net", "none"] = "gross"
    every_seconds: int = Field(default=600, ge=5, le=3600)
    write_back_after_minutes: Minutes = 60


class Courier(Frozen):
    """Where parcels are looked up. `kind` is checked in `wire.py`."""

    kind: str = "kuaidi100"
    gateway: Url = "https://poll.kuaidi100.com"
    detect_gateway: Url = "https://www.kuaidi100.com"
    key: Filled = Field(repr=False)
    customer: Filled
    salt: str = Field(pattern=r"^[!-~]{8,64}$", repr=False, description="8 到 64 个字母、数字或符号，不带空格")


class Settings(Frozen):
    hub: Hub = Hub()
    security: Security
    time: Time = Time()
    pull: Pull = Pull()
    clock: Clock = Clock()
    stale: Stale = Stale()
    checks: Checks = Checks()
    autopass: AutoPass = AutoPass()
    quiet: Quiet = Quiet()
    assign: Assign = Assign()
    shops: tuple[Shop, ...] = Field(default=(), description="若干张表，每张以 [[shops]] 开头")
    erp: tuple[Erp, ...] = Field(default=(), description="若干张表，每张以 [[erp]] 开头")
    courier: Courier | None = None
    parcels: Parcels = Parcels()
    wecom: WecomApp | None = None
    bot: WecomBot | None = None
    wecom_hook: WecomHook | None = None
    dingtalk: DingTalk | None = None
    dingtalk_hook: DingTalkHook | None = None
    weixin: Weixin | None = None
    mini: Mini | None = None
    kf: Kf | None = None
    sms: Sms | None = None
    customers: Customers = Customers()
    staff: tuple[Person, ...] = Field(default=(), description="若干张表，每张以 [[staff]] 开头")
    stock: dict[str, Annotated[int, Field(ge=0)]] = Field(default_factory=dict, description="件数，0 或更大的整数")
    database_url: DatabaseUrl = Field(default="", repr=False, title="DATABASE_URL")
    redis_url: RedisUrl = Field(default="", repr=False, title="REDIS_URL")

    @model_validator(mode="after")
    def _each_stands_once(self) -> Settings:
        refuse_twins("shops", "slug", [shop.slug for shop in self.shops])
        refuse_twins("erp", "slug", [erp.slug for erp in self.erp])
        for platform in ("wecom", "dingtalk"):
            ids = [(number, getattr(person, platform)) for number, person in enumerate(self.staff)]
            refuse_twins("staff", platform, [found or f"({number})" for number, found in ids])
        return self

    @model_validator(mode="after")
    def _encrypted_ids_can_be_made_plain(self) -> Settings:
        if self.bot is not None and self.bot.userids == "encrypted" and self.wecom is None:
            said = "密文要由自建应用换成明文，请写上 [wecom]（corpid、agentid、secret 等）；"
            said += '机器人由企业超级管理员创建的，改成 "plain"'
            raise wrong(["bot", "userids"], self.bot.userids, said)
        return self

    @property
    def homes(self) -> tuple[str, ...]:
        """The company's home groups, as logical channels (models/message.py): what is for the group goes to each."""
        here, ding = self.wecom or self.bot or self.wecom_hook, self.dingtalk or self.dingtalk_hook
        found = ("group",) if here or not ding else ()
        return (*found, "group_dingtalk") if ding else found


def _from_environment(value: Any, where: tuple[int | str, ...], missing: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _from_environment(item, (*where, key), missing) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_environment(item, (*where, number), missing) for number, item in enumerate(value)]
    if isinstance(value, str) and value.startswith("env:"):
        found = os.environ.get(value[4:])
        if found is None:
            missing.append(f"{named(where)} = {shown(value)}：没有设置环境变量 {value[4:]}，请先设置")
        return found or ""
    return value


def parse(document: dict[str, Any]) -> Settings:
    """Settings from a parsed document. Raises ConfigError naming every bad key."""
    missing: list[str] = []
    document = _from_environment(document, (), missing)
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
    except FileNotFoundError:
        raise ConfigError(f"{file}：没有这个文件。请复制 hub.example.toml，或用 HUB_CONFIG 指定。") from None
    except OSError as error:
        why = "是文件夹，不是文件" if file.is_dir() else f"读不了（{error.strerror}）"
        raise ConfigError(f"{file}：{why}。应为 TOML 文件，可复制 hub.example.toml，或用 HUB_CONFIG 指定。") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}：不是 UTF-8 编码，请另存为 UTF-8。") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        where = f"第 {line[1]} 行" if line else "末尾"
        raise ConfigError(f"{file}：{where}不合 TOML 的写法（{error}）。") from None
    document["database_url"] = os.environ.get("DATABASE_URL", "")
    document["redis_url"] = os.environ.get("REDIS_URL", "")
    return parse(document)
