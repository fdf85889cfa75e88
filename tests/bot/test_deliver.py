"""What is owed goes out once: under limits, over dead deliverers, two at a time, down the ladder."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from bot import settle
from bot.card import Card, Text
from bot.channels.sending import Change, Form, Reaction, Resolution, SendError, Whose
from bot.deliver import LEASE, deliver
from bot.ladder import LADDER, channels_of_stream, ways
from bot.owed import body_of
from config import Settings, parse
from handlers.letters import lost
from handlers.owe import Owed, owe
from handlers.people import find_actor
from models import Case, Customer, Notification, SentCard, Staff, Vault
from tests.bot.channels.wechat_oa.test_render import GOOD
from tests.bot.conftest import CUSTOMER, Town, a_case
from tests.bot.samples import NOW
from tests.bot.scene import BUSY, GONE, SLOW, USED, Desks, Scene, keep_case, keep_sent
from tests.conftest import settings_document

SINCE = f"{int(NOW.timestamp()):x}"  # when the scene's messages are owed


@pytest.fixture
def scene(desks: Desks, settings: Settings, redis: Redis, people: dict[str, int]) -> Scene:
    return Scene(desks, settings, redis, people)


def test_a_text_goes_to_its_person_and_is_marked(scene: Scene) -> None:
    scene.owe()
    report = scene.run()
    assert (report.sent, report.waiting, report.failed, report.again_at) == (1, 0, 0, None)
    (parcel,) = scene.app.parcels
    assert (parcel.recipient, parcel.drawing, parcel.is_group) == ("xiaoli", Text("好"), False)
    row = scene.row()
    assert (row.state, row.msgid, row.sent_at) == ("sent", "msg-1", NOW)
    assert scene.run().sent == 0


def test_a_private_text_is_opened_on_the_way_and_forgotten_after(scene: Scene, vault: Vault) -> None:
    scene.owe(body=body_of(Text("13812341234", private=True), vault))
    scene.run()
    assert scene.app.parcels[0].drawing == Text("13812341234", private=True)
    assert scene.row().body == {}


def test_a_card_is_drawn_from_the_state_of_the_moment(scene: Scene) -> None:
    case = keep_case(scene)
    scene.owe("group", "card", subject=f"case:{case.id}", body={})
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(reason="缺门牌号", revision=5))
    scene.run()
    (parcel,) = scene.bot.parcels
    assert isinstance(parcel.drawing, Card)
    assert (parcel.recipient, parcel.is_group, parcel.key) == ("wrDEMO01", True, f"case-{case.id}-r5-n1-{SINCE}")
    assert "缺门牌号" in parcel.drawing.body
    with scene.open_desk() as desk:
        sent = desk.session.scalars(select(SentCard)).one()
    assert (sent.channel, sent.task_id, sent.revision, sent.response_code) == ("wecom_bot", parcel.key, 5, "code-1")
    assert sent.response_expires_at == NOW + timedelta(hours=72)
    assert scene.row().body == {}


def offered(card: object) -> set[str]:
    assert isinstance(card, Card)
    return {button.text for button in (*card.buttons, *card.menu)}


def test_a_card_to_one_person_offers_what_that_person_may_press(scene: Scene) -> None:
    subject = f"case:{keep_case(scene).id}"
    for name in ("xiaoli", "laowang"):
        scene.owe("staff", "card", str(scene.people[name]), subject=subject, body={})
    scene.owe("group", "card", subject=subject, body={})
    scene.run()
    service, warehouse = (parcel.drawing for parcel in scene.app.parcels)
    assert offered(warehouse) == {"刷新", "有用", "误报"}
    assert offered(service) > {"认领", "转交", "刷新"}
    assert offered(scene.bot.parcels[0].drawing) == offered(service)


def test_an_edit_offers_each_reader_what_that_reader_may_press(scene: Scene) -> None:
    subject = f"case:{keep_case(scene).id}"
    with scene.open_desk() as desk:
        for number, recipient in enumerate(("xiaoli", "laowang", "xiaoli|chenjie")):
            keep_sent(desk, subject, number, recipient=recipient, revision=0)
    scene.owe(purpose="edit", subject=subject, body={})
    scene.run()
    seen = {change.task_id: offered(change.card) for change in scene.app.changes}
    assert seen["t-1"] == {"刷新", "有用", "误报"}
    assert seen["t-0"] == seen["t-2"] > {"认领", "转交", "刷新"}


def test_a_card_that_healed_before_it_went_out_is_dropped(scene: Scene) -> None:
    case = keep_case(scene)
    scene.owe("group", "card", subject=f"case:{case.id}")
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(state="solved", solved_at=NOW + timedelta(minutes=1)))
    assert scene.run().dropped == 1
    assert not scene.bot.parcels
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(solved_at=NOW - timedelta(minutes=1)))
    scene.owe("group", "card", subject=f"case:{case.id}", key="k2")
    assert scene.run().sent == 1, "a result that is meant to be told is told"


def test_retries_back_off_and_end_in_failure_that_is_said_once(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.app.fails = [SendError(BUSY, -1)] * 8
    scene.owe()
    waits, at = [], scene.now
    for _ in range(7):
        report = scene.run()
        assert (report.waiting, report.failed) == (1, 0)
        assert report.again_at is not None
        waits.append((report.again_at - scene.now).total_seconds())
        scene.now = report.again_at
    assert waits == [2, 8, 30, 120, 120, 120, 120]
    assert scene.now - at < timedelta(minutes=10), "a service account remembers doubles for ten minutes"
    report = scene.run()
    assert (report.failed, report.sent) == (1, 1)
    assert "message_undelivered" in capsys.readouterr().out
    told = [row for row in scene.rows() if row.dedupe_key.startswith("undelivered")]
    assert [row.recipient for row in told] == [str(scene.people["chenjie"])]
    assert "忙" in told[0].body["text"]
    assert scene.app.parcels[-1].recipient == "chenjie"


def test_what_was_lost_keeps_its_words_for_a_week_to_be_sent_again(scene: Scene, vault: Vault) -> None:
    scene.app.fails, scene.bot.fails = [SendError(GONE)], [SendError(GONE)]
    scene.owe(body=body_of(Text("13812341234", private=True), vault))
    assert scene.run().failed == 1
    assert "13812341234" not in str(scene.row().body), "sealed"
    with scene.open_desk() as desk:
        supervisor = find_actor(desk, "chenjie", "wecom_app")
        assert supervisor is not None
        lost.again(desk, supervisor, lost.Asked(scene.row().id))
    scene.redis.flushall()
    assert scene.run().sent == 1
    assert scene.app.parcels[-1].drawing == Text("13812341234", private=True)
    assert (scene.row().state, scene.row().body) == ("sent", {})
    scene.app.fails, scene.bot.fails = [SendError(GONE)], [SendError(GONE)]
    scene.owe(key="k2")
    scene.run()
    with scene.open_desk() as desk:
        settle.forget(desk)
    assert kept(scene) == [{"text": "好"}]
    scene.now += timedelta(days=8)
    with scene.open_desk() as desk:
        settle.forget(desk)
    assert kept(scene) == [{}]


def kept(scene: Scene) -> list[dict[str, Any]]:
    """The bodies of what failed, without what tells the supervisor of it."""
    return [row.body for row in scene.rows() if row.state == "failed" and row.dedupe_key.startswith("k")]


def test_one_that_was_sent_again_has_a_day_of_its_own(scene: Scene) -> None:
    scene.owe()
    scene.app.fails, scene.bot.fails = [SendError(GONE)], [SendError(GONE)]
    scene.run()
    scene.app.fails = [SendError(SLOW)]
    scene.now += timedelta(days=3)
    with scene.open_desk() as desk:
        supervisor = find_actor(desk, "chenjie", "wecom_app")
        assert supervisor is not None
        lost.again(desk, supervisor, lost.Asked(scene.row().id))
    scene.redis.flushall()
    assert scene.run().waiting == 1, "though it was owed three days ago"


def test_telling_of_a_failure_may_fail_in_silence(scene: Scene) -> None:
    scene.app.fails = [SendError(GONE)] * 4
    scene.ways.senders = {"wecom_app": scene.app}
    for number in range(2):
        scene.owe(key=f"k{number}")
    scene.run()
    scene.run()
    assert [row.state for row in scene.rows()] == ["failed", "failed", "failed"]


def test_a_supervisor_is_not_told_in_vain_of_the_own_message(scene: Scene) -> None:
    scene.app.fails = [SendError(GONE)]
    scene.ways.senders = {"wecom_app": scene.app}
    scene.owe(recipient=str(scene.people["chenjie"]))
    scene.run()
    assert len(scene.rows()) == 1


def test_surplus_waits_and_no_try_is_lost(scene: Scene) -> None:
    scene.app.wait = 17.5
    scene.owe()
    report = scene.run()
    assert (report.waiting, report.again_at) == (1, NOW + timedelta(seconds=17.5))
    assert scene.row().tries == 0
    assert not scene.app.parcels
    scene.app.wait = 0
    assert scene.run(after=timedelta(seconds=18)).sent == 1


def test_a_platform_that_says_wait_is_not_a_failed_try_but_not_for_ever(scene: Scene) -> None:
    scene.app.fails = [SendError(SLOW)] * 3
    scene.owe()
    report = scene.run()
    assert (report.again_at, scene.row().tries) == (NOW + timedelta(seconds=60), 0)
    assert scene.run(after=timedelta(hours=25)).failed == 1


def test_a_platform_that_says_nothing_is_waited_out_but_not_for_ever(scene: Scene) -> None:
    scene.app.fails = [SendError(BUSY, unknown=True)] * 60
    scene.owe()
    for _ in range(30):
        assert scene.run(after=timedelta(minutes=2)).waiting == 1
    scene.app.fails = []
    assert scene.run(after=timedelta(minutes=2)).sent == 1, "an hour later"
    scene.app.fails = [SendError(BUSY)] * 2
    scene.owe(key="k2")
    assert scene.run().waiting == 1
    assert scene.run(after=timedelta(hours=25)).failed == 1


def test_a_deliverer_that_died_is_followed_by_one_that_sends_the_same(scene: Scene) -> None:
    case = keep_case(scene)
    scene.owe("group", "card", subject=f"case:{case.id}")
    scene.bot.fails = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        scene.run()
    first = scene.bot.parcels[0]
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(reason="另一个原因", revision=9))
    assert scene.run().sent == 0, "its lease still runs"
    assert scene.run(after=LEASE).sent == 1
    again = scene.bot.parcels[1]
    assert (again.key, again.drawing) == (first.key, first.drawing)
    assert (first.again, again.again) == (False, True)


def test_a_known_failure_is_drawn_anew(scene: Scene) -> None:
    case = keep_case(scene)
    scene.owe("group", "card", subject=f"case:{case.id}")
    scene.bot.fails = [SendError(BUSY, 6000)]
    scene.run()
    with scene.open_desk() as desk:
        desk.session.execute(update(Case).values(revision=9))
    scene.run(after=timedelta(seconds=2))
    revisions = [parcel.drawing.revision for parcel in scene.bot.parcels if isinstance(parcel.drawing, Card)]
    assert revisions == [1, 9]


def test_one_that_kills_its_deliverers_is_given_up(scene: Scene) -> None:
    scene.owe()
    with scene.open_desk() as desk:
        desk.session.execute(update(Notification).values(tries=8))
    assert scene.run().failed == 1
    assert [parcel.recipient for parcel in scene.app.parcels] == ["chenjie"], "only that it failed is told"


def test_a_bug_in_a_sender_stops_nobody_else(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    scene.app.fails = [ZeroDivisionError()]
    scene.owe(key="k1")
    scene.owe(key="k2")
    report = scene.run()
    assert (report.waiting, report.sent) == (1, 1)
    assert "ZeroDivisionError" in capsys.readouterr().out


def test_one_that_cannot_be_drawn_stops_nobody_else(scene: Scene) -> None:
    scene.owe(purpose="riddle", key="k1")
    scene.owe(key="k2")
    report = scene.run()
    assert (report.waiting, report.sent) == (1, 1)
    assert scene.row().tries == 1


def test_two_deliverers_send_each_row_once(scene: Scene) -> None:
    for number in range(20):
        scene.owe(key=f"k{number}")
    threads = [threading.Thread(target=scene.run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(parcel.key for parcel in scene.app.parcels) == sorted(f"n{row.id}-{SINCE}" for row in scene.rows())
    assert {row.state for row in scene.rows()} == {"sent"}


def test_who_comes_back_too_late_writes_nothing_down(scene: Scene) -> None:
    scene.owe()
    late = settle.Claim(1, 1, "k", "staff", "1", "case:1", NOW, NOW)
    with scene.open_desk() as desk:
        desk.session.execute(update(Notification).values(state="sending", tries=2))
        assert settle.settle(desk, late, settle.Outcome("owed", "忙")) is None
    assert scene.row().state == "sending"


# the ladder


def test_a_rung_that_refuses_for_good_leads_to_the_next(scene: Scene) -> None:
    case = keep_case(scene)
    scene.bot.fails = [SendError(Resolution(Reaction.GIVE_UP, Whose.HUB, "群里不能发卡片"))]
    scene.owe("group", "card", subject=f"case:{case.id}")
    assert scene.run().sent == 1
    assert (scene.app.parcels[0].recipient, scene.app.parcels[0].is_group) == ("xiaoli", False)


def test_at_the_end_stands_a_text_with_the_short_code(scene: Scene) -> None:
    case = keep_case(scene)
    no = SendError(GONE)
    scene.bot.fails, scene.app.fails = [no, None], [no]
    scene.owe("group", "card", subject=f"case:{case.id}")
    assert scene.run().sent == 1
    text = scene.bot.parcels[1].drawing
    assert isinstance(text, Text)
    assert "回复" in text.markdown
    with scene.open_desk() as desk:
        assert desk.session.scalars(select(SentCard)).all() == []


def test_where_no_card_may_be_pushed_the_role_gets_it(desks: Desks, redis: Redis, people: dict[str, int]) -> None:
    document: dict[str, Any] = settings_document()
    document["bot"]["push_group_cards"] = False
    scene = Scene(desks, parse(document), redis, people)
    case = keep_case(scene, role="purchasing")
    scene.owe("group", "card", subject=f"case:{case.id}")
    scene.owe("group", "text", key="k2")
    scene.owe("group", "card", subject=f"order:{case.order_id}", key="k3")
    scene.run()
    assert [parcel.recipient for parcel in scene.app.parcels] == ["chenjie", "chenjie"], "nobody buys: the supervisor"
    assert [parcel.drawing for parcel in scene.bot.parcels] == [Text("好")], "a text still goes into the group"


def test_without_an_app_the_bot_writes_to_the_person(scene: Scene) -> None:
    del scene.ways.senders["wecom_app"]
    scene.owe()
    scene.run()
    assert [parcel.recipient for parcel in scene.bot.parcels] == ["xiaoli"]
    assert not scene.bot.parcels[0].is_group


def test_somebody_who_left_is_not_written_to(scene: Scene) -> None:
    with scene.open_desk() as desk:
        desk.session.execute(update(Staff).where(Staff.wecom_userid == "xiaoli").values(active=False))
    scene.owe()
    scene.owe(recipient="nobody", key="k2")
    assert scene.run().failed == 2


def test_a_channel_nobody_configured_drops_its_messages(scene: Scene) -> None:
    del scene.ways.senders["wechat_oa"]
    scene.owe("customer", "template", CUSTOMER, body={"template": "shipped", "values": GOOD})
    assert scene.run().dropped == 1
    del scene.ways.senders["wecom_app"]
    scene.owe("group", "edit", body={"task_id": "t", "response_code": "c"}, subject="case:1", key="k2")
    assert scene.run().dropped == 1


def test_who_delivers_what(settings: Settings, redis: Redis) -> None:
    document: dict[str, Any] = settings_document()
    assert channels_of_stream(settings) == ("group",)
    assert ways(settings, redis, home="worker").channels == tuple(one for one in LADDER if one != "group")
    assert channels_of_stream(parse({**document, "wecom": None})) == ("group", "staff")
    by_url = parse({**document, "bot": {**document["bot"], "mode": "callback"}})
    assert channels_of_stream(by_url) == ()
    assert ways(by_url, redis, home="worker").channels == tuple(LADDER)
    assert ways(parse({**document, "bot": None}), redis, home="stream").channels == ()


# customers


def follows(scene: Scene) -> None:
    with scene.open_desk() as desk:
        desk.session.add(Customer(shop_id=1, buyer_key="b", openid=CUSTOMER, bound_at=NOW))


def test_a_customer_gets_a_form(scene: Scene) -> None:
    follows(scene)
    scene.owe("customer", "template", CUSTOMER, body={"template": "shipped", "values": GOOD})
    scene.run()
    form = scene.official.parcels[0].drawing
    assert isinstance(form, Form)
    assert (form.template, form.values, form.filled["wechat_oa"].problem) == ("shipped", GOOD, "")
    assert scene.official.parcels[0].recipient == CUSTOMER


def test_a_customer_who_left_is_written_to_no_more(scene: Scene) -> None:
    follows(scene)
    scene.official.fails = [SendError(GONE)]
    scene.owe("customer", "template", CUSTOMER, body={"template": "shipped", "values": GOOD})
    assert scene.run().failed == 1
    with scene.open_desk() as desk:
        assert desk.session.scalars(select(Customer)).one().state == "unfollowed"
    assert len(scene.rows()) == 1


# edits


def test_an_edit_changes_what_can_still_change(scene: Scene) -> None:
    case = keep_case(scene, revision=2)
    subject = f"case:{case.id}"
    with scene.open_desk() as desk:
        keep_sent(desk, subject, 1)
        keep_sent(desk, subject, 2, response_code="")
        keep_sent(desk, subject, 3, response_expires_at=NOW)
        keep_sent(desk, subject, 4, revision=2)
        keep_sent(desk, subject, 5, channel="wecom_bot")
        keep_sent(desk, "case:99", 6)
    scene.owe("group", "edit", subject=subject, body={})
    assert scene.run().sent == 1
    assert [(change.task_id, change.response_code, change.userids) for change in scene.app.changes] == [
        ("t-1", "code-1", ())
    ]
    with scene.open_desk() as desk:
        first = desk.session.scalars(select(SentCard).where(SentCard.task_id == "t-1")).one()
    assert (first.revision, first.response_code) == (2, "")
    scene.owe("group", "edit", subject=subject, body={}, key="k2")
    assert scene.run().dropped == 1


def test_a_channel_that_hangs_holds_up_nobody_else(scene: Scene) -> None:
    follows(scene)
    silence = SendError(Resolution(Reaction.RETRY, Whose.PLATFORM, "没有应答"), unknown=True)
    scene.app.fails = [silence]
    for number in range(5):
        scene.owe(key=f"k{number}")
    scene.owe("customer", "template", CUSTOMER, body={"template": "shipped", "values": GOOD}, key="c")
    report = scene.run()
    assert len(scene.app.parcels) == 1, "one time-out, not five"
    assert (report.waiting, len(scene.official.parcels)) == (5, 1)
    assert scene.run(timedelta(seconds=31)).sent == 5
    assert len({parcel.key for parcel in scene.app.parcels}) == 5


def test_a_used_code_is_dropped_in_silence_a_busy_platform_tried_again(scene: Scene) -> None:
    case = keep_case(scene, revision=2)
    with scene.open_desk() as desk:
        for number in (1, 2):
            keep_sent(desk, f"case:{case.id}", number)
    scene.app.fails = [SendError(USED), SendError(BUSY)]
    scene.owe("group", "edit", subject=f"case:{case.id}", body={})
    assert scene.run().waiting == 1
    assert scene.run(after=timedelta(seconds=2)).sent == 1
    assert [change.task_id for change in scene.app.changes] == ["t-1", "t-2", "t-2"]


def test_an_edit_of_nothing_is_dropped(scene: Scene) -> None:
    scene.owe("group", "edit", subject="case:404", body={})
    scene.owe("staff", "edit", subject="case:404", body={"task_id": "t", "response_code": "c"}, key="k2")
    assert scene.run().dropped == 2


def test_a_pressed_card_shows_what_the_press_answered(scene: Scene, vault: Vault) -> None:
    card = Card("确定忽略？", "case:1", 1)
    body = {"task_id": "t-1", "response_code": "fresh", "userids": ["xiaoli"], **body_of(card, vault)}
    scene.owe("staff", "edit", body=body)
    assert scene.run().sent == 1
    assert scene.app.changes == [Change(card, "t-1", "fresh", ("xiaoli",))]


# with the platform's stand-in


def test_a_hundred_messages_to_one_person_lose_none(
    town: Town, town_conf: Settings, desks: Desks, redis: Redis, people: dict[str, int], sessions: sessionmaker[Session]
) -> None:
    clock: list[datetime] = [NOW]
    open_desk = desks(town_conf, lambda: clock[0])
    with open_desk() as desk:
        owe(
            desk,
            [Owed(f"k{n}", "staff", "text", "x", str(people["xiaoli"]), {"text": f"第 {n} 条"}) for n in range(100)],
        )
    worker = ways(town_conf, redis, home="worker")
    report = deliver(open_desk, worker, lambda: clock[0])
    assert (report.sent + report.merged, report.waiting, report.failed) == (100, 0, 0)
    assert 18 < report.sent <= 27, "one by one while there is room, then many in one"
    said = "\n".join(town.texts("app:xiaoli"))
    assert all(f"第 {n} 条" in said for n in range(100))
    assert not town.wecom.dropped


def test_long_messages_to_one_person_wait_for_the_next_minute(
    town: Town, town_conf: Settings, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    clock: list[datetime] = [NOW]
    open_desk = desks(town_conf, lambda: clock[0])
    with open_desk() as desk:
        words = "很长的一条。" * 60
        owe(desk, [Owed(f"k{n}", "staff", "text", "x", str(people["xiaoli"]), {"text": f"{n} {words}"})
                   for n in range(40)])  # fmt: skip
    worker = ways(town_conf, redis, home="worker")
    report = deliver(open_desk, worker, lambda: clock[0])
    assert (report.sent, report.waiting, report.failed) == (27, 13, 0), "a tenth is kept for alerts"
    for _ in range(2):  # a minute later: ours counts by the wall, the platform by its own clock
        redis.flushall()
        clock[0] += timedelta(seconds=61)
        town.state.clock.move(61)
        deliver(open_desk, worker, lambda: clock[0])
    assert len(set(town.texts("app:xiaoli"))) == 40
    assert not town.wecom.dropped


def test_a_press_comes_back_as_a_changed_card(
    town: Town, town_conf: Settings, desks: Desks, redis: Redis, people: dict[str, int]
) -> None:
    open_desk = desks(town_conf)
    with open_desk() as desk:
        case = a_case(desk.session)
        owe(desk, [Owed("k", "staff", "card", f"case:{case.id}", str(people["xiaoli"]))])
    worker = ways(town_conf, redis, home="worker")
    assert deliver(open_desk, worker, lambda: NOW).sent == 1
    with open_desk() as desk:
        desk.session.execute(update(Case).values(revision=2, state="solved", solved_at=NOW, solution="已确认"))
        owe(desk, [Owed("k2", "staff", "edit", f"case:{case.id}")])
    assert deliver(open_desk, worker, lambda: NOW).sent == 1
    (message,) = town.chat("app:xiaoli")
    assert message.body_for("xiaoli")["replace_text"]
    assert not town.complaints
