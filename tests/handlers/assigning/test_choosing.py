"""To whom a matter goes: skill, then who has little, of those on shift with room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from handlers.assigning.choosing import Choice, Hand, choose

TAGS = ("kind:refund_preship", "platform:jd")


def test_who_is_good_at_it_goes_before_who_has_less() -> None:
    hands = [Hand(1, "小李", 0), Hand(2, "王五", 3, frozenset({"kind:refund_preship"}))]
    assert choose(hands, TAGS, 15) == Choice(2, "在班、手上 3 件", "kind:refund_preship")


def test_of_equals_who_has_least_gets_it() -> None:
    hands = [Hand(1, "小李", 4), Hand(2, "王五", 3), Hand(3, "小张", 5)]
    assert choose(hands, TAGS, 15) == Choice(2, "在班、手上 3 件")


def test_who_is_good_at_other_things_comes_last_but_comes() -> None:
    other = Hand(1, "小李", 0, frozenset({"kind:short_stock"}))
    assert choose([other, Hand(2, "王五", 9)], TAGS, 15).staff_id == 2
    assert choose([other], TAGS, 15).staff_id == 1


def test_an_expert_who_is_full_or_off_shift_gets_nothing_more() -> None:
    full = Hand(1, "小李", 15, frozenset({TAGS[0]}))
    asleep = Hand(2, "王五", 0, frozenset({TAGS[0]}), here=False)
    assert choose([full, asleep, Hand(3, "小张", 7)], TAGS, 15).staff_id == 3


def test_nobody_free_is_said_and_why() -> None:
    assert choose([Hand(1, "小李", 15)], TAGS, 15) == Choice(None, "在班的都满了（每人最多 15 件）")
    assert choose([Hand(1, "小李", 0, here=False)], TAGS, 15) == Choice(None, "现在没有人在班")
    assert choose([], TAGS, 15).staff_id is None


@given(
    st.lists(
        st.builds(
            Hand, staff_id=st.integers(1, 9), name=st.just("甲"), load=st.integers(0, 6), here=st.booleans(),
            skills=st.frozensets(st.sampled_from([*TAGS, "kind:other"])),
        ),
        unique_by=lambda one: one.staff_id,
    ),
    st.integers(1, 6),
)  # fmt: skip
def test_whatever_the_hands_nobody_gets_more_than_the_cap_nor_off_shift(hands: list[Hand], cap: int) -> None:
    found = choose(hands, TAGS, cap)
    free = [one for one in hands if one.here and one.load < cap]
    assert (found.staff_id is None) == (not free)
    assert found.staff_id is None or found.staff_id in {one.staff_id for one in free}


def test_whose_order_it_is_goes_before_all_as_long_as_there_is_room() -> None:
    hands = [Hand(1, "小李", 3), Hand(2, "王五", 0, frozenset({TAGS[0]}))]
    assert choose(hands, TAGS, 15, usual=1) == Choice(1, "这一单由小李跟进、在班、手上 3 件")
    assert choose(hands, TAGS, 3, usual=1).staff_id == 2
