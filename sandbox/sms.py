"""Tencent Cloud's SMS interface: one address, the action in a header, every call signed (TC3-HMAC-SHA256)."""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import requests
from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.chat_core import Chat, chat_of
from sandbox.state import State

SIGNED = re.compile(
    r"TC3-HMAC-SHA256 Credential=(?P<id>[^/]+)/(?P<date>[\d-]+)/(?P<service>\w+)/tc3_request, "
    r"SignedHeaders=content-type;host, Signature=(?P<signature>[0-9a-f]{64})"
)
CLOCK_SECONDS = 300
SAME_SECONDS = 30
A_DAY = 10


class Wrong(Exception):
    """A call that is refused as a whole."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Sms:
    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.settings = chat.state.company.sms
        self.sent: list[dict[str, str]] = []
        self.unreachable: set[str] = set()  # numbers whose phones are off: taken, and reported as failed
        self._at: dict[str, list[float]] = defaultdict(list)
        chat.state.on_reset += [self.sent.clear, self.unreachable.clear, self._at.clear]

    def check(self, raw: bytes) -> None:
        """Raises Wrong."""
        found = SIGNED.fullmatch(request.headers.get("Authorization", ""))
        stamp = request.headers.get("X-TC-Timestamp", "")
        if found is None or not stamp.isdecimal():
            raise Wrong("AuthFailure.InvalidAuthorization", "请求头部的 Authorization 不符合规范")
        if abs(time.time() - int(stamp)) > CLOCK_SECONDS:
            raise Wrong("AuthFailure.SignatureExpire", "签名过期")
        if found["id"] != self.settings.secret_id:
            raise Wrong("AuthFailure.SecretIdNotFound", "密钥不存在")
        date = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
        if (found["date"], found["service"]) != (date, "sms"):
            raise Wrong("AuthFailure.SignatureFailure", "签名错误")
        if not hmac.compare_digest(self._signature(raw, stamp, date), found["signature"]):
            raise Wrong("AuthFailure.SignatureFailure", "签名错误")

    def _signature(self, raw: bytes, stamp: str, date: str) -> str:
        headers = f"content-type:{request.headers.get('Content-Type', '')}\nhost:{request.headers.get('Host', '')}\n"
        canonical = "\n".join(("POST", "/", "", headers, "content-type;host", hashlib.sha256(raw).hexdigest()))
        scope = f"{date}/sms/tc3_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        key = f"TC3{self.settings.secret_key}".encode()
        for part in (date, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("SmsSdkAppId") != self.settings.app_id:
            raise Wrong("UnauthorizedOperation.SmsSdkAppIdVerifyFail", "SmsSdkAppId 校验失败")
        numbers = body.get("PhoneNumberSet")
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= 200:
            raise Wrong("InvalidParameterValue.IncorrectPhoneNumber", "手机号格式错误")
        return {
            "SendStatusSet": [self._one(str(number), body) for number in numbers],
            "RequestId": secrets.token_hex(16),
        }

    def _one(self, number: str, body: dict[str, Any]) -> dict[str, Any]:
        """Success and refusal of one number, both inside HTTP 200."""
        code, serial = self._refusal(number, body), ""
        if not code:
            serial = f"2640:{secrets.randbelow(10**12)}:{secrets.token_hex(4)}"
            self._at[number].append(self.chat.state.clock.epoch())
            self._show(number, body)
            self.chat.later(self._report, number, serial)
        return {
            "SerialNo": serial, "PhoneNumber": number, "Fee": int(not code),
            "SessionContext": body.get("SessionContext", ""),
            "Code": code or "Ok", "Message": code or "send success", "IsoCode": "CN",
        }  # fmt: skip

    def _refusal(self, number: str, body: dict[str, Any]) -> str:
        if not re.fullmatch(r"\+861[3-9]\d{9}", number):
            return "InvalidParameterValue.IncorrectPhoneNumber"
        if body.get("SignName") != self.settings.sign:
            return "FailedOperation.SignatureIncorrectOrUnapproved"
        template = self._template(body)
        if template is None:
            return "FailedOperation.TemplateIncorrectOrUnapproved"
        wanted = len(set(re.findall(r"\{\d+\}", template)))
        values = body.get("TemplateParamSet") or []
        if len(values) != wanted or not all(isinstance(one, str) and one and "【" not in one for one in values):
            return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
        now, taken = self.chat.state.clock.epoch(), self._at[number]
        if any(now - at < SAME_SECONDS for at in taken):
            return "LimitExceeded.PhoneNumberThirtySecondLimit"
        return "LimitExceeded.PhoneNumberDailyLimit" if sum(now - at < 86400 for at in taken) >= A_DAY else ""

    def _template(self, body: dict[str, Any]) -> str | None:
        return next((one.text for one in self.settings.templates if one.id == body.get("TemplateId")), None)

    def _show(self, number: str, body: dict[str, Any]) -> None:
        words = self._template(body) or ""
        for at, value in enumerate(body.get("TemplateParamSet") or [], 1):
            words = words.replace(f"{{{at}}}", value)
        said = f"【{self.settings.sign}】{words}"
        self.sent.append({"number": number, "words": said})
        owner = next((one for one in self.chat.store.customers.values() if f"+86{one.phone}" == number), None)
        if owner is not None:
            self.chat.store.add(f"oa:{owner.openid}", "oa", "text", {"content": f"[短信] {said}"})

    def answer(self, number: str, words: str, *, tries: int = 3) -> bool:
        """Somebody writes back; told until the company takes it, so that it may hear the same twice."""
        told = {
            "extend": "", "mobile": number.removeprefix("+86"), "nationcode": "86", "sign": self.settings.sign,
            "text": words, "time": int(self.chat.state.clock.epoch()),
        }  # fmt: skip
        session = requests.Session()
        session.trust_env = False
        for _ in range(tries):
            try:
                answer = session.post(self.chat.hub(f"{self.settings.receipts}/answer"), json=told, timeout=5)
                if answer.ok and answer.json().get("result") == 0:
                    return True
            except (requests.RequestException, ValueError):
                continue
        return False

    def _report(self, number: str, serial: str) -> None:
        lost = number in self.unreachable
        told = {
            "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": number.removeprefix("+86"),
            "report_status": "FAIL" if lost else "SUCCESS", "errmsg": "MK:0001" if lost else "DELIVRD",
            "description": "用户关机" if lost else "用户短信送达成功", "sid": serial,
        }  # fmt: skip
        session = requests.Session()
        session.trust_env = False
        try:
            session.post(self.chat.hub(self.settings.receipts), json=[told], timeout=5)
        except requests.RequestException:
            return  # a report that nobody takes is lost here


def sms_of(state: State) -> Sms:
    part = state.parts["sms"]
    if not isinstance(part, Sms):
        raise TypeError("the part of SMS is not registered")
    return part


def register(app: Flask, state: State) -> None:
    sms = Sms(chat_of(state))
    state.parts["sms"] = sms
    pages = Blueprint("sms", __name__)

    @pages.post("/")
    def call() -> Response:
        try:
            raw = request.get_data()
            sms.check(raw)
            if (request.headers.get("X-TC-Action"), request.headers.get("X-TC-Version")) != ("SendSms", "2021-01-11"):
                raise Wrong("InvalidAction", "接口不存在")
            answer = sms.send(json.loads(raw))
        except Wrong as wrong:
            error = {"Code": wrong.code, "Message": str(wrong)}
            return jsonify({"Response": {"Error": error, "RequestId": secrets.token_hex(16)}})
        return jsonify({"Response": answer})

    @pages.post("/sms/api/answer")
    def answer() -> Response | tuple[Response, int]:
        """Somebody with a phone answers: {"number": "+8613…", "words": "TD"}."""
        body = request.get_json(force=True, silent=True) or {}
        number, words = str(body.get("number", "")), str(body.get("words", ""))
        if not re.fullmatch(r"\+861[3-9]\d{9}", number) or not words:
            return jsonify({"error": "number: +86 和 11 位；words: 不能空着"}), 400
        return jsonify({"taken": sms.answer(number, words)})

    app.register_blueprint(pages)
