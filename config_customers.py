"""The sections of the settings (`config.py`) that are about customers, beside the service account's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from complaint import wrong
from config_kinds import TEMPLATE_VALUES, Filled, Frozen, TemplateName, Templates, TimeOfDay, Url


class Customers(Frozen):
    """Between both times of day, Beijing time, customers hear nothing but the answers to what they ask; begin and end
    alike: no such hours."""

    quiet_begins: TimeOfDay = "21:00"
    quiet_ends: TimeOfDay = "08:00"


class Mini(Frozen):
    """The company's own mini program: one-time 订阅消息. `page`: opened by a tap on one, "" for none."""

    gateway: Url = "https://api.weixin.qq.com"
    appid: Filled
    secret: Filled = Field(repr=False)
    page: str = Field(default="", pattern=r"^\S*$", description="小程序页面路径，或者空着")
    templates: Templates = Field(
        default_factory=dict, description="shipped、solved、delayed、stock、refunded、part_refunded 六种模板"
    )


class Kf(Frozen):
    """微信客服 of the company in [wecom]. `secret`: of the application that may call its interface."""

    gateway: Url = "https://qyapi.weixin.qq.com"
    open_kfid: Filled
    secret: Filled = Field(repr=False)


class SmsTemplate(Frozen):
    """`values`: our values for the template's {1}, {2}, … in their order."""

    id: Filled
    values: tuple[str, ...] = Field(description="列表，按模板里 {1} {2} 的顺序")


SmsTemplates = Annotated[dict[TemplateName, SmsTemplate], Field(description="事件 = 短信模板")]


class Sms(Frozen):
    """The last way. Only events in `important` go by it. `unbound`: also to buyers who never bound, where the hub knows
    the number. `per_day`: to one number. `receipt_token`: what stands behind <base_url>/sms/ in the console's receipt
    address, and before /answer in the one for replies; "" for neither."""

    provider: Literal["tencent"] = "tencent"
    gateway: Url = "https://sms.tencentcloudapi.com"
    region: Filled = "ap-guangzhou"
    secret_id: Filled = Field(repr=False)
    secret_key: Filled = Field(repr=False)
    app_id: Filled
    sign: Filled
    templates: SmsTemplates = Field(default_factory=dict)
    important: tuple[TemplateName, ...] = Field(default=("delayed", "stock"), description="事件的列表")
    unbound: bool = False
    per_day: int = Field(default=3, ge=1, le=10)
    receipt_token: str = Field(
        default="", pattern=r"^([0-9A-Za-z]{16,64})?$", repr=False, description="16 到 64 个字母和数字，或者空着"
    )

    @model_validator(mode="after")
    def _values_are_ours(self) -> Sms:
        for name, template in self.templates.items():
            for value in set(template.values) - set(TEMPLATE_VALUES[name]):
                known = "、".join(TEMPLATE_VALUES[name])
                raise wrong(["templates", name, "values"], value, f"没有这个值，应为 {known} 中的一个")
        return self
