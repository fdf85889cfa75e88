"""Half width for what people type in full width."""

from __future__ import annotations

from typing import Final

NARROW: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
"""For `str.translate`: full-width letters, digits and signs, and the blanks that are none."""
NARROW_DIGITS: Final = {wide: NARROW[wide] for wide in range(ord("０"), ord("９") + 1)}
"""Digits alone, where the rest of the text is shown as it was written."""
