"""Reads what crossed the wire: `tests/golden/ingest/<platform>/<event>.json`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ingest.canonical import read_json
from ingest.fields import record_of
from ingest.source import Record

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "ingest"
ID_KEYS = {"taobao": "tid", "jd": "orderId", "pdd": "order_sn", "douyin": "order_id"}
ID_KEYS |= {"wxshop": "order_id", "wecom_pay": "transaction_id"}


def reply(platform: str, event: str) -> dict[str, Any]:
    """The whole reply, numbers as they came."""
    document: dict[str, Any] = read_json((GOLDEN / platform / f"{event}.json").read_bytes())
    return document


def row(platform: str, event: str) -> dict[str, Any]:
    """The one order of the reply."""
    whole = reply(platform, event)
    if platform == "douyin":
        listed: dict[str, Any] = whole["data"]["shop_order_list"][0]
        return listed
    if platform in ("wxshop", "wecom_pay"):
        told: dict[str, Any] = whole["order"] if platform == "wxshop" else whole["bill_list"][0]
        return told
    (root,) = whole.values()
    if platform == "taobao":
        found: dict[str, Any] = root["trade"] if "trade" in root else root["trades"]["trade"][0]
    elif platform == "jd":
        unpaid = root.get("paginatedInfo")
        found = unpaid["pageList"][0] if unpaid else root["searchorderinfo_result"]["orderInfoList"][0]
    else:
        found = root["order_sn_list"][0]
    return found


def record(platform: str, event: str, **changes: Any) -> Record:
    return record_of(row(platform, event) | changes, ID_KEYS[platform])


def events(platform: str) -> list[str]:
    """Every golden order of the platform; replies without one are left out."""
    names = sorted(path.stem for path in (GOLDEN / platform).glob("*.json"))
    return [name for name in names if not name.startswith(("empty", "error_"))]
