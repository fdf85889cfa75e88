"""Places that the whole country knows by name: 北京市 清华大学 needs no district. `known_places.txt`: the province, the
city, then who is there."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

_PLACES: Final = Path(__file__).with_name("known_places.txt")
_LEAD: Final = re.compile(r"[\u4e00-\u9fff]{2,12}?(?:大学|学院|医院)(?!城|路|街|站|附近|周边|科技园|对|旁)")


@cache
def _known() -> dict[str, list[tuple[str, str]]]:
    """Name → where it stands: several cities, where it has a house in each."""
    known: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in _PLACES.read_text(encoding="utf-8").splitlines():
        province, city, *names = line.split(" ")
        for name in names:
            known[name].append((province, city))
    return known


def fixed_by_name(detail: str, province: str, city: str) -> bool:
    """Whether `detail` begins with a place that lies in this province, and in this city (or in one alone, where none is
    named)."""
    found = _LEAD.match(detail)
    houses = _known().get(found[0], []) if found else []
    if city:
        return (province, city) in houses
    return len(houses) == 1 and houses[0][0] == province
