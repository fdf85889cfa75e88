"""What people type, read: lines, the orders they name, days, slips."""

from __future__ import annotations

from handlers.parse.chatter import without_chatter
from handlers.parse.days import day_in, day_near
from handlers.parse.doubt import misread
from handlers.parse.line import (
    Asked,
    CaseVerb,
    about_quoted,
    case_verb,
    code_in,
    code_shown,
    letters_in,
    like_a_tag,
    names_one,
    numbers,
    other_code,
    read,
    tag_shown,
)
from handlers.parse.naming import Reference, carried, each, leading, reference, references, tag, tag_in, without_label
from handlers.parse.plain import as_typed, bare, normal
from handlers.parse.several import Known, another, code_behind, wishes
from handlers.parse.sounds import SAME, similar, spelt, suggestion, warm
from handlers.parse.words import Words

__all__ = [
    "SAME",
    "Asked",
    "CaseVerb",
    "Known",
    "Reference",
    "Words",
    "about_quoted",
    "another",
    "as_typed",
    "bare",
    "carried",
    "case_verb",
    "code_behind",
    "code_in",
    "code_shown",
    "day_in",
    "day_near",
    "each",
    "leading",
    "letters_in",
    "like_a_tag",
    "misread",
    "names_one",
    "normal",
    "numbers",
    "other_code",
    "read",
    "reference",
    "references",
    "similar",
    "spelt",
    "suggestion",
    "tag",
    "tag_in",
    "tag_shown",
    "warm",
    "wishes",
    "without_chatter",
    "without_label",
]
