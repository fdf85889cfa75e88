from __future__ import annotations

from datetime import timedelta

import pytest

from models.people import Role
from models.stages import OPEN, Stage
from rules.judge import judge
from rules.language import compile_condition
from rules.own import Manner, OwnRule, Validity, id_of, is_own, slug_of
from rules.verdict import Outcome
from tests.rules.facts import NOW, facts

MANNER = Manner("大单", Role.WAREHOUSE, "P1", True, 10, 60)


def own(text: str = "金额 > 1000", **changes: object) -> OwnRule:
    return OwnRule((3, 2), compile_condition(text), MANNER, **changes)  # type: ignore[arg-type]


def test_it_is_a_rule_like_any_other_with_its_own_manner() -> None:
    rule = own(actions=({"do": "tag"},))

    assert (rule.slug, rule.title, rule.severity, rule.blocks) == ("own_3", "大单", "P1", True)
    assert rule.owner(facts()) is Role.WAREHOUSE
    verdict = judge(facts(paid_fen=200_000), NOW, {rule.slug: rule})["own_3"]
    assert (verdict.outcome, verdict.reason) == (Outcome.HIT, "金额 > 1000（金额=2000）")
    assert verdict.evidence["rule"] == {
        "id": 3, "version": 2, "title": "大单", "role": "warehouse", "severity": "P1", "blocks": True,
        "claim_minutes": 10, "solve_minutes": 60, "minutes": [10, 60], "solved": "已处理", "actions": [{"do": "tag"}],
    }  # fmt: skip


@pytest.mark.parametrize("stage", sorted(set(Stage) - set(OPEN)))
def test_it_has_nothing_to_say_about_what_is_not_open(stage: Stage) -> None:
    assert own().judge(facts(stage=stage, paid_fen=200_000), NOW).outcome is Outcome.MISS


def test_the_mark_is_the_conditions_so_that_another_one_finds_another_thing() -> None:
    assert own().mark == own(shadow=True).mark
    for alike in ("金额>1000", "金额 大于 1000.00", "(金额 > 0.1万)", "金额 ＞ 1000 "):
        assert own(alike).mark == own().mark
    for other in ("金额 > 2000", "金额 >= 1000", "货款 > 1000", "非 金额 > 1000", "金额 > 1000 且 金额 > 1000"):
        assert own(other).mark != own().mark
    words = {own(f"买家留言 包含 {one}").mark for one in ("'1'", "'急'", "['急', '1']", "' 急'")}
    assert len(words) == 4


def test_it_looks_again_when_it_begins_and_when_it_ends() -> None:
    begins, ends = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    rule, order = own(validity=Validity(begins, ends)), facts(paid_fen=200_000)

    assert rule.judge(order, NOW).recheck_at == begins
    hit = rule.judge(order, begins)
    assert (hit.outcome, hit.recheck_at) == (Outcome.HIT, ends)
    assert rule.judge(order, ends).outcome is Outcome.MISS


def test_an_unknown_says_which_rule_and_why_and_looks_again() -> None:
    verdict = own("付款后小时 > 2 且 停留小时 < 5").judge(facts(), NOW)

    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "规则「大单」：还没有付款时间")
    assert verdict.recheck_at is not None


def test_a_number_to_call_in_its_condition_is_not_told() -> None:
    text = "买家留言 包含 '138 0000 1234' 或 买家留言 包含 '05718888777' 或 金额 > 1000"
    reason = own(text).judge(facts(paid_fen=200_000), NOW).reason

    assert reason.startswith("买家留言 包含 '***' 或 买家留言 包含 '***' 或 金额 > 1000")


def test_the_kind_of_its_cases_names_it() -> None:
    assert (slug_of(3), is_own("own_3"), id_of("own_3")) == ("own_3", True, 3)
    assert not is_own("own_x")
    assert not is_own("owner")
