"""What a kind of alert is called where something is said of it, and how a rule of one's own is stopped."""

from __future__ import annotations

from handlers.desk import Desk
from handlers.rulebook import store
from handlers.tuning import switches
from rules.own import id_of, is_own


def title_of(desk: Desk, about: str) -> str:
    """待审核超时, 地址模糊, 规则3「大单」."""
    return store.newest(desk, id_of(about)).called if is_own(about) else switches.title_of(about)


def how_to_stop(about: str) -> str:
    """规则 停 3: such a rule is no alert to be closed, it ends with a version of its own. "" for the built-in ones."""
    return f"规则 停 {id_of(about)}" if is_own(about) else ""
