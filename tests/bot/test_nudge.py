"""One matter, one card: a repetition points to the card that stands there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select, update

from bot.card import Card, Text
from bot.channels.sending import SendError
from bot.nudge import occasion_of, tier_of
from config import Settings
from handlers import owe as owing
from handlers.owe import Owed, owe
from models import Case, Notification, SentCard, Staff
from tests.bot.scene import BUSY, Desks, Scene, answer_lost, keep_case


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def told(scene: Scene, *occasions: str, who: str = "chenjie") -> list[type]:
    """What kind of message each occasion becomes, one after the other."""
    case = keep_case(scene)
    for occasion in occasions:
        with scene.open_desk() as desk:
            owe(desk, [owing.card(case.id, occasion, staff_id=scene.people[who])])
        scene.run(after=timedelta(minutes=1))
    return [type(parcel.drawing) for parcel in scene.app.parcels]


@pytest.mark.parametrize(
    ("key", "occasion", "tier"),
    [
        ("case:12:open:group", "open", 0),
        ("case:12:step1:staff:3", "step1", 1),
        ("case:12:step2:staff:3", "step2", 2),
        ("case:12:step7:staff:3", "step7", 2),
        ("case:12:assigned3:staff:3", "assigned3", 0),
        ("case:121:step2:staff:3", "", 0),
        ("answer:wecom_app:m-1", "", 0),
        ("morning:7", "", 0),
    ],
)
def test_why_a_card_is_owed_is_in_its_key(key: str, occasion: str, tier: int) -> None:
    row = Notification(dedupe_key=key, subject="case:12")
    assert (occasion_of(row), tier_of(row)) == (occasion, tier)


def test_a_higher_tier_is_a_card_the_same_tier_again_is_a_line(scene: Scene) -> None:
    assert told(scene, "open", "step1", "step2", "step3", "step4") == [Card, Card, Card, Text, Text]
    line = scene.app.parcels[-1].drawing
    assert isinstance(line, Text)
    assert "地址模糊" in line.markdown
    assert "上面的卡片" in line.markdown
    assert "已确认" in line.markdown
    assert line.markdown.count("\n") == 0
    with scene.open_desk() as desk:
        assert list(desk.session.scalars(select(SentCard.tier).order_by(SentCard.id))) == [0, 1, 2]


def test_a_new_owner_and_a_matter_that_grew_are_cards(scene: Scene) -> None:
    assert told(scene, "step2", "assigned2", "assigned3", "count50", "days7") == [Card] * 5


def test_what_was_asked_for_is_a_card(scene: Scene) -> None:
    told(scene, "step2")
    case_id = 1
    with scene.open_desk() as desk:
        owe(desk, [Owed("answer:wecom_app:m", "staff", "card", f"case:{case_id}", str(scene.people["chenjie"]))])
    scene.run()
    assert isinstance(scene.app.parcels[-1].drawing, Card)


def test_a_card_that_changes_no_more_is_sent_anew(scene: Scene) -> None:
    assert told(scene, "step2") == [Card]
    with scene.open_desk() as desk:
        desk.session.execute(update(SentCard).values(response_code=""))
    assert told_again(scene, "step3") is Card
    assert told_again(scene, "step4", after=timedelta(hours=1)) is Text
    assert told_again(scene, "step5", after=timedelta(hours=73)) is Card, "its code is too old"


def told_again(scene: Scene, occasion: str, after: timedelta = timedelta(minutes=1)) -> type:
    with scene.open_desk() as desk:
        case_id = desk.session.scalars(select(Case.id)).one()
        owe(desk, [owing.card(case_id, occasion, staff_id=scene.people["chenjie"])])
    scene.run(after=after)
    return type(scene.app.parcels[-1].drawing)


def test_another_persons_card_is_none_of_theirs(scene: Scene) -> None:
    assert told(scene, "step2", who="laowang") == [Card]
    assert told_again(scene, "step3") is Card


def test_one_that_went_to_several_stands_in_each_chat(scene: Scene) -> None:
    case = keep_case(scene)
    with scene.open_desk() as desk:
        for recipient in ("xiaoli|chenjie|laowang", "bigchenjie|laowang"):
            desk.session.add(
                SentCard(
                    channel="wecom_app",
                    recipient=recipient,
                    task_id=recipient,
                    subject=f"case:{case.id}",
                    revision=1,
                    response_code="c",
                    response_expires_at=scene.now + timedelta(hours=1),
                    sent_at=scene.now,
                    tier=2,
                )
            )
    assert told_again(scene, "step3") is Text
    with scene.open_desk() as desk:
        desk.session.execute(update(SentCard).where(SentCard.recipient.startswith("xiaoli")).values(response_code=""))
    assert told_again(scene, "step4") is Card


def test_a_card_that_nobody_can_change_is_repeated(scene: Scene) -> None:
    """The bot's: only the answer to a press changes it."""
    del scene.ways.senders["wecom_app"]
    case = keep_case(scene)
    for occasion in ("step2", "step3"):
        with scene.open_desk() as desk:
            owe(desk, [owing.card(case.id, occasion, staff_id=scene.people["chenjie"])])
        scene.run()
    assert [type(parcel.drawing) for parcel in scene.bot.parcels] == [Card, Card]


def test_on_dingtalk_it_stands_for_good(scene: Scene) -> None:
    scene.ways.senders = {"dingtalk": scene.ding}
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).values(dingtalk_userid=Staff.wecom_userid))
    case = keep_case(scene)
    for number, occasion in enumerate(("step2", "step3", "step4")):
        with scene.open_desk() as desk:
            owe(desk, [owing.card(case.id, occasion, staff_id=scene.people["chenjie"])])
        scene.run(after=timedelta(hours=number * 100))
    scene.run(after=timedelta(hours=12))
    assert [type(parcel.drawing) for parcel in scene.ding.parcels] == [Card, Text, Text]


def test_the_line_is_the_same_when_its_answer_is_lost(scene: Scene) -> None:
    told(scene, "step2")
    scene.app.fails = [answer_lost()]
    told_again(scene, "step3")
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(reason="别的原因", kind="stale_stage", revision=7))
    scene.run(after=timedelta(minutes=1))
    _, first, second = scene.app.parcels
    assert (first.key, first.drawing) == (second.key, second.drawing)
    assert isinstance(second.drawing, Text)
    assert scene.row(1).state == "sent"


def test_after_a_known_failure_it_is_looked_at_anew(scene: Scene) -> None:
    told(scene, "step2")
    scene.app.fails = [SendError(BUSY, 6000)]
    told_again(scene, "step3")
    with scene.open_desk() as desk:
        desk.session.execute(update(SentCard).values(response_code=""))
    scene.run(after=timedelta(minutes=1))
    assert [type(parcel.drawing) for parcel in scene.app.parcels] == [Card, Text, Card]
