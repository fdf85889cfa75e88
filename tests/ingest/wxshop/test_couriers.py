from __future__ import annotations

from ingest.wxshop.couriers import codes_of


def test_the_platforms_own_list_tells_its_codes_by_name() -> None:
    listed = [
        {"delivery_id": "YTO", "delivery_name": "圆通速递"},
        {"delivery_id": "YD", "delivery_name": "韵达速递"},
        {"delivery_id": "YUNDA", "delivery_name": "韵达快递"},
        {"delivery_id": "", "delivery_name": "顺丰速运"},
    ]
    codes = codes_of(listed)
    assert (codes["yuantong"], codes["yunda"]) == ("YTO", "YD")
    assert "shunfeng" not in codes
