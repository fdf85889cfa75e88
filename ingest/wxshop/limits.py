"""How often WeChat Shop lets an application call (reference sheet 7: "about"). The console has the real figures;
`calls_per_minute` and `calls_per_day` in hub.toml name them."""

from __future__ import annotations

from typing import Final

from ingest.budget import DAY, MINUTE, Limit
from ingest.gate import Party

PARTY: Final = Party("wxshop", "微信小店接口")
LIMITS: Final = (Limit(10_000, MINUTE), Limit(500_000, DAY))
