"""The card service: what it refuses, where it delivers, who sees which data (dingtalk.md 3.1-3.3, 3.6)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.ding_hub import GROUP, KEY, PUBLIC, Ding

Json = dict[str, Any]
FIELDS = "fields must be a list of objects with the texts label, value"


def results(told: Json) -> list[tuple[str, bool]]:
    return [(one["spaceType"], one["success"]) for one in told["result"]["deliverResults"]]


# creating


def test_a_card_lies_in_the_group_for_everybody(d: Ding) -> None:
    told = d.create(d.card())
    assert told["success"] is True
    assert told["result"]["outTrackId"] == "t-1"
    only = told["result"]["deliverResults"][0]
    assert (only["spaceType"], only["spaceId"], only["success"]) == ("IM_GROUP", GROUP, True)
    assert only["carrierId"]
    for who in ("xiaoli", "waiguan"):
        body = d.shown(who)
        assert (body["title"], body["tone"], body["template"]) == ("超时未发货", "warn", d.settings.card_template)
        assert [one["key"] for one in body["buttons"]] == ["claim", "done"]


def test_a_card_lies_one_to_one(d: Ding) -> None:
    assert results(d.create(d.card_for("dt-laowang"))) == [("IM_ROBOT", True)]
    assert d.shown("laowang", "ding")["title"] == "超时未发货"
    assert d.bench.shown("xiaoli", "ding") == []


def test_a_union_id_names_a_person_where_the_request_says_so(d: Ding) -> None:
    union = d.part.union_id("dt-laowang")
    assert results(d.create(d.card_for(union, userIdType=2))) == [("IM_ROBOT", True)]
    assert results(d.create(d.card_for(union, track="t-2"))) == [("IM_ROBOT", False)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cardTemplateId": None}, "param.cardTemplateIdEmpty"),
        ({"cardTemplateId": "another.schema"}, "param.templateNotExist"),
        ({"outTrackId": ""}, "param.outTrackIdEmpty"),
        ({"cardData": None}, "param.cardPublicDataEmpty"),
        ({"cardData": {}}, "param.cardPublicDataEmpty"),
        ({"openSpaceId": None}, "param.openSpaceIdEmpty"),
        ({"openSpaceId": f"IM_GROUP.{GROUP}"}, "param.openSpaceIdInvalid"),
        ({"openSpaceId": f"dtv1.card//im_group.{GROUP}"}, "param.openSpaceIdInvalid"),
        ({"openSpaceId": "dtv1.card//IM_GROUP"}, "param.openSpaceIdInvalid"),
        ({"openSpaceId": f"dtv1.card//IM_GROUP.{GROUP};IM_GROUP.{GROUP}"}, "param.openSpaceIdInvalid"),
        ({"imGroupOpenSpaceModel": {}}, "param.openSpaceModelInvalid"),
        ({"imGroupOpenSpaceModel": {"supportForward": "no"}}, "param.openSpaceModelInvalid"),
        ({"imGroupOpenDeliverModel": None}, "param.openDeliverModelEmpty"),
        ({"imGroupOpenDeliverModel": {"robotCode": "other"}}, "param.openDeliverModelError"),
        ({"imGroupOpenDeliverModel": {"atUserIds": {}}}, "param.openDeliverModelError"),
        ({"imGroupOpenDeliverModel": {"robotCode": KEY, "recipients": "x"}}, "param.openDeliverModelError"),
        ({"callbackType": "stream"}, "param.invalid"),
        ({"callbackType": "HTTP"}, "param.invalid"),
        ({"userIdType": 3}, "param.invalid"),
        ({"privateData": {"nobody": {"cardParamMap": {}}}}, "param.userIdNotExist"),
        ({"privateData": {"dt-xiaoli": {"note": "x"}}}, "param.invalid"),
        ({"privateData": []}, "param.invalid"),
    ],
)
def test_what_is_required_is_required(d: Ding, change: Json, code: str) -> None:
    answer = d.call("POST", "/v1.0/card/instances/createAndDeliver", d.card(**change))
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert d.bench.shown("xiaoli", "dgroup") == []
    if change.get("outTrackId") is None:
        assert results(d.create(d.card())) == [("IM_GROUP", True)], "the id is still free"


def test_a_robot_card_needs_its_own_deliver_model(d: Ding) -> None:
    wrong = d.card_for("dt-xiaoli", imRobotOpenDeliverModel={"spaceType": "IM"})
    assert d.create(wrong)["code"] == "param.openDeliverModelError"
    assert d.create(d.card_for("dt-xiaoli", imRobotOpenDeliverModel=None))["code"] == "param.openDeliverModelEmpty"


def test_a_body_that_is_no_object_is_refused(d: Ding) -> None:
    assert d.post("/v1.0/card/instances/createAndDeliver", [1])["code"] == "param.isNotJson"


# data


@pytest.mark.parametrize(
    ("data", "code", "noted"),
    [
        ({"title": 1}, "MissingStringValue", "card: cardData.title is int, all values are texts"),
        ({"buttons": []}, "MissingStringValue", "card: cardData.buttons is list, all values are texts"),
        ({"title": None}, "MissingStringValue", "card: cardData.title is NoneType, all values are texts"),
        ({"body": "字" * 342}, "param.invalid", "card: cardData.body has 1026 bytes, 1024 are allowed"),
        ({"k" * 101: ""}, "param.invalid", f"card: cardData has a key of more than 100 bytes: {'k' * 40}"),
    ],
)
def test_values_are_short_texts(d: Ding, data: Json, code: str, noted: str) -> None:
    assert d.create(d.card(cardData={"cardParamMap": data}))["code"] == code
    assert d.errors() == [noted]


def test_a_value_of_one_kilobyte_fits(d: Ding) -> None:
    assert results(d.create(d.card(cardData={"cardParamMap": {"title": "x", "body": "字" * 341}}))) == [
        ("IM_GROUP", True)
    ]


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        ({"buttons": "no json"}, "card t-1: buttons is no JSON"),
        ({"fields": '[{"label": "金额"}]'}, f"card t-1: {FIELDS}"),
        ({"fields": '[{"label": "金额", "value": 1}]'}, f"card t-1: {FIELDS}"),
        ({"tone": "red"}, "card t-1: tone is 'red'"),
        ({"buttons": '[{"text": "好", "key": "a", "style": "blue"}]'}, "card t-1: a button's style is 'blue'"),
        ({"choices": '[{"id": "a", "text": "好"}]'}, "card t-1: choices without a choice_key"),
        (
            {"buttons": '[{"text": "好", "key": "a", "style": "main"}]', "menu": '[{"text": "好", "key": "a"}]'},
            "card t-1: two controls with the key 'a'",
        ),
    ],
)  # fmt: skip
def test_what_the_own_template_cannot_read_is_noted_and_not_shown(d: Ding, data: Json, noted: str) -> None:
    assert results(d.create(d.card(cardData={"cardParamMap": data}))) == [("IM_GROUP", True)]
    assert d.errors() == [noted]


def test_public_templates_may_be_used_with_their_variables(d: Ding) -> None:
    buttons = [
        {"text": "认领", "color": "blue", "id": "claim", "request": True},
        {"text": "打开", "color": "gray", "url": "https://example.com", "iosUrl": "https://example.com"},
    ]
    data = {
        "title": "看板",
        "markdown": "**12** 单",
        "tips": "现在",
        "sys_full_json_obj": json.dumps({"msgButtons": buttons}),
    }
    d.create(d.card(cardTemplateId=PUBLIC, cardData={"cardParamMap": data}))
    body = d.shown()
    assert (body["title"], body["markdown"], body["tips"]) == ("看板", "**12** 单", "现在")
    assert body["buttons"] == [
        {"text": "认领", "key": "claim", "style": "main", "url": ""},
        {"text": "打开", "key": "", "style": "plain", "url": "https://example.com"},
    ]


@pytest.mark.parametrize(
    "buttons",
    [
        [{"text": "好"}],
        [{"text": "好", "request": True}],
        [{"id": "a", "request": True}],
        [{"text": "好", "color": "green"}],
        1,
    ],
)
def test_broken_buttons_of_a_public_template_are_noted(d: Ding, buttons: Any) -> None:
    data = {"title": "x", "sys_full_json_obj": json.dumps({"msgButtons": buttons})}
    d.create(d.card(cardTemplateId=PUBLIC, cardData={"cardParamMap": data}))
    assert d.shown()["buttons"] == []
    assert len(d.errors()) == 1


# delivering


def test_success_at_the_top_does_not_mean_delivered(d: Ding) -> None:
    d.control(robot_in_group=False)
    told = d.create(d.card())
    assert told["success"] is True
    only = told["result"]["deliverResults"][0]
    assert (only["success"], only["carrierId"], only["errorMsg"]) == (False, "", "机器人不在群内")
    assert d.bench.shown("xiaoli", "dgroup") == []


def test_each_space_has_its_own_result(d: Ding) -> None:
    both = d.card(
        openSpaceId=f"dtv1.card//IM_GROUP.{GROUP};dtv1.card//IM_ROBOT.nobody;dtv1.card//ONE_BOX.x",
        imRobotOpenDeliverModel={"spaceType": "IM_ROBOT"},
    )
    assert results(d.create(both)) == [("IM_GROUP", True), ("IM_ROBOT", False), ("ONE_BOX", False)]


def test_a_group_that_does_not_exist_takes_nothing(d: Ding) -> None:
    assert results(d.create(d.card(openSpaceId="dtv1.card//IM_GROUP.cidOTHER=="))) == [("IM_GROUP", False)]


def test_an_id_that_is_used_again_has_no_effect(d: Ding) -> None:
    first = d.create(d.card())
    again = d.create(d.card(cardData={"cardParamMap": {"title": "新的"}}))
    assert again == first
    assert [one["body"]["title"] for one in d.bench.shown("xiaoli", "dgroup")] == ["超时未发货"]
    assert d.part.remarks == ["card: outTrackId t-1 is used already, its new data has no effect"]
    assert d.post("/v1.0/card/instances", d.card())["code"] == "param.cardAlreadyExist"


def test_creating_and_delivering_may_be_two_calls(d: Ding) -> None:
    created = d.post("/v1.0/card/instances", d.card())
    assert created == {"success": True, "result": "t-1"}
    assert d.bench.shown("xiaoli", "dgroup") == []
    where = {"outTrackId": "t-1", "openSpaceId": f"dtv1.card//IM_GROUP.{GROUP}"}
    model = {"imGroupOpenDeliverModel": {"robotCode": KEY}}
    assert d.post("/v1.0/card/instances/deliver", where)["code"] == "param.openDeliverModelEmpty"
    told = d.post("/v1.0/card/instances/deliver", where | model)
    assert told["result"][0]["success"] is True
    assert d.shown()["title"] == "超时未发货"
    unknown = d.post("/v1.0/card/instances/deliver", where | model | {"outTrackId": "other"})
    assert unknown["code"] == "param.cardNotExist"


def test_recipients_alone_see_a_card_and_the_mentioned_are_named(d: Ding) -> None:
    model = {"robotCode": KEY, "recipients": ["dt-xiaoli", "dt-laowang"], "atUserIds": {"dt-laowang": "老王"}}
    d.create(d.card(imGroupOpenDeliverModel=model))
    assert d.shown("xiaoli")["at"] == ["laowang"]
    assert d.bench.shown("zhaojie", "dgroup") == []
    state = {who: d.bench.get("/phones/api/state", who=who)["unread"]["dgroup"] for who in ("laowang", "zhaojie")}
    assert state == {"laowang": 1, "zhaojie": 0}


def test_everybody_may_be_mentioned(d: Ding) -> None:
    d.create(d.card(imGroupOpenDeliverModel={"robotCode": KEY, "atUserIds": {"@ALL": "@ALL"}}))
    assert len(d.shown()["at"]) == 5


# updating


def test_an_update_reaches_everybody_in_every_place(d: Ding) -> None:
    both = d.card(
        openSpaceId=f"dtv1.card//IM_GROUP.{GROUP};dtv1.card//IM_ROBOT.dt-laowang",
        imRobotOpenDeliverModel={"spaceType": "IM_ROBOT"},
    )
    d.create(both)
    assert d.update(done_text="好了") == {"success": True, "result": True}
    assert (d.shown("xiaoli")["done_text"], d.shown("xiaoli")["title"]) == ("好了", "超时未发货")
    assert d.shown("laowang", "ding")["done_text"] == "好了"


def test_without_by_key_everything_else_is_gone(d: Ding) -> None:
    d.create(d.card(privateData={"dt-xiaoli": {"cardParamMap": {"note": "你的", "code": "A7F2"}}}))
    told = {"outTrackId": "t-1", "cardData": {"cardParamMap": {"title": "新"}}}
    d.put("/v1.0/card/instances", told | {"privateData": {"dt-xiaoli": {"cardParamMap": {"note": "改"}}}})
    body = d.shown("xiaoli")
    assert (body["title"], body["buttons"], body["note"], body["code"]) == ("新", [], "改", "")


def test_private_data_win_and_fall_back(d: Ding) -> None:
    data = {"cardParamMap": {"title": "公", "note": "大家的"}}
    d.create(d.card(cardData=data, privateData={"dt-xiaoli": {"cardParamMap": {"note": "小李的"}}}))
    assert (d.shown("xiaoli")["note"], d.shown("xiaoli")["title"]) == ("小李的", "公")
    assert d.shown("laowang")["note"] == "大家的"
    d.update(private={"dt-laowang": {"note": "老王的"}}, note="大家的新")
    assert [d.shown(who)["note"] for who in ("xiaoli", "laowang", "zhaojie")] == ["小李的", "老王的", "大家的新"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"cardData": {"cardParamMap": {}}}, "param.outTrackIdEmpty"),
        ({"outTrackId": "other", "cardData": {"cardParamMap": {}}}, "param.cardNotExist"),
        ({"outTrackId": "t-1"}, "param.cardDataAndPrivateDataBothEmpty"),
        ({"outTrackId": "t-1", "cardData": {}, "privateData": {}}, "param.cardDataAndPrivateDataBothEmpty"),
        ({"outTrackId": "t-1", "cardData": {"title": "x"}}, "param.cardPublicDataEmpty"),
        ({"outTrackId": "t-1", "privateData": {"nobody": {"cardParamMap": {}}}}, "param.userIdNotExist"),
        ({"outTrackId": "t-1", "cardData": {"cardParamMap": {}}, "cardUpdateOptions": []}, None),
        ({"outTrackId": "t-1", "cardData": {"cardParamMap": {}}, "cardUpdateOptions": [1]}, "param.invalid"),
    ],
)
def test_a_wrong_update_is_refused(d: Ding, body: Json, code: str | None) -> None:
    d.create(d.card())
    assert d.put("/v1.0/card/instances", body).get("code") == code


def test_an_update_is_held_to_the_same_rules(d: Ding) -> None:
    d.create(d.card())
    assert d.put("/v1.0/card/instances", {"outTrackId": "t-1", "cardData": {"cardParamMap": {"title": True}}})["code"]
    assert "bool" in d.errors()[0]
    d.update(colour="red", tone="red")
    assert d.errors() == ["card: cardData.colour is no variable of the template", "card t-1: tone is 'red'"]


# callback addresses


def test_an_address_is_registered_once_and_replaced_by_force(d: Ding) -> None:
    body = {"callbackRouteKey": "orders-v1", "callbackUrl": "https://hub.example/card", "apiSecret": "s"}
    told = d.post("/v1.0/card/callbacks/register", body)
    assert told == {"success": True, "result": {"callbackUrl": "https://hub.example/card", "apiSecret": "s"}}
    again = d.call("POST", "/v1.0/card/callbacks/register", body)
    assert (again.status_code, again.json()["code"]) == (500, "param.callbackRouteKeyExist")
    assert d.post("/v1.0/card/callbacks/register", body | {"forceUpdate": True})["success"] is True
    assert d.post("/v1.0/card/callbacks/register", {"callbackUrl": "https://x"})["code"] == "param.empty"
    assert d.post("/v1.0/card/callbacks/register", body | {"callbackUrl": "card"})["code"] == "param.invalid"
