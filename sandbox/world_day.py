"""When orders arrive over a day and which story each of them tells."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sandbox.clock import BEIJING
from sandbox.world_goods import JD, PDD, TAOBAO
from sandbox.world_scenes import KINDS

# Relative weight of each hour in Beijing: a small peak before noon, a large one in the evening, hardly any at night.
HOURS = (3, 2, 1, 1, 1, 2, 4, 7, 10, 14, 16, 15, 13, 13, 14, 15, 14, 13, 13, 16, 20, 22, 18, 9)
MEAN = sum(HOURS) / len(HOURS)

SHARES = {TAOBAO: 40, PDD: 35, JD: 25}
OPENING_SPAN = timedelta(hours=6)
LATER_DECK = 160


class Arrivals:
    """A Poisson process whose rate follows the curve of the day, by thinning."""

    def __init__(self, seed: int, orders_a_minute: float, start: datetime) -> None:
        self._rng = random.Random(f"{seed}/arrivals")
        self._peak_a_second = orders_a_minute / 60 * max(HOURS) / MEAN
        self._at = start

    def next_at(self) -> datetime | None:
        if self._peak_a_second <= 0:
            return None
        while True:
            self._at += timedelta(seconds=self._rng.expovariate(self._peak_a_second))
            if self._rng.random() * max(HOURS) < HOURS[self._at.astimezone(BEIJING).hour]:
                return self._at


def opening_times(seed: int, count: int, opened_at: datetime) -> list[datetime]:
    """Arrival times of the orders that are already there, oldest first; the oldest is close to six hours old."""
    rng = random.Random(f"{seed}/opening")
    step = OPENING_SPAN / max(count, 1)
    return [opened_at - OPENING_SPAN + step * (index + rng.random() * 0.9) for index in range(count)]


class Deck:
    """Stories are dealt like cards, so that every kind turns up early and none in a clump by bad luck."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(f"{seed}/deck")
        self._opening: list[str] = []
        self._later: list[str] = []

    def draw(self, opening: bool) -> tuple[str, str]:
        """(platform, kind) of the next order."""
        cards = self._opening if opening else self._later
        if not cards:
            cards.extend(self._shuffled(opening))
        kind = cards.pop()
        platforms = [platform for platform in KINDS[kind].platforms if platform in SHARES]
        weights = [SHARES[platform] for platform in platforms]
        return self._rng.choices(platforms, weights)[0], kind

    def _shuffled(self, opening: bool) -> list[str]:
        cards = [name for name, scene in KINDS.items() for _ in range(scene.at_opening if opening else scene.later)]
        if not opening:
            cards += ["plain"] * max(LATER_DECK - len(cards), 0)
        self._rng.shuffle(cards)
        return cards
