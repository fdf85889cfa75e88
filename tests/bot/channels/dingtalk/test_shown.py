"""Of several who write one card the newest state stays, whoever comes last."""

from __future__ import annotations

import threading

import pytest
from redis import Redis

from bot.channels.dingtalk.client import DingSender
from bot.channels.dingtalk.shown import Shown
from bot.channels.sending import Change, Reaction, SendError
from tests.bot.channels.dingtalk.ding_town import DingTown
from tests.bot.channels.dingtalk.test_client import a_card, to_group
from tests.bot.conftest import NO_RETRY
from tests.waiting import eventually

TRACK = "case-12-r3-n1"


def changed(sender: DingSender, revision: int) -> None:
    sender.change(Change(a_card(revision), TRACK, "", channel="dingtalk"))


def puts(town: DingTown) -> int:
    return town.calls.get("PUT /v1.0/card/instances", 0)


def test_a_slow_worker_does_not_bring_an_older_state_back(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(a_card()))
    changed(sender, 5)
    changed(sender, 4)  # drawn before, sent after
    assert ding_town.cards("dgroup")[0]["revision"] == "5"
    assert puts(ding_town) == 1, "and it costs no call"


def test_the_same_state_may_be_sent_again(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(a_card()))
    changed(sender, 5)
    changed(sender, 5)
    assert puts(ding_town) == 2


def test_what_somebody_was_answered_with_is_not_taken_back(
    ding_town: DingTown, sender: DingSender, redis: Redis
) -> None:
    sender.send(to_group(a_card()))
    assert Shown(redis).reach(TRACK, 5) == 5
    changed(sender, 4)
    assert puts(ding_town) == 0
    changed(sender, 5)
    assert ding_town.cards("dgroup")[0]["revision"] == "5"


def test_two_changes_of_a_card_go_one_after_the_other(ding_town: DingTown, sender: DingSender, redis: Redis) -> None:
    sender.send(to_group(a_card()))
    with Shown(redis).turn(TRACK) as mine:
        assert mine
        with pytest.raises(SendError) as waiting:
            changed(sender, 4)
    assert (waiting.value.resolution.reaction, puts(ding_town)) == (Reaction.WAIT, 0)
    changed(sender, 4)
    assert puts(ding_town) == 1


def test_of_many_at_once_the_newest_stands_there(ding_town: DingTown, sender: DingSender) -> None:
    sender.send(to_group(a_card()))
    ding_town.ding.switches.set({"slow_answers": 0.05})

    def tried(revision: int) -> bool:
        try:
            changed(sender, revision)
        except SendError as error:
            return error.permanent  # else its turn comes
        return True

    def stubborn(revision: int) -> None:
        eventually(lambda: tried(revision), "its turn never comes")

    threads = [threading.Thread(target=stubborn, args=(revision,)) for revision in (7, 4, 6, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert ding_town.cards("dgroup")[0]["revision"] == "7"


def test_a_turn_is_given_back_by_whoever_has_it_alone(redis: Redis) -> None:
    shown = Shown(redis)
    with shown.turn(TRACK) as first:
        redis.delete(f"hub:dingtalk:turn:{TRACK}")  # it took too long
        with shown.turn(TRACK) as second:
            assert first
            assert second
        with shown.turn(TRACK) as third:
            assert third
            shown._give_back(f"hub:dingtalk:turn:{TRACK}", "somebody else's")
            with shown.turn(TRACK) as fourth:
                assert not fourth


def test_it_is_forgotten_after_two_minutes(redis: Redis) -> None:
    """A database that was restored from a backup counts from before: its states are not older for ever."""
    shown = Shown(redis)
    assert shown.newest(TRACK) is None
    assert [shown.reach(TRACK, revision) for revision in (7, 5, 8)] == [7, 7, 8]
    assert shown.newest(TRACK) == 8
    assert 0 < int(redis.ttl(f"hub:dingtalk:shown:{TRACK}")) <= 120


def test_without_redis_everybody_writes() -> None:
    away = Shown(Redis(port=9, retry=NO_RETRY))
    assert away.reach(TRACK, 4) == 4
    assert away.newest(TRACK) is None
