"""What buyers write on Wednesday, the 18th of November 2026."""

from __future__ import annotations

from datetime import date

from rules.delay_words import judge_words
from rules.verdict import Outcome

WEDNESDAY = date(2026, 11, 18)


def day_of(text: str) -> date | None:
    """The earliest day to ship of what is a wish for later."""
    judged = judge_words(text, WEDNESDAY)

    assert judged.outcome is Outcome.HIT, (text, judged)
    assert judged.wish is not None
    return judged.wish.day


def outcome(text: str) -> Outcome:
    return judge_words(text, WEDNESDAY).outcome
