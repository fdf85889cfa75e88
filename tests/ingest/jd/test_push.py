from __future__ import annotations

from urllib.parse import urlencode

from ingest.pushing import Arrived
from tests.ingest.pushes import KEY, NOW, SECRET, arrived, golden, jd, joined, md5, one, pushing


def test_a_message_names_its_order_and_its_own_id() -> None:
    found = one("jd", "order_changed.json")
    assert (found.kind, found.number, found.mark) == ("order_state_change", "300000000001", "jd-0001")


def test_parameters_may_stand_in_query_or_form() -> None:
    sent = jd(golden("jd", "order_changed.json"))
    (found,) = pushing("jd").messages(Arrived({}, {}, urlencode(sent.query).encode(), NOW))
    assert found.number == "300000000001"


def test_the_time_may_come_without_zone() -> None:
    query = {"app_key": KEY, "timestamp": "2026-03-01 10:29:00", "v": "2.0", "360buy_param_json": "{}"}
    sign = md5(f"{SECRET}{joined(query)}{SECRET}").upper()
    assert pushing("jd").messages(arrived(b"", {**query, "sign": sign}))
