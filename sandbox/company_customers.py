"""What the invented company has for its customers, and who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """`words`: of each const key what was approved in the console."""

    id: str
    title: str
    keys: Mapping[str, str]
    words: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class OfficialAccount:
    appid: str
    secret: str
    token: str
    aes_key: str
    callback: str
    name: str
    templates: tuple[Template, ...]
    notices: tuple[Template, ...]  # 订阅通知, of their own page in the console


@dataclass(frozen=True, slots=True)
class MiniProgram:
    appid: str
    secret: str
    templates: tuple[Template, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A 微信客服 account of the company in [wecom], and the application that may call its interface."""

    open_kfid: str
    secret: str
    name: str


@dataclass(frozen=True, slots=True)
class SmsTemplate:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sms:
    secret_id: str
    secret_key: str
    app_id: str
    sign: str
    receipts: str
    templates: tuple[SmsTemplate, ...]


@dataclass(frozen=True, slots=True)
class Customer:
    openid: str
    nickname: str
    mini_openid: str  # the same person in the mini program
    external_userid: str  # … and as 微信客服 sees them
    phone: str
