"""Tencent Cloud's codes of an SMS, of the whole call or of one number: what to do, whose matter, what to say."""

from __future__ import annotations

from typing import Final

from bot.channels.sending import Reaction, Resolution, Whose

_SECRET: Final = Resolution(Reaction.ALERT, Whose.IT, "短信密钥不对，请检查 [sms] 的 secret_id 和 secret_key")
_NUMBER: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "手机号收不到短信", customer="closed")
_OFTEN: Final = Resolution(Reaction.PERSON, Whose.RECEIVER, "这个号码今天的短信已发满")
_SIGN: Final = Resolution(Reaction.ALERT, Whose.IT, "短信签名没有审核通过或不对")
_TEMPLATE: Final = Resolution(Reaction.GIVE_UP, Whose.IT, "短信模板没有审核通过或不对")
_BUSY: Final = Resolution(Reaction.RETRY, Whose.PLATFORM, "短信服务繁忙，稍后自动重试")
_MONEY: Final = Resolution(Reaction.ALERT, Whose.IT, "短信套餐已用完，请充值")
UNKNOWN: Final = Resolution(Reaction.GIVE_UP, Whose.HUB, "短信服务返回了未知错误")

CODES: Final[dict[str, Resolution]] = {
    "AuthFailure.InvalidAuthorization": _SECRET,
    "AuthFailure.SecretIdNotFound": _SECRET,
    "AuthFailure.SignatureFailure": _SECRET,
    "AuthFailure.SignatureExpire": Resolution(Reaction.ALERT, Whose.IT, "本机时间不准，短信请求被拒绝"),
    "AuthFailure.UnauthorizedOperation": _SECRET,
    "FailedOperation.InsufficientBalanceInSmsPackage": _MONEY,
    "FailedOperation.PhoneNumberInBlacklist": _NUMBER,
    "FailedOperation.SignatureIncorrectOrUnapproved": _SIGN,
    "FailedOperation.TemplateIncorrectOrUnapproved": _TEMPLATE,
    "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": Resolution(
        Reaction.GIVE_UP, Whose.IT, "短信模板的变量个数或内容不对"
    ),
    "FailedOperation.ContainSensitiveWord": Resolution(Reaction.GIVE_UP, Whose.HUB, "短信含敏感词"),
    "InternalError.SendAndRecvFail": _BUSY,
    "InternalError.Timeout": _BUSY,
    "InvalidParameterValue.IncorrectPhoneNumber": _NUMBER,
    "LimitExceeded.DeliveryFrequencyLimit": _BUSY,
    "LimitExceeded.PhoneNumberCountLimit": _OFTEN,
    "LimitExceeded.PhoneNumberDailyLimit": _OFTEN,
    "LimitExceeded.PhoneNumberOneHourLimit": _OFTEN,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _OFTEN,
    "LimitExceeded.PhoneNumberThirtySecondLimit": Resolution(
        Reaction.WAIT, Whose.PLATFORM, "给同一号码发得太快", wait_seconds=31
    ),
    "RequestLimitExceeded": _BUSY,
    "UnauthorizedOperation.SmsSdkAppIdVerifyFail": Resolution(
        Reaction.ALERT, Whose.IT, "短信应用 ID 不对，请检查 app_id"
    ),
}
