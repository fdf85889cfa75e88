"""The card of many orders: the question, the count, the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.card import Card, Tone, as_text
from bot.cards import draw
from bot.channels import CHANNELS
from handlers.batches.view import BatchRow, BatchView, LeftOut
from handlers.buttons import Ticks
from tests.bot.channels.test_channels import SLOW, assert_fits, rendered
from tests.bot.samples import NOW, PEN, VIEWS, WORDS, batch


def card(view: object) -> Card:
    assert isinstance(view, BatchView)
    drawing = draw(view, PEN)
    assert isinstance(drawing, Card)
    return drawing


def test_the_question_says_how_many_how_much_since_when_and_what_is_left_out() -> None:
    drawn = card(VIEWS["batch"])
    assert drawn.title == "审核 38 单，¥5,244？"
    assert drawn.subtitle == "全部 · 最久 TB-20251222-001 已停留 3 小时 12 分"
    first, second, *_, last = drawn.body.split("\n")
    assert first == "不含 9 单：已锁定 8 单（TB-20251222-011 等）、买家申请退款 1 单（JD-20251222-005）"
    assert second == "TB-20251222-001 北欧风陶瓷餐盘 8 寸 白 ×2 ¥138 剩 1 小时"
    assert last == "…还有 30 单"
    assert [button.text for button in drawn.buttons] == ["确认", "取消"]
    assert drawn.submit is None


def test_where_only_text_can_go_it_is_answered_by_its_number() -> None:
    assert "回复 批7 确认、批7 取消" in as_text(card(VIEWS["batch"])).markdown


def test_few_are_boxes_with_a_yes_below() -> None:
    drawn = card(VIEWS["batch_ticks"])
    assert drawn.boxes is not None
    assert drawn.submit is not None
    assert (drawn.boxes.many, len(drawn.boxes.options), len(drawn.boxes.ticked)) == (True, 3, 3)
    assert drawn.submit.text == "确认"
    assert drawn.body.startswith("TB-20251222-001 顺丰速运 SF1234567890121 ¥138")
    assert "批7 取消" in drawn.typed


def test_what_must_be_looked_at_is_a_warning() -> None:
    drawn = card(VIEWS["batch_doubts"])
    assert drawn.tone is Tone.WARN
    assert drawn.quote == "请核对：单号和快递对不上：TB-20251222-002 顺丰 YT1234567890123"
    assert drawn.boxes is None


def test_what_buyers_will_read_is_shown_before_it_goes_out() -> None:
    drawn = card(VIEWS["batch_sample"])
    sample = "发给买家：亲，您购买的马克杯暂时缺货，到货后优先为您发出。"
    assert drawn.quote == sample
    doubted = card(batch(sample=sample, doubts=("还不知道什么时候到货",)))
    assert doubted.quote == "请核对：还不知道什么时候到货", "a warning takes the place of honour"
    assert doubted.body.startswith(f"{sample}\n不含 9 单")
    done = card(batch(state="done", sample=sample, offers=()))
    assert "发给买家" not in f"{done.quote}{done.body}"


def test_how_far_it_is_and_how_it_ended() -> None:
    running = card(VIEWS["batch_running"])
    assert running.title == "审核：处理中 120/400"
    assert [button.text for button in running.buttons] == ["撤销"]
    done = card(VIEWS["batch_done"])
    assert (done.title, done.subtitle) == ("审核：办成 37 单，1 单没有办成", "全部 · 10:01 前可撤销")
    assert done.body == "TB-20251222-004：问过以后又有变化（平台上留言：换成蓝色），请再看一眼"
    later = card(batch(state="done", waiting=0, done=38, undo_until=NOW - timedelta(seconds=1), offers=()))
    assert (later.title, later.subtitle, later.buttons, later.tone) == ("审核：办成 38 单", "全部", (), Tone.GOOD)
    back = card(VIEWS["batch_undone"])
    assert (back.title, back.done_text, back.buttons) == ("审核已撤销 36 单，1 单没有动", "小李已撤销", ())
    undoing = card(batch(state="undoing", waiting=0, done=120))
    assert undoing.title == "撤销审核：处理中，还有 120 单"


@pytest.mark.parametrize(
    ("state", "words"), [("cancelled", "小李已取消，什么都没有动"), ("expired", "10 分钟没有确认，什么都没有动")]
)
def test_what_came_to_nothing_says_so_and_offers_nothing(state: str, words: str) -> None:
    drawn = card(batch(state=state))
    assert (drawn.done_text, drawn.buttons, drawn.boxes) == (words, (), None)


LONG = st.builds(
    batch,
    state=st.sampled_from(["asked", "running", "done", "undoing", "undone", "cancelled", "expired"]),
    scope=WORDS,
    words=WORDS,
    note=WORDS,
    who=WORDS,
    tags=st.lists(WORDS, max_size=8).map(tuple),
    rows=st.lists(st.builds(BatchRow, WORDS, WORDS, st.integers(0, 10**9), st.just(NOW)), max_size=8).map(tuple),
    left=st.lists(st.builds(LeftOut, WORDS, st.integers(1, 500), st.just(("TB-1",))), max_size=5).map(tuple),
    doubts=st.lists(WORDS, max_size=3).map(tuple),
    sample=WORDS,
    named=st.lists(st.tuples(WORDS, WORDS), max_size=10).map(tuple),
    unnamed=st.integers(0, 500),
    ticks=st.none()
    | st.builds(
        Ticks,
        key=st.just("orders"),
        options=st.lists(st.tuples(st.text("0123456789", min_size=1, max_size=9), WORDS), min_size=2, max_size=20).map(
            tuple
        ),
        ticked=st.just(()),
    ),
)


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=30, deadline=None, suppress_health_check=[*SLOW, HealthCheck.function_scoped_fixture])
@given(view=LONG)
def test_no_batch_is_too_long(channel: str, view: BatchView) -> None:
    assert_fits(channel, rendered(channel, card(view)))
