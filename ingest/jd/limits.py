"""How often JOS lets an application call (reference sheet 4.7): only a test application's 500 a day are known, so
`calls_per_day` in hub.toml names what the console says; without it JD's own refusals are obeyed."""

from __future__ import annotations

from typing import Final

from ingest.budget import Limit
from ingest.gate import Party

PARTY: Final = Party("jd", "京东接口")
LIMITS: Final[tuple[Limit, ...]] = ()
