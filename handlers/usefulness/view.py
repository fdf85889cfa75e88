"""`建议5`: the answer as a value. Texts are Chinese and safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Offer


@dataclass(frozen=True, slots=True)
class AdviceView:
    """One proposal. `lines`: what each way would have led to; `over`: what was decided, "" while nobody has."""

    advice_id: int
    revision: int
    title: str  # 待审核超时
    alerts: int
    days: int
    said: str  # 误报 8 件（53%），有用 1 件，有人处理 2 件
    lines: tuple[str, ...]
    over: str
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()

    @property
    def code(self) -> str:
        """By what it is named in words: 建议5 只进日报."""
        return f"建议{self.advice_id}"
