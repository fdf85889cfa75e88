"""What a view offers to press. Each names an action by its slug; who may press it is checked again on the press."""

from __future__ import annotations

from dataclasses import dataclass


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
    """A drop-down beside the buttons: at most 10 options of (id, text)."""

    key: str
    title: str
    options: tuple[tuple[str, str], ...]
    selected: str = ""


@dataclass(frozen=True, slots=True)
class Ticks:
    """Boxes to tick beside one button: at most 20 options of (id, text); `ticked` from the start. A press that hands no
    choice back under `key` means those."""

    key: str
    options: tuple[tuple[str, str], ...]
    ticked: tuple[str, ...] = ()
    many: bool = True
