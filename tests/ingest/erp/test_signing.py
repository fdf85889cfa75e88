"""The ERPs' signatures (vectors E1 and E2 of the reference sheet)."""

from __future__ import annotations

from ingest.erp.signing import packed, sign_jushuitan, sign_wangdian


def test_jushuitan_puts_the_secret_in_front_and_writes_small_letters() -> None:
    params = {
        "app_key": "testkey",
        "access_token": "testtoken",
        "timestamp": "1772332200",
        "charset": "utf-8",
        "version": "2",
        "biz": '{"modified_begin":"2026-03-01 10:00:00","modified_end":"2026-03-01 10:30:00",'
        '"page_index":1,"page_size":50}',
    }
    assert sign_jushuitan(params, "testsecret") == "887393109eabb44895393c08dfb25463"


def test_wangdian_packs_names_and_values_behind_their_lengths() -> None:
    params = {
        "appkey": "test-ot",
        "end_time": "2026-03-01 10:30:00",
        "page_no": "0",
        "page_size": "40",
        "sid": "test",
        "start_time": "2026-03-01 10:00:00",
        "timestamp": "1772332200",
    }
    assert packed(params) == (
        "06-appkey:0007-test-ot;08-end_time:0019-2026-03-01 10:30:00;07-page_no:0001-0;09-page_size:0002-40;"
        "03-sid:0004-test;10-start_time:0019-2026-03-01 10:00:00;09-timestamp:0010-1772332200"
    )
    assert sign_wangdian(params, "12345") == "ff81f0f3ef668b8a747d4f1708da0cfb"


def test_wangdian_counts_characters_and_not_bytes() -> None:
    assert packed({"name": "青禾"}) == "04-name:0002-青禾"
