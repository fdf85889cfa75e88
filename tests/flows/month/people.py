"""Who works in the month's company, by what they do."""

from __future__ import annotations

from typing import Final

WHO: Final = {"service": "xiaoli", "warehouse": "laowang", "purchasing": "zhaojie", "supervisor": "chenjie"}
