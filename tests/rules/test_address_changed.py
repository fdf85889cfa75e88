from __future__ import annotations

from models.stages import Stage
from rules.address_changed import AddressChanged
from rules.facts import Audited
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts, line

WAS = Audited("", "客户要红色", "addr-1", {"P-1": 2})
NOW_IS = {"stage": Stage.PENDING_PICK, "audited": WAS, "seller_memo": "客户要红色", "receiver_key": "addr-1"}
LINES = (line(platform_sku="P-1"),)


def test_another_receiver_after_the_approval_locks_the_order() -> None:
    verdict = AddressChanged().judge(facts(**{**NOW_IS, "receiver_key": "addr-2"}), NOW)

    assert verdict.outcome is Outcome.HIT
    assert verdict.reason.startswith("审核后买家在平台改了收件信息，现在寄往浙江省杭州市西湖区")


def test_a_platform_that_tells_no_longer_has_changed_nothing() -> None:
    assert AddressChanged().judge(facts(**{**NOW_IS, "receiver_key": ""}), NOW).outcome is Outcome.MISS
    assert AddressChanged().judge(facts(lines=LINES, **NOW_IS), NOW).outcome is Outcome.MISS
