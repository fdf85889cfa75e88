"""What 快递100 pushes: a form of `sign` and `param`. Unless it is answered as it wants, it comes again three times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ingest.canonical import read_json
from ingest.courier.kuaidi100.parse import tracked
from ingest.courier.kuaidi100.signing import is_genuine
from ingest.courier.source import NotGenuine
from ingest.fields import text
from ingest.snapshot import Unreadable
from models.parcel import Tracked

ACCEPTED: Final = {"result": True, "returnCode": "200", "message": "成功"}
REFUSED: Final = {"result": False, "returnCode": "500", "message": "签名校验失败"}


def receive(form: Mapping[str, str], salt: str) -> Tracked:
    """What a push tells. Raises NotGenuine, and Unreadable for one that is genuine and still cannot be read."""
    param = form.get("param", "")
    if not is_genuine(param, form.get("sign", ""), salt):
        raise NotGenuine
    return _told(param)


def _told(param: str) -> Tracked:
    try:
        told: Any = read_json(param.encode())
    except ValueError:
        raise Unreadable("推送不是 JSON") from None
    result = told.get("lastResult") if isinstance(told, dict) else None
    if not isinstance(result, dict):
        raise Unreadable("推送里没有轨迹")
    status = text(told.get("status"))
    given_up = text(told.get("message"))[:60] or "快递100 中止了监控" if status == "abort" else ""
    return tracked(result, given_up=given_up, finished=status == "shutdown")
