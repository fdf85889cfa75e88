from __future__ import annotations

from datetime import timedelta
from typing import Any

from models.stages import Stage
from rules import RULES
from rules.facts import ParcelFacts, ParcelLimits
from rules.verdict import Outcome, Verdict
from tests.rules.facts import NOW, facts

LIMITS = ParcelLimits(timedelta(hours=24), timedelta(hours=48), (timedelta(hours=12), timedelta(hours=20)))


def parcel(hours: float = 1, **changes: Any) -> ParcelFacts:
    values = {"courier": "顺丰速运", "waybill": "SF1", "state": "waiting", "heard": True}
    return ParcelFacts(shipped_at=NOW - timedelta(hours=hours), **{**values, **changes})


def judge(*parcels: ParcelFacts, **changes: Any) -> Verdict:
    of = {"stage": Stage.DONE, "parcels": parcels, "parcel_limits": LIMITS, **changes}
    return RULES["no_pickup"].judge(facts(**of), NOW)


def test_it_looks_again_at_each_warning_and_at_the_limit() -> None:
    for hours, next_at in ((1, 12), (12, 20), (21, 24)):
        verdict = judge(parcel(hours))
        assert verdict.outcome is Outcome.MISS
        assert verdict.recheck_at == NOW + timedelta(hours=next_at - hours)


def test_a_day_without_a_scan_is_a_hit() -> None:
    verdict = judge(parcel(24), parcel(30, waybill="SF2"), parcel(50, waybill="SF3", first_scan_at=NOW))
    assert (verdict.outcome, verdict.mark) == (Outcome.HIT, "SF1,SF2")
    assert verdict.reason == "顺丰速运 SF1、顺丰速运 SF2 发出 30 小时还没有揽收记录"


def test_what_nobody_could_ask_about_is_unknown() -> None:
    verdict = judge(parcel(30, heard=False, problem="查不到轨迹"))
    assert verdict == Verdict.unknown("顺丰速运 SF1 查不到轨迹")
    assert judge(parcel(3, heard=False)).outcome is Outcome.MISS


def test_what_was_scanned_or_closed_is_fine() -> None:
    assert judge(parcel(99, first_scan_at=NOW)) == Verdict.miss("没有超时未揽收的包裹")
    assert judge(parcel(99, closed=True)).outcome is Outcome.MISS
    assert judge(parcel(99), stage=Stage.PENDING_SHIP).outcome is Outcome.MISS
    assert judge(parcel(99), parcel_limits=None).outcome is Outcome.MISS
