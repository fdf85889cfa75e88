from __future__ import annotations

import pytest

from rules.contact_missing import ContactMissing
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts


@pytest.mark.parametrize(
    ("name", "phone", "reason"),
    [
        (False, True, "没有收件人姓名，联系买家补齐"),
        (True, False, "没有收件人电话，联系买家补齐"),
        (False, None, "没有收件人姓名，联系买家补齐"),
        (False, False, "没有收件人姓名和电话，联系买家补齐"),
    ],
)
def test_a_parcel_needs_somebody_to_take_it_and_a_number_to_call(name: bool, phone: bool | None, reason: str) -> None:
    verdict = ContactMissing().judge(facts(name_known=name, phone_known=phone), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, reason)


def test_what_the_platform_keeps_to_itself_is_unknown_and_never_fine() -> None:
    verdict = ContactMissing().judge(facts(name_known=None, phone_known=None), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "平台没有给出收件人姓名和电话")


def test_a_mask_is_a_name_all_the_same() -> None:
    assert ContactMissing().judge(facts(), NOW).outcome is Outcome.MISS
