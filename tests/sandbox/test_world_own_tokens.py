from __future__ import annotations

from sandbox.clock import Clock
from sandbox.world_own_tokens import OwnTokens
from tests.sandbox import START


def test_a_token_that_the_platform_ends_early_is_followed_by_another() -> None:
    tokens = OwnTokens(Clock(standing_at=START), "sandbox-own-token-0001")
    first, _ = tokens.fetch()
    tokens.end_early()
    assert tokens.alive(first) is False
    second, seconds = tokens.fetch()
    assert (second != first, seconds, tokens.alive(second)) == (True, 7200, True)


def test_a_secret_that_was_reset_leaves_no_token_alive() -> None:
    tokens = OwnTokens(Clock(standing_at=START), "sandbox-own-token-0001")
    first, _ = tokens.fetch()
    tokens.expire()
    assert (tokens.withdrawn, tokens.alive(first)) == (True, False)
