"""Goods of the month that have a story: nobody without one buys them."""

from __future__ import annotations

SHORT = ("QH-CURTAIN-2", "QH-LAMP-NTR", "QH-BOARD-M")
"""Goods that run out, and come again."""
GIVEN_UP = ("QH-HANGER-20", "QH-PILLOW-L")
"""Goods that run out for good: whoever bought them is paid back."""
UNMAPPED = ("QH-KNIFE-3", "QH-HANGER-50", "QH-BOX-S", "QH-MAT-60", "QH-TISSUE-24")
"""Goods whose code stands in no stock list."""
FLOORED, FLOOR_YUAN = "QH-PAN-28", 120.0
"""Goods with a floor price, and that price."""
ASKED_ABOUT = "QH-KETTLE-15"
"""Goods of which the company wants to ask purchasing each time: a rule of its own."""
FINANCE_YUAN = 5000
APART = frozenset({*SHORT, *GIVEN_UP, *UNMAPPED, FLOORED, ASKED_ABOUT})
