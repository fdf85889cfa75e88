"""The invented company, read from company.toml into values that cannot change under a running server."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from sandbox.company_customers import Customer, MiniProgram, OfficialAccount, Service, Sms

PATH = Path(__file__).with_name("company.toml")


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    hub: str
    public: str


@dataclass(frozen=True, slots=True)
class Day:
    seed: int
    orders_before: int
    orders_a_minute: float


@dataclass(frozen=True, slots=True)
class TaobaoShop:
    app_key: str
    app_secret: str
    session: str
    nick: str
    renewable: bool  # whether the application may renew its session


@dataclass(frozen=True, slots=True)
class JdShop:
    app_key: str
    app_secret: str
    access_token: str
    vender: str
    nick: str


@dataclass(frozen=True, slots=True)
class PddShop:
    client_id: str
    client_secret: str
    access_token: str
    owner_id: str
    nick: str


@dataclass(frozen=True, slots=True)
class Mail:
    user: str
    password: str
    folder: str


@dataclass(frozen=True, slots=True)
class DouyinShop:
    app_key: str
    app_secret: str
    shop_id: str
    nick: str


@dataclass(frozen=True, slots=True)
class WechatShop:
    appid: str
    secret: str
    nick: str


@dataclass(frozen=True, slots=True)
class Payments:
    """The application that may read what members took in chats."""

    corpid: str
    secret: str
    merchant: str


@dataclass(frozen=True, slots=True)
class Pushes:
    """What marketplaces tell the hub of themselves: platform → path on the hub; `token` and `aes_key` are wxshop's."""

    on: bool
    token: str
    aes_key: str
    paths: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Jushuitan:
    app_key: str
    app_secret: str
    access_token: str


@dataclass(frozen=True, slots=True)
class Wangdian:
    sid: str
    app_key: str
    app_secret: str


@dataclass(frozen=True, slots=True)
class Kuaidi100:
    key: str
    customer: str


@dataclass(frozen=True, slots=True)
class CallLimit:
    platform: str
    method: str  # "" counts every call of the application
    calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class WecomApp:
    corpid: str
    agentid: int
    secret: str
    token: str
    aes_key: str
    callback: str


@dataclass(frozen=True, slots=True)
class WecomHook:
    """The group's 消息推送: whoever knows the key can write there."""

    key: str


@dataclass(frozen=True, slots=True)
class Bot:
    bot_id: str
    secret: str
    name: str
    mode: str
    token: str
    aes_key: str
    callback: str
    greeting: bool
    group_card_push: bool


@dataclass(frozen=True, slots=True)
class Group:
    chatid: str
    name: str


@dataclass(frozen=True, slots=True)
class DingTalk:
    """An internal application with a robot, its group's custom robot, and what the edition allows."""

    corpid: str
    app_key: str
    app_secret: str
    agent_id: int
    name: str
    mode: str
    group: str
    group_name: str
    card_template: str
    robot_callback: str
    card_callback: str
    card_route: str
    card_secret: str
    hook_token: str
    hook_secret: str
    calls_per_month: int
    stream_per_month: int
    calls_per_second: int


@dataclass(frozen=True, slots=True)
class Person:
    userid: str
    name: str
    role: str
    dingtalk: str  # the same person's userid there


@dataclass(frozen=True, slots=True)
class Company:
    server: Server
    world: Day
    taobao: TaobaoShop
    jd: JdShop
    pdd: PddShop
    mail: Mail
    douyin: DouyinShop
    wxshop: WechatShop
    wecom_pay: Payments
    push: Pushes
    jushuitan: Jushuitan
    wangdian: Wangdian
    kuaidi100: Kuaidi100
    limits: tuple[CallLimit, ...]
    wecom: WecomApp
    wecom_hook: WecomHook
    bot: Bot
    group: Group
    dingtalk: DingTalk
    weixin: OfficialAccount
    mini: MiniProgram
    kf: Service
    sms: Sms
    people: tuple[Person, ...]
    customers: tuple[Customer, ...]


Section = TypeVar("Section")


def load_company(path: str | Path | None = None, /, **overrides: Any) -> Company:
    """Read the file (argument, then SANDBOX_COMPANY, then the one beside this module).

    Overrides go by section: `load_company(world={"orders_before": 0})` keeps every other value of `[world]`.
    A key that is missing or unknown raises ValueError and is named.
    """
    source = Path(path or os.environ.get("SANDBOX_COMPANY") or PATH)
    with source.open("rb") as file:
        tables = tomllib.load(file)
    for section, value in overrides.items():
        merged = isinstance(value, Mapping) and isinstance(tables.get(section), dict)
        tables[section] = {**tables[section], **value} if merged else value
    return _build(Company, tables, "company")


def _build(kind: type[Section], table: Mapping[str, Any], where: str) -> Section:
    hints = get_type_hints(kind)
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if wrong := names ^ table.keys():
        raise ValueError(f"{where}: missing or unknown {', '.join(sorted(wrong))}")
    return kind(**{name: _value(hints[name], table[name], f"{where}.{name}") for name in names})


def _value(hint: Any, value: Any, where: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        return value if isinstance(value, hint) else _build(hint, value, where)
    if isinstance(value, list | tuple):
        return tuple(_value(get_args(hint)[0], item, where) for item in value)
    return value
