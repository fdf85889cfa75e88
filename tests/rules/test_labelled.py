"""The labelled addresses and messages: what `make bench judge` prints is held here. The sets are written by hand, the
people in them are invented."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.judge import PRECISION, RECALL, SAID, Finds, counted, labelled, later, vague
from rules.delay_words import judge_words


@pytest.mark.parametrize(
    ("file", "finds"),
    [
        ("addresses.tsv", vague),
        ("addresses_unseen.tsv", vague),
        ("delays.tsv", later),
        ("delays_unseen.tsv", later),
    ],
)
def test_what_is_found_is_right_and_most_is_found(file: str, finds: Finds) -> None:
    right, wrong, missed = counted(file, finds)

    assert right / (right + wrong) >= PRECISION
    assert right / (right + missed) >= RECALL


@pytest.mark.parametrize("file", ["delays.tsv", "delays_unseen.tsv"])
def test_the_day_is_the_one_that_was_meant(file: str) -> None:
    meant = [(day, judge_words(text, SAID).wish) for label, day, text in labelled(file) if label == "later"]
    told = [(day, wish.day.isoformat() if wish.day else "-") for day, wish in meant if wish is not None]

    assert sum(day == other for day, other in told) / len(told) >= 0.95


@pytest.mark.parametrize("kind", ["addresses", "delays"])
def test_the_set_is_large_and_both_kinds_stand_in_it(kind: str) -> None:
    texts = [(label, text) for file in (f"{kind}.tsv", f"{kind}_unseen.tsv") for label, _, text in labelled(file)]
    labels = Counter(label for label, _ in texts)

    assert len({text for _, text in texts}) == len(texts) >= 200
    assert min(labels.values()) / len(texts) > 0.4
