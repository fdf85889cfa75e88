from __future__ import annotations

from ingest import MARKETPLACES
from models.sources import is_told


def test_what_the_hub_takes_for_told_is_what_the_sources_say() -> None:
    assert {platform: is_told(platform) for platform in MARKETPLACES} == {
        platform: source.told for platform, source in MARKETPLACES.items()
    }
