"""A sandbox with DingTalk for the tests of its stand-in: one a file, a new day for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.chat_hub import Bench, bench
from tests.sandbox.ding_hub import Ding


@pytest.fixture(scope="module")
def ding_bench() -> Iterator[Bench]:
    with bench() as found:
        yield found


@pytest.fixture
def d(ding_bench: Bench) -> Iterator[Ding]:
    """What a test leaves in `protocol_errors` it did not expect: `d.errors()` takes them away."""
    ding = Ding(ding_bench.new_day())
    yield ding
    ding.part.gateway.close()
    assert ding_bench.chat.store.wait(lambda: not ding.part.gateway.links, 5)
    assert ding.part.protocol_errors == []
