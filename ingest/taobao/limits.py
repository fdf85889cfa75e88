"""How often TOP lets an application call (reference sheet 3.8). The console has the real figures; `calls_per_day` in
hub.toml names them: an application that was not audited has 5 000."""

from __future__ import annotations

from typing import Final

from ingest.budget import DAY, Limit
from ingest.gate import Party

PARTY: Final = Party("taobao", "淘宝接口")
LIMITS: Final = (Limit(1_000_000, DAY),)  # an application of the service market
