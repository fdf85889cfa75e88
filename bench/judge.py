"""What the rules make of labelled texts: addresses (vague or fine) and buyers' messages (later or now). Precision: how
many of the found are right; recall: how many of the wanted are found. `…, unseen` was written last, when the rules were
done; what it was at first sight, and what earlier ones were, stands in docs/decisions/0022."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final

from bench.harness import ROOT, Bench, Figure, stopwatch
from rules.address_quality import judge_text
from rules.delay_words import judge_words
from rules.verdict import Outcome

LABELLED: Final = ROOT / "tests" / "rules" / "labelled"
SAID: Final = date(2026, 11, 18)  # the day on which all messages of the set were written
PRECISION: Final = 0.95
RECALL: Final = 0.90

Finds = Callable[[str], bool]


def measure(_bench: Bench) -> list[Figure]:
    return [
        figure
        for what, file, finds in (
            ("addresses", "addresses.tsv", vague), ("addresses, unseen", "addresses_unseen.tsv", vague),
            ("delays", "delays.tsv", later), ("delays, unseen", "delays_unseen.tsv", later),
        )
        for figure in _figures(what, file, finds)
    ]  # fmt: skip


def vague(text: str) -> bool:
    return judge_text(text).outcome is Outcome.HIT


def later(text: str) -> bool:
    return judge_words(text, SAID).outcome is Outcome.HIT


def labelled(file: str) -> Iterator[tuple[str, str, str]]:
    """Label (fine, vague; now, later), the day to ship ("-" where the words name none, "" of an address), text."""
    for line in (LABELLED / file).read_text(encoding="utf-8").splitlines():
        label, *day, text = line.split("\t")
        yield label, "".join(day), text


def counted(file: str, finds: Finds) -> tuple[int, int, int]:
    """Rightly found, wrongly found, not found."""
    found = [(label in ("vague", "later"), finds(text)) for label, _, text in labelled(file)]
    return (
        sum(wanted and hit for wanted, hit in found),
        sum(hit and not wanted for wanted, hit in found),
        sum(wanted and not hit for wanted, hit in found),
    )


def _figures(what: str, file: str, finds: Finds) -> list[Figure]:
    texts = len(list(labelled(file)))
    with stopwatch() as taken:
        right, wrong, missed = counted(file, finds)
    speed = f"{texts / taken[0]:,.0f}/s"
    return [
        Figure(12, f"{what}: precision", f"{right} right, {wrong} wrong", f"{texts} texts, {speed}",
               [right / (right + wrong)], PRECISION, at_least=True, unit=""),
        Figure(12, f"{what}: recall", f"{right} found, {missed} missed", f"{texts} texts",
               [right / (right + missed)], RECALL, at_least=True, unit=""),
    ]  # fmt: skip
