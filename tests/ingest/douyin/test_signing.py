"""The reference sheet's vectors D1, D3 and D4 (D2 is the retired MD5), and how the text that is signed is written."""

from __future__ import annotations

from typing import Any

import pytest

from ingest.douyin.signing import param_json, sign

SECRET = "2ad2355c-01d0-11f8-91dc-05a8cd1054b1"
SEARCH = {
    "size": 100,
    "page": 0,
    "order_by": "update_time",
    "order_asc": True,
    "update_time_start": 1772330220,
    "update_time_end": 1772332020,
}
REMARK = {"order_id": "6900000000000000001", "remark": "催付&改发<顺丰>", "is_add_star": "true", "star": "3"}


@pytest.mark.parametrize(
    ("method", "params", "text", "expected"),
    [
        (
            "order.searchList",
            SEARCH,
            '{"order_asc":true,"order_by":"update_time","page":0,"size":100,"update_time_end":1772332020,'
            '"update_time_start":1772330220}',
            "745b66ebc741bdccd105b1ea9e273a16669debe6c5b171e51f99454b6e19aae2",
        ),
        (
            "order.addOrderRemark",
            REMARK,
            '{"is_add_star":"true","order_id":"6900000000000000001","remark":"催付&改发<顺丰>","star":"3"}',
            "d0e04c2b5c5607637321121223c3ed7afa83a1fb35639a3cd1d9ba368f8fe514",
        ),
        (
            "order.logisticsCompanyList",
            {},
            "{}",
            "ce978cdf263ed76a976db83d9d3bc9d858febaedb593134f4c565d75069906d6",
        ),
    ],
    ids=["D1", "D3", "D4"],
)
def test_it_writes_and_signs_the_vectors_of_the_sheet(
    method: str, params: dict[str, Any], text: str, expected: str
) -> None:
    assert param_json(params) == text
    signed = {
        "app_key": "3409409348479354011",
        "method": method,
        "param_json": text,
        "timestamp": "1772332200",
        "v": "2",
    }
    assert sign(signed, SECRET) == expected


def test_keys_are_sorted_at_every_depth_and_nothing_is_escaped() -> None:
    text = param_json({"b": [{"z": 1, "a": "<&>"}], "a": {"y": "催", "x": False}})
    assert text == '{"a":{"x":false,"y":"催"},"b":[{"a":"<&>","z":1}]}'
