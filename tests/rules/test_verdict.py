from __future__ import annotations

import pytest

from rules.verdict import Outcome, Verdict


@pytest.mark.parametrize("verdict", [Verdict.hit("坏了", mark="x"), Verdict.miss(), Verdict.unknown("看不见")])
def test_no_verdict_is_a_truth_value(verdict: Verdict) -> None:
    with pytest.raises(TypeError, match="compare its outcome"):
        bool(verdict)


def test_a_hit_keeps_its_mark_with_the_evidence() -> None:
    verdict = Verdict.hit("坏了", mark="x", evidence={"how": "ganz"})

    assert (verdict.outcome, verdict.evidence) == (Outcome.HIT, {"how": "ganz", "mark": "x"})
