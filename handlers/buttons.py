"""What a view offers to press. Each names an action by its slug; who may press it is checked again on the press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PICK: Final = "pick"
"""The key of a drop-down whose options belong to several buttons; each id says what it is: `minutes=15`, `person=3`."""
MOST_OPTIONS: Final = 10
"""So many a drop-down takes."""
NOTHING: Final = "none"
"""The option that means no choice: WeCom hands the first one back where nobody chose."""
NO_PICK: Final = (NOTHING, "不选")
"""Stands first where the buttons do without a choice."""
PLEASE_PICK: Final = (NOTHING, "请选择")
"""Stands first where the button is refused without one."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button. `style`: main, plain, danger. `value` is handed back on the press."""

    text: str
    action: str
    subject: str
    revision: int
    value: str = ""
    style: str = "plain"


@dataclass(frozen=True, slots=True)
class Choice:
    """A drop-down beside the buttons: at most 10 options of (id, text). `typed`: an example of what says the same
    behind the card's code, where no drop-down can be drawn."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    selected: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes to tick beside one button: at most 20 options of (id, text); `ticked` from the start. A press that hands no
    choice back under `key` means those."""

    key: str
    options: tuple[tuple[str, str], ...]
    ticked: tuple[str, ...] = ()
    many: bool = True


def spread(selected: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    """What was chosen, a pick under the name of what it is: pick → `minutes=15` becomes minutes → `15`."""
    if PICK not in selected:
        return selected
    found = {key: chosen for key, chosen in selected.items() if key != PICK}
    for one in selected[PICK]:
        name, is_one, value = one.partition("=")
        if is_one:
            found[name] = (*found.get(name, ()), value)
    return found
