"""Tencent Cloud SMS through its own SDK. The SDK says "Ok" for each number inside the answer: a call that went through
has not sent anything yet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111.models import SendSmsRequest
from tencentcloud.sms.v20210111.sms_client import SmsClient

from bot.channels.sending import UNREACHABLE, SendError
from bot.channels.sms.errors import CODES, UNKNOWN
from bot.channels.sms.provider import Answer, Limits, Report
from config_customers import Sms

_SECONDS: Final = 10
_NETWORK: Final = ("ClientNetworkError", "ServerNetworkError")
_MOST: Final = 200  # reports in one call


class Tencent:
    """The Provider."""

    def __init__(self, settings: Sms) -> None:
        self._settings = settings
        address = urlsplit(settings.gateway)
        http = HttpProfile(protocol=address.scheme, endpoint=address.netloc, reqTimeout=_SECONDS)
        profile = ClientProfile(httpProfile=http)
        credential = Credential(settings.secret_id, settings.secret_key)
        self._client = SmsClient(credential, settings.region, profile)

    def send(self, number: str, template: str, values: Mapping[str, str], key: str) -> str:
        asked = SendSmsRequest()
        asked.PhoneNumberSet = [number]
        asked.SmsSdkAppId, asked.SignName = self._settings.app_id, self._settings.sign
        asked.TemplateId, asked.SessionContext = template, key[:512]
        asked.TemplateParamSet = [values[at] for at in sorted(values, key=int)]
        try:
            answer = self._client.SendSms(asked)
        except TencentCloudSDKException as error:
            raise _error(str(error.get_code() or "")) from None
        for status in answer.SendStatusSet or ():
            if status.Code == "Ok":
                return str(status.SerialNo)
            raise _error(str(status.Code))
        raise SendError(UNREACHABLE, unknown=True)

    def receipts(self, body: bytes) -> list[Report]:
        listed = json.loads(body)
        if not isinstance(listed, list):
            raise ValueError("no list of reports")
        return [_report(one) for one in listed[:_MOST] if isinstance(one, dict) and one.get("sid")]

    def answers(self, body: bytes) -> list[Answer]:
        """One answer a call."""
        told = json.loads(body)
        listed = told if isinstance(told, list) else [told]
        if not all(isinstance(one, dict) and isinstance(one.get("text"), str) for one in listed):
            raise ValueError("no answer to an SMS")
        return [Answer(_number(one), str(one["text"])) for one in listed[:_MOST]]

    def limits(self) -> Limits:
        return Limits(pause_seconds=30, per_day=10)


def _error(code: str) -> SendError:
    """Where an answer was lost it is not known whether the message went out; a second one would cost and annoy."""
    if code in _NETWORK:
        return SendError(UNREACHABLE, unknown=True)
    return SendError(CODES.get(code, UNKNOWN), code)


def _number(one: Mapping[str, Any]) -> str:
    return f"+{one.get('nationcode', '')}{one.get('mobile', '')}"


def _report(one: Mapping[str, Any]) -> Report:
    arrived = one.get("report_status") == "SUCCESS"
    return Report(str(one["sid"]), arrived, "" if arrived else str(one.get("description") or one.get("errmsg") or ""))
