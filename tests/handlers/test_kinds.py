from __future__ import annotations

import re

import pytest

from config_orders import Stale
from handlers.kinds import OTHERS, kind_of, steps_of, title_of
from rules import RULES

KINDS = [*RULES, *OTHERS]


def test_a_rule_is_its_own_kind() -> None:
    assert not set(RULES) & set(OTHERS)
    for slug, rule in RULES.items():
        kind = kind_of(slug)
        assert (kind.title, kind.role, kind.blocks, kind.solved, kind.customer, kind.tells) == (
            rule.title, rule.role, rule.blocks, rule.solved, rule.customer, rule.tells,
        )  # fmt: skip


def test_a_kind_that_nobody_described_names_the_file_to_add_it_to() -> None:
    with pytest.raises(LookupError, match=r"handlers/kinds\.py"):
        kind_of("moon")


def test_what_customers_hear_fits_a_template() -> None:
    said = [kind_of(slug).customer for slug in KINDS if kind_of(slug).customer]

    assert said
    assert all(re.fullmatch(r"[\u4e00-\u9fa5]{1,5}", words) for words in said)


@pytest.mark.parametrize("slug", sorted(KINDS))
def test_every_policy_begins_at_once_and_climbs_to_the_supervisor(slug: str) -> None:
    steps = steps_of(slug, Stale())

    assert steps[0]["after"] == 0
    assert steps[-1]["tell"] == ["supervisor"]
    assert [step["after"] for step in steps] == sorted({step["after"] for step in steps})


def test_a_stale_case_is_called_after_its_stage() -> None:
    assert title_of("stale_stage", {"stage": "pending_pick"}) == "待配货超时"
    assert title_of("stale_stage", {}) == "停留超时"
    assert title_of("short_stock", {"stage": "pending_pick"}) == "缺货"


def test_a_rule_of_the_companys_own_is_described_by_its_case() -> None:
    rule = {"title": "大单", "role": "warehouse", "severity": "P1", "minutes": [10, 60], "blocks": True}

    kind = kind_of("own_3", {"rule": rule})

    assert (kind.title, kind.role, kind.severity, kind.blocks, kind.solved) == (
        "大单", "warehouse", "P1", True, "已处理",
    )  # fmt: skip
    assert title_of("own_3", {"rule": rule}) == "大单"
    assert (kind_of("own_3").title, kind_of("own_3").blocks) == ("自定义规则", False)
    assert title_of("cause_group", {"of": "own_3", "title": "大单"}) == "多单大单"
