"""`规则 3`: answers as values. Texts are Chinese and safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from handlers.buttons import Choice, Offer


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule, at every moment of its life. `over`: what became of a draft, "" while it can still be switched on or
    has been; `hits`: in seven days, in words; `versions`: a line each, the newest first; `does`: beside its case, ""
    for nothing."""

    rule_id: int
    revision: int
    title: str
    condition: str
    state: str  # Chinese
    judges: bool
    whose: str  # 客服 · P2 · 锁单
    limits: str  # 30 分钟认领，4 小时处理
    hits: str
    period: str
    owner: str
    said: str  # the note of the rule itself
    versions: tuple[str, ...]
    over: str
    expires_at: datetime | None
    at: datetime
    note: str = ""
    offers: tuple[Offer, ...] = ()
    choice: Choice | None = None  # whose a draft's cases shall be
    does: str = ""

    @property
    def code(self) -> str:
        """By what it is named in words: 规则3 启用."""
        return f"规则{self.rule_id}"
