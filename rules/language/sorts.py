"""What a value in a condition can be, and the value that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from rules.facts import OrderFacts


class Sort(StrEnum):
    """As it is called in front of people."""

    NUMBER = "数字"
    TEXT = "文字"
    SET = "一组文字"
    YESNO = "是或否"
    MOMENT = "时间"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told, and why, in Chinese. It is neither true nor false."""

    reason: str


Truth: TypeAlias = bool | Unknown
Read: TypeAlias = Callable[[OrderFacts, datetime], Any]
"""Facts and the moment → a value of the sort, or Unknown."""
