"""Towns of the cities that have no districts: 小榄镇 is in 中山, whatever city is written before it.
`division_towns.txt`: the city, then its towns and street districts, former ones that people still write among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

_TOWNS: Final = Path(__file__).with_name("division_towns.txt")
_OF_IT: Final = re.compile(r"[东西南北中]?(?:路|大?街(?!道)|大道|巷|村|口)")


@cache
def towns() -> Mapping[str, tuple[str, ...]]:
    """City → its towns, whole names."""
    lines = (line.split(" ") for line in _TOWNS.read_text(encoding="utf-8").splitlines())
    return {city: tuple(below) for city, *below in lines}


def elsewhere(city: str, detail: str) -> tuple[str, str] | None:
    """The town that `detail` begins with and the city that it lies in, where that is another city of the table; None
    for the city's own towns, for those of cities outside the table, and for what no city of the table has."""
    if city not in towns():
        return None
    for other, below in towns().items():
        for town in below if other != city else ():
            if detail.startswith(town) and not _OF_IT.match(detail, len(town)):
                return town, other
    return None
