"""The sections of the settings (`config.py`) that are about chat: WeCom, DingTalk, the service account, and people."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field, model_validator

from complaint import wrong
from config_kinds import AES_KEY, ROLES, TOKEN, AesKey, Filled, Frozen, Member, Role, Socket, Templates, Url

PUBLIC_TEMPLATE: Final = "1366a1eb-bc54-4859-ac88-517c56a9acb1.schema"
"""DingTalk's own card template: markdown and buttons. A company that imported ours names that one instead."""


class WecomApp(Frozen):
    """`appchat`: id of a group that the app made (`flask --app app hub appchat create`), "" without. `passive_updates`:
    whether a pressed card is changed in the answer to the press already; the platform's pages contradict each other, so
    it is off: then the interface alone changes it, a moment later. `name`: what the app is called in WeCom, "" as the
    hub. `oauth_gateway`, `login_gateway`: where people log
    in to the board, inside WeCom and from a browser."""

    gateway: Url = "https://qyapi.weixin.qq.com"
    oauth_gateway: Url = "https://open.weixin.qq.com"
    login_gateway: Url = "https://login.work.weixin.qq.com"
    name: str = Field(default="", max_length=32, description="最多 32 个字，或者空着")
    corpid: Filled
    agentid: int = Field(ge=1)
    secret: Filled = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{1,32}$", repr=False, description=TOKEN.format(1))
    aes_key: AesKey = Field(repr=False)
    appchat: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,32}$", description="最多 32 个字母和数字，或者空着")
    passive_updates: bool = False


class WecomBot(Frozen):
    """`mode`: "stream" = long connection, "callback" = URL. `push_group_cards`: whether button cards may be pushed
    into groups, over the long connection or to an answer's address; the platform's pages leave it open, so the default
    is the safe one. `refusals_in_group`: whether what was typed in a group and did not work is answered there, where
    the answer holds nothing private; off, it goes to the asker alone, and the group is for results. `userids`:
    "encrypted" where the super administrator did not make the bot; [wecom] converts."""

    mode: Literal["stream", "callback"] = "stream"
    userids: Literal["plain", "encrypted"] = "plain"
    gateway: Socket = "wss://openws.work.weixin.qq.com"
    bot_id: Filled
    secret: str = Field(default="", repr=False)
    name: Filled
    token: str = Field(default="", pattern=r"^[0-9A-Za-z]{0,32}$", repr=False, description=TOKEN.format(1))
    aes_key: str = Field(default="", pattern=r"^([0-9A-Za-z]{43})?$", repr=False, description=AES_KEY)
    group: str = ""
    push_group_cards: bool = False
    refusals_in_group: bool = False

    @model_validator(mode="after")
    def _mode_has_its_keys(self) -> WecomBot:
        for name in ("secret",) if self.mode == "stream" else ("token", "aes_key"):
            if not getattr(self, name):
                raise wrong([name], "", f'没有写，mode = "{self.mode}" 时必须有')
        return self


class WecomHook(Frozen):
    """A group's 消息推送 (webhook): it only sends, and is the last resort of the group. `key` is a secret."""

    gateway: Url = "https://qyapi.weixin.qq.com"
    key: Filled = Field(repr=False)


class DingTalk(Frozen):
    """An internal application with a robot. `mode`: how messages and presses come in: "stream" = long connection,
    "http" = the addresses <base_url>/dingtalk/robot and /dingtalk/card. `group`: openConversationId of the home group.
    `robot_code` is the app_key unless the console says otherwise. `calls_…`, `stream_…`: what the edition allows.
    `jsapi`: DingTalk's script, by which a page inside its client learns who opens it."""

    mode: Literal["stream", "http"] = "stream"
    gateway: Url = "https://api.dingtalk.com"
    old_gateway: Url = "https://oapi.dingtalk.com"
    login_gateway: Url = "https://login.dingtalk.com"
    jsapi: Url = "https://g.alicdn.com/dingding/dingtalk-jsapi/3.0.25/dingtalk.open.js"
    corpid: Filled
    app_key: Filled
    app_secret: Filled = Field(repr=False)
    robot_code: str = ""
    agent_id: int | None = Field(default=None, ge=1)
    name: Filled
    group: str = ""
    card_template: Filled = PUBLIC_TEMPLATE
    card_route: Filled = "order-hub"
    card_secret: str = Field(default="", repr=False)
    calls_per_month: int = Field(default=5000, ge=1)
    stream_per_month: int = Field(default=3000, ge=1)
    calls_per_second: int = Field(default=15, ge=1, le=60)
    coalesce_seconds: int = Field(default=2, ge=0, le=60)

    @model_validator(mode="after")
    def _http_has_its_secret(self) -> DingTalk:
        if self.mode == "http" and not self.card_secret:
            raise wrong(["card_secret"], "", '没有写，mode = "http" 时必须有')
        return self

    @property
    def robot(self) -> str:
        return self.robot_code or self.app_key


class DingTalkHook(Frozen):
    """A group's custom robot (webhook with a signature): it only sends. Both values are secrets."""

    gateway: Url = "https://oapi.dingtalk.com"
    token: Filled = Field(repr=False)
    secret: Filled = Field(repr=False)


class Weixin(Frozen):
    """The service account. `qr_gateway`: where its codes are drawn. `templates`: 模板消息, as long as nobody changed
    them in chat; `notices`: one-time 订阅通知, for whoever allowed one. `page`: customers get a page of their order,
    <base_url>/o/…, on which they allow such notices; off until its host stands in the account's console (网页授权域名,
    JS 接口安全域名). `oauth_gateway`: where WeChat tells who opened it; `jsapi`: WeChat's script for it."""

    gateway: Url = "https://api.weixin.qq.com"
    appid: Filled
    secret: Filled = Field(repr=False)
    token: str = Field(pattern=r"^[0-9A-Za-z]{3,32}$", repr=False, description=TOKEN.format(3))
    aes_key: AesKey = Field(repr=False)
    qr_gateway: Url = "https://mp.weixin.qq.com"
    page: bool = False
    oauth_gateway: Url = "https://open.weixin.qq.com"
    jsapi: Url = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
    templates: Templates = Field(
        default_factory=dict, description="shipped、solved、delayed、stock、refunded、part_refunded 六种模板"
    )
    notices: Templates = Field(default_factory=dict, description="同样六种，是订阅通知的模板")


class Person(Frozen):
    name: str = Field(min_length=1, max_length=20, description="1 到 20 个字")
    roles: tuple[Role, ...] = Field(min_length=1, description=f"列表，{ROLES} 中的一个或几个")
    wecom: Member | Literal[""] = ""
    dingtalk: Member | Literal[""] = ""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Person:
        if not self.wecom and not self.dingtalk:
            raise wrong(["wecom"], "", "企业微信 userid（wecom）和钉钉 userid（dingtalk）至少写一个")
        return self
