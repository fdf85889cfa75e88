"""Presses on cards: what the hub is told, whom its answer reaches, what is no press (dingtalk.md 3.4, 3.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.ding_hub import CARD, GROUP, PUBLIC, Ding

Json = dict[str, Any]
CHOICES = {
    "title": "派给谁",
    "choice_title": "负责人",
    "choice_key": "who",
    "choices": json.dumps([{"id": "laowang", "text": "老王"}, {"id": "zhaojie", "text": "赵姐"}], ensure_ascii=False),
    "buttons": json.dumps([{"text": "指派", "key": "assign", "style": "main"}], ensure_ascii=False),
    "menu": json.dumps([{"text": "转给别人", "key": "pass_on"}], ensure_ascii=False),
}


def answer(**parts: Json) -> Json:
    options = {"updateCardDataByKey": True, "updatePrivateDataByKey": True}
    return {"response": {"cardUpdateOptions": options} | parts}


def data(**values: Any) -> Json:
    return {"cardParamMap": values}


def test_the_hub_is_told_who_pressed_what_where(d: Ding) -> None:
    client = d.connect()
    d.create(d.card())
    d.press("laowang", "claim")
    frame, body = client.wait(0, CARD), client.pressed()
    assert frame["type"] == "CALLBACK"
    content = json.loads(body.pop("content"))
    assert body == {
        "type": "actionCallback",
        "outTrackId": "t-1",
        "corpId": "dingdemo0000000001",
        "userId": "dt-laowang",
        "userIdType": 1,
        "spaceType": "im",
        "spaceId": GROUP,
        "extension": "{}",
    }
    assert content == {"cardPrivateData": {"actionIds": ["btn"], "params": {"key": "claim", "choice": ""}}}


def test_a_choice_and_the_menu_are_told_too_and_the_choice_is_kept(d: Ding) -> None:
    client = d.connect()
    d.create(d.card(cardData=data(**CHOICES)))
    d.press("chenjie", "assign", selected={"who": ["zhaojie"]})
    d.press("chenjie", "pass_on")
    first, second = (json.loads(client.pressed(number)["content"])["cardPrivateData"] for number in (0, 1))
    assert first == {"actionIds": ["btn"], "params": {"key": "assign", "choice": "zhaojie"}}
    assert second == {"actionIds": ["menu"], "params": {"key": "pass_on", "choice": ""}}
    assert d.bench.shown("chenjie", "dgroup")[-1]["picked"] == {"who": ["zhaojie"]}
    assert d.bench.shown("xiaoli", "dgroup")[-1]["picked"] == {}


def test_a_button_of_a_public_template_tells_its_id(d: Ding) -> None:
    client = d.connect()
    buttons = [{"text": "认领", "color": "blue", "id": "k1.t1", "request": True}]
    shown = data(title="看板", sys_full_json_obj=json.dumps({"msgButtons": buttons}))
    d.create(d.card_for("dt-xiaoli", cardTemplateId=PUBLIC, cardData=shown))
    d.press("xiaoli", "k1.t1", "ding")
    told = client.pressed()
    assert told["spaceId"] == "dt-xiaoli"
    assert json.loads(told["content"])["cardPrivateData"] == {"actionIds": ["k1.t1"], "params": {"id": "k1.t1"}}


def test_a_card_made_with_union_ids_tells_union_ids(d: Ding) -> None:
    client = d.connect()
    d.create(d.card(userIdType=2))
    d.press("laowang", "claim")
    assert (client.pressed()["userId"], client.pressed()["userIdType"]) == (d.part.union_id("dt-laowang"), 2)


def test_the_answer_reaches_the_clicker_alone(d: Ding) -> None:
    d.connect(lambda frame: (200, answer(cardData=data(done_text="成了"), userPrivateData=data(note="只有你"))))
    d.create(d.card())
    told = d.press("laowang", "claim")
    assert told["kind"] == "card_update"
    mine, others = d.shown("laowang"), d.shown("xiaoli")
    assert (mine["done_text"], mine["note"], mine["title"]) == ("成了", "只有你", "超时未发货")
    assert (others["done_text"], others["note"]) == ("", "")


def test_an_update_for_everybody_overtakes_what_the_answer_showed(d: Ding) -> None:
    d.connect(lambda frame: (200, answer(cardData=data(done_text="成了", code="A7F2"))))
    d.create(d.card())
    d.press("laowang", "claim")
    d.update(done_text="老王认领")
    assert (d.shown("laowang")["done_text"], d.shown("laowang")["code"]) == ("老王认领", "A7F2")
    d.put("/v1.0/card/instances", {"outTrackId": "t-1", "cardData": data(title="全新")})
    assert (d.shown("laowang")["title"], d.shown("laowang")["code"]) == ("全新", "")


def test_an_answer_without_by_key_overwrites_what_the_clicker_saw(d: Ding) -> None:
    d.connect(lambda frame: (200, {"response": {"cardData": data(title="只剩标题")}}))
    d.create(d.card())
    d.press("laowang", "claim")
    assert (d.shown("laowang")["title"], d.shown("laowang")["buttons"]) == ("只剩标题", [])
    assert len(d.shown("xiaoli")["buttons"]) == 2


@pytest.mark.parametrize("told", [None, {"response": None}, {"response": "OK"}, {"response": {}}, "OK"])
def test_an_answer_without_data_changes_nothing(d: Ding, told: Any) -> None:
    d.connect(lambda frame: (200, told))
    d.create(d.card())
    outcome = d.press("laowang", "claim")
    assert (outcome["answered"], outcome["kind"]) == (True, "empty")


@pytest.mark.parametrize(
    ("part", "noted"),
    [
        ({"cardData": data(title=1)}, "the answer's cardData.title is int"),
        ({"userPrivateData": data(note="字" * 400)}, "the answer's userPrivateData.note has 1200 bytes"),
        ({"userPrivateData": {"dt-laowang": data(note="x")}}, "userPrivateData must be"),
    ],
)
def test_a_broken_answer_is_noted_and_changes_nothing(d: Ding, part: Json, noted: str) -> None:
    d.connect(lambda frame: (200, answer(**part)))
    d.create(d.card())
    before = d.shown("laowang")
    assert d.press("laowang", "claim")["kind"] == "protocol_error"
    assert d.shown("laowang") == before
    assert any(noted in one for one in d.errors())


def test_an_answer_after_two_seconds_counts_no_more(d: Ding) -> None:
    d.switch(card_seconds=0.05)
    client = d.connect(lambda frame: None)
    d.create(d.card())
    assert d.press("laowang", "claim")["why"] == "timeout"
    client.ack(client.wait(0, CARD), 200, answer(cardData=data(done_text="太晚")))
    d.bench.say("xiaoli", "dgroup", "之后")
    assert d.bench.shown("laowang", "dgroup")[0]["body"]["done_text"] == ""


def test_two_people_press_at_once_and_each_sees_the_own_answer(d: Ding) -> None:
    def own(frame: Json) -> tuple[int, Any]:
        who = json.loads(frame["data"])["userId"]
        return 200, answer(userPrivateData=data(note=who))

    d.connect(own)
    d.create(d.card())
    for who in ("laowang", "xiaoli"):
        d.press(who, "claim")
    assert [d.shown(who)["note"] for who in ("laowang", "xiaoli", "zhaojie")] == ["dt-laowang", "dt-xiaoli", ""]


@pytest.mark.parametrize(
    ("who", "key", "more", "why"),
    [
        ("laowang", "nothing", {}, "没有这个按钮"),
        ("laowang", "assign", {"selected": {"who": ["nobody"]}}, "没有这个选项"),
        ("laowang", "assign", {"selected": {"other": ["laowang"]}}, "没有这个问题"),
        ("laowang", "assign", {"selected": {"who": ["laowang", "zhaojie"]}}, "只能选一项"),
        ("zhaojie", "assign", {}, "看不到"),
        ("laowang", "assign", {"message_id": "m0"}, "没有这张卡片"),
    ],
)
def test_what_no_thumb_can_do_is_refused(d: Ding, who: str, key: str, more: Json, why: str) -> None:
    model = {"robotCode": d.settings.app_key, "recipients": ["dt-laowang"]}
    d.create(d.card(cardData=data(**CHOICES), imGroupOpenDeliverModel=model))
    card = d.bench.shown("laowang", "dgroup")[-1]["id"]
    told = d.bench.post("/phones/api/press", {"who": who, "message_id": card, "key": key} | more)
    assert why in told["error"]


def test_a_card_that_calls_nobody_tells_nobody(d: Ding) -> None:
    client = d.connect()
    d.create(d.card(callbackType=None))
    assert d.press("laowang", "claim")["answered"] is False
    assert all(one["type"] == "SYSTEM" for one in client.frames)


def test_a_link_that_sends_a_message_says_it_as_whoever_taps_it(d: Ding) -> None:
    client = d.connect()
    link = "dtmd://dingtalkclient/sendMessage?content=A7F2+%E5%AE%8C%E6%88%90"
    d.say_to("dt-laowang", key="sampleActionCard", title="好了吗", text="**A7F2**", singleTitle="完成", singleURL=link)
    assert d.press("laowang", link, "ding")["answered"] is True
    assert client.said()["text"]["content"] == "A7F2 完成"
    assert "只能打开链接" in d.press_last("laowang", "https://example.com", "ding")["error"]
