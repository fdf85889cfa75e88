"""How far back a platform's list of created orders reaches (reference sheet: history reachable)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

REACH: Final = {"jd": timedelta(days=730)}
USUAL: Final = timedelta(days=90)
"""Taobao says three months, Pinduoduo and Douyin 90 days; what states nothing is asked for no more."""


def reach_of(platform: str) -> timedelta:
    return REACH.get(platform, USUAL)
