"""Vectors T1 to T8 of reference sheet 2.2."""

from __future__ import annotations

import pytest

from ingest.taobao.signing import sign

T1 = {
    "app_key": "12345678",
    "fields": "num_iid,title,nick,price,num",
    "format": "json",
    "method": "taobao.item.seller.get",
    "num_iid": "11223344",
    "session": "test",
    "sign_method": "md5",
    "timestamp": "2016-01-01 12:00:00",
    "v": "2.0",
}
T4 = {
    "app_key": "test",
    "session": "test",
    "fields": "nick",
    "format": "xml",
    "method": "taobao.user.seller.get",
    "sign_method": "md5",
    "timestamp": "2013-05-06 13:52:03",
    "v": "2.0",
}
T5 = {
    "app_key": "12345678",
    "session": "test",
    "method": "taobao.trades.sold.increment.get",
    "format": "json",
    "v": "2.0",
    "sign_method": "md5",
    "timestamp": "2026-03-01 10:30:00",
    "fields": "tid,status,modified",
    "start_modified": "2026-03-01 10:00:00",
    "end_modified": "2026-03-01 10:30:00",
    "page_no": "1",
    "page_size": "50",
    "use_has_next": "true",
}
T8 = {
    "app_key": "12345678",
    "session": "test",
    "method": "taobao.trade.memo.update",
    "format": "json",
    "v": "2.0",
    "sign_method": "md5",
    "timestamp": "2026-03-01 10:30:00",
    "tid": "2000000000000000001",
    "flag": "3",
    "memo": "已催付，改发顺丰",
}
HMAC, SHA = {"sign_method": "hmac"}, {"sign_method": "hmac-sha256"}


@pytest.mark.parametrize(
    ("params", "secret", "expected"),
    [
        (T1, "helloworld", "66987CB115214E59E6EC978214934FB8"),
        (T1 | HMAC, "helloworld", "D56D7858309C31B6251083A874D48273"),
        (T1 | SHA, "helloworld", "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8"),
        (T4, "test", "72CB4D809B375A54502C09360D879C64"),
        (T5, "helloworld", "9833E2EE612C1B3AED999071D9D1D1A9"),
        (T5 | HMAC, "helloworld", "56D37C05D0B305997E5851227175BDE1"),
        (T5 | SHA, "helloworld", "50C1E6B13D5EFDBF543A247168ADB4E5C4AA1D7FECBF0E5271E8DDBD2FD65773"),
        (T8, "helloworld", "781B0F50434C94E3220A171AC3DB90C6"),
    ],
    ids=["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"],
)
def test_taobaos_vectors(params: dict[str, str], secret: str, expected: str) -> None:
    assert sign(params, secret) == expected
