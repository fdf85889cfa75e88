"""The facts that a condition may name, in Chinese, with what each of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from rules.facts import OrderFacts
from rules.language.sorts import Read, Sort

Canon = Callable[[str], str]


def as_is(text: str) -> str:
    return text


@dataclass(frozen=True, slots=True)
class Field:
    """`says`: what it is, a sentence without its full stop; `example`: a condition with it. `canon` brings what people
    write into the form that `read` gives; `choices`: all that it can be, () for anything; `known`: all that it can be,
    where these are too many to choose from. `sure`: never unknown. `private`: its value is not shown. `clock`: from
    where its hours are counted, so that time alone changes it; `falls`: they get fewer. `reach`: the least and the most
    that a number can be, None for any. `key`: what it stays under whatever it is called, "" where its name never
    changes."""

    name: str
    sort: Sort
    says: str
    read: Read
    example: str = ""
    canon: Canon = as_is
    choices: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    sure: bool = False
    private: bool = False
    clock: Callable[[OrderFacts], datetime | None] | None = None
    falls: bool = False
    reach: tuple[int, int] | None = None
    key: str = ""


@dataclass(frozen=True)
class Catalogue:
    """`builtin`: what every company has; `own`: its own fields by their names."""

    builtin: Mapping[str, Field]
    own: Mapping[str, Field] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {**self.own, **self.builtin}  # a company's field cannot take a name away

    @cached_property
    def longest_first(self) -> list[str]:
        return sorted(self.by_name, key=len, reverse=True)
