"""The WeChat Shop stand-in gives tokens, speaks and refuses as the platform does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.world import World
from sandbox.wxshop import WxShop, wxshop_of
from tests.sandbox import TIMEOUT, Json, Shop, open_shop

LIST = "/channels/ec/order/list/get"
NUMBER = "YT1234567890123"


@dataclass
class Client:
    shop: Shop

    @property
    def world(self) -> World:
        return self.shop.world

    @property
    def part(self) -> WxShop:
        return wxshop_of(self.shop.state)

    def post(self, path: str, body: Any, **query: str) -> requests.Response:
        return requests.post(f"{self.shop.url}/wxshop{path}", params=query, json=body, timeout=TIMEOUT)

    def fetch(self, **changes: Any) -> Json:
        keys = self.shop.state.company.wxshop
        asked = {"grant_type": "client_credential", "appid": keys.appid, "secret": keys.secret, "force_refresh": False}
        reply: Json = self.post("/cgi-bin/stable_token", asked | changes).json()
        return reply

    def call(self, path: str, body: Any, token: str | None = None) -> Json:
        reply: Json = self.post(path, body, access_token=token or self.fetch()["access_token"]).json()
        return reply

    def list(self, *, minutes: tuple[int, int] = (60, 0), **changes: Any) -> Json:
        now = int(self.shop.clock.epoch())
        span = {"start_time": now - minutes[0] * 60, "end_time": now - minutes[1] * 60}
        return self.call(LIST, {"update_time_range": span, "page_size": 2, "next_key": ""} | changes)

    def order(self, number: str) -> Json:
        found: Json = self.call("/channels/ec/order/get", {"order_id": number})["order"]
        return found


@pytest.fixture
def client() -> Iterator[Client]:
    with open_shop() as opened:
        yield Client(opened)


# -- tokens


def test_the_same_token_comes_back_until_it_is_almost_over(client: Client) -> None:
    first = client.fetch()
    assert first["expires_in"] == 7200
    client.shop.clock.move(6600)
    again = client.fetch()
    assert (again["access_token"], again["expires_in"]) == (first["access_token"], 600)
    client.shop.clock.move(400)
    assert client.fetch()["access_token"] != first["access_token"]


def test_a_token_ends_after_two_hours(client: Client) -> None:
    token = client.fetch()["access_token"]
    client.shop.clock.move(7200)
    assert client.call(LIST, {}, token)["errcode"] == 42001


def test_force_makes_a_new_one_at_most_every_half_minute_and_the_old_one_ends(client: Client) -> None:
    first = client.fetch()["access_token"]
    second = client.fetch(force_refresh=True)["access_token"]
    assert second != first
    assert client.call(LIST, {}, first)["errcode"] == 42001
    assert client.fetch(force_refresh=True)["access_token"] == second
    for _ in range(19):
        client.shop.clock.move(30)
        assert "access_token" in client.fetch(force_refresh=True)
    client.shop.clock.move(30)
    assert client.fetch(force_refresh=True)["errcode"] == 45009


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"appid": "wx0"}, 40013), ({"secret": "wrong"}, 40125), ({"grant_type": "password"}, 40002)],
)
def test_wrong_keys_get_no_token(client: Client, changes: Json, code: int) -> None:
    assert client.fetch(**changes)["errcode"] == code


def test_a_reset_secret_gives_no_token_and_ends_those_that_were_given(client: Client) -> None:
    token = client.fetch()["access_token"]
    client.shop.control("expire", {"platform": "wxshop"})
    assert client.fetch()["errcode"] == 40125
    assert client.call(LIST, {}, token)["errcode"] == 42001


def test_every_refusal_is_http_200_with_a_code(client: Client) -> None:
    reply = client.post(LIST, {})
    assert (reply.status_code, reply.json()["errcode"]) == (200, 41001)
    assert client.post(LIST, {}, access_token="forged").json()["errcode"] == 40001
    assert "rid: " in reply.json()["errmsg"]
    got = requests.get(f"{client.shop.url}/wxshop{LIST}?access_token={client.fetch()['access_token']}", timeout=TIMEOUT)
    assert got.json()["errcode"] == 43002
    assert client.call(LIST, [])["errcode"] == 47001
    assert client.call("/channels/ec/order/nothing", {})["errcode"] == 40066


def test_only_a_caller_who_is_not_on_the_white_list_gets_403_without_a_code(client: Client) -> None:
    client.part.forbidden = True
    reply = client.post(LIST, {})
    assert (reply.status_code, reply.text) == (403, "Forbidden")


def test_the_log_of_calls_holds_neither_tokens_nor_secrets(client: Client) -> None:
    client.list()
    said = str(list(client.world.calls))
    assert client.shop.state.company.wxshop.secret not in said
    assert client.fetch()["access_token"] not in said


def test_ten_thousand_calls_a_minute_are_enough() -> None:
    with open_shop(limits=[{"platform": "wxshop", "method": "", "calls": 2, "seconds": 60}]) as opened:
        client = Client(opened)
        assert [client.list().get("errcode") for _ in range(3)] == [0, 0, 45011]


# -- the list


def test_the_list_tells_numbers_alone_and_no_total(client: Client) -> None:
    placed = client.world.add_order("wxshop", ago_seconds=600)
    reply = client.list()
    assert reply == {
        "errcode": 0, "errmsg": "ok", "order_id_list": [placed.id], "has_more": False, "next_key": "",
    }  # fmt: skip


def test_the_cursor_goes_on_behind_the_last_row_even_when_rows_leave(client: Client) -> None:
    placed = [client.world.add_order("wxshop", ago_seconds=600 - number) for number in range(5)]
    first = client.list(minutes=(60, 5))
    client.world.touch(placed[0])  # leaves the window
    second = client.list(minutes=(60, 5), next_key=first["next_key"])
    third = client.list(minutes=(60, 5), next_key=second["next_key"])
    read = [number for page in (first, second, third) for number in page["order_id_list"]]
    assert read == [order.id for order in placed]
    assert [page["has_more"] for page in (first, second, third)] == [True, True, False]


def test_a_cursor_is_good_for_its_own_question_and_ten_minutes(client: Client) -> None:
    for number in range(5):
        client.world.add_order("wxshop", ago_seconds=600 - number)
    now = int(client.shop.clock.epoch())
    asked = {"update_time_range": {"start_time": now - 3600, "end_time": now}, "page_size": 2, "next_key": ""}
    cursor = client.call(LIST, asked)["next_key"]
    assert client.call(LIST, asked | {"next_key": cursor})["errcode"] == 0
    assert client.call(LIST, asked | {"next_key": cursor, "page_size": 3})["errcode"] == 606006
    assert client.call(LIST, asked | {"next_key": "forged"})["errcode"] == 606006
    client.shop.clock.move(601)
    assert client.call(LIST, asked | {"next_key": cursor})["errcode"] == 606006


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"update_time_range": {"start_time": 1, "end_time": 2 + 7 * 86400}}, 40097),
        ({"update_time_range": {"start_time": 9, "end_time": 8}}, 40097),
        ({"update_time_range": {"start_time": "1", "end_time": "2"}}, 47001),
        ({"page_size": 101}, 40097),
        ({"next_key": None}, 47001),
    ],
)
def test_the_list_is_strict_about_its_arguments(client: Client, changes: Json, code: int) -> None:
    assert client.list(**changes)["errcode"] == code
    assert client.call(LIST, {"page_size": 10, "next_key": ""})["errcode"] == 40097


def test_a_range_that_holds_too_many_is_refused(client: Client) -> None:
    for number in range(4):
        client.world.add_order("wxshop", ago_seconds=600 - number)
    client.part.most = 3
    assert client.list()["errcode"] == 31042


# -- orders


def test_an_order_is_shown_in_fen_and_seconds_with_its_receiver_masked(client: Client) -> None:
    placed = client.world.add_order("wxshop", buyer="hero", buyer_message="尽快发", memo="加固", kind="multi_line")
    order = client.order(placed.id)
    detail = order["order_detail"]
    assert order["status"] == 20
    assert detail["price_info"]["order_price"] == placed.paid_fen
    assert sum(product["real_price"] for product in detail["product_infos"]) == placed.paid_fen
    assert order["update_time"] == int(placed.modified_at.timestamp())
    assert detail["ext_info"] == {"customer_notes": "尽快发", "merchant_notes": "加固"}
    address = detail["delivery_info"]["address_info"]
    assert address["user_name"] == "林**"
    assert "13857105678" not in str(order)
    assert "紫金花路" not in str(order)


def test_the_same_receiver_has_the_same_hash(client: Client) -> None:
    hashes = {
        client.order(client.world.add_order("wxshop", buyer=buyer).id)["order_detail"]["delivery_info"]["address_info"][
            "hash_code"
        ]
        for buyer in ("hero", "hero", "somebody")
    }
    assert len(hashes) == 2


def test_an_unknown_order_and_a_number_that_is_no_text_are_told_apart(client: Client) -> None:
    assert client.call("/channels/ec/order/get", {"order_id": "1"})["errcode"] == 100002
    assert client.call("/channels/ec/order/get", {"order_id": 1})["errcode"] == 47001


def test_a_note_does_not_move_the_time_of_the_change(client: Client) -> None:
    placed = client.world.add_order("wxshop", ago_seconds=600)
    before = client.order(placed.id)["update_time"]
    told = {"order_id": placed.id, "merchant_notes": "改发顺丰"}
    assert client.call("/channels/ec/order/merchantnotes/update", told)["errcode"] == 0
    after = client.order(placed.id)
    assert (after["update_time"], after["order_detail"]["ext_info"]["merchant_notes"]) == (before, "改发顺丰")


@pytest.mark.parametrize(
    ("kind", "minutes", "status"),
    [("unpaid", 0, 10), ("grouping", 0, 13), ("shipped", 30, 30), ("part_shipped", 90, 21), ("refund_paid", 120, 200)],
)
def test_each_story_shows_its_state(client: Client, kind: str, minutes: int, status: int) -> None:
    placed = client.world.add_order("wxshop", kind=kind, ago_seconds=minutes * 60)
    assert client.order(placed.id)["status"] == status


# -- after-sales


def cases(client: Client, **changes: Any) -> Json:
    now = int(client.shop.clock.epoch())
    asked = {"begin_update_time": now - 3600, "end_update_time": now} | changes
    return client.call("/channels/ec/aftersale/getaftersalelist", asked)


def test_a_refund_has_an_after_sale_of_its_own_and_the_order_stays_unmoved(client: Client) -> None:
    placed = client.world.add_order("wxshop", ago_seconds=7200)
    before = client.order(placed.id)["update_time"]
    client.world.ask_refund(placed.id)
    (number,) = cases(client)["after_sale_order_id_list"]
    case = client.call("/channels/ec/aftersale/getaftersaleorder", {"after_sale_order_id": number})["after_sale_order"]
    assert (case["order_id"], case["type"], case["status"]) == (placed.id, "REFUND", "MERCHANT_PROCESSING")
    order = client.order(placed.id)
    assert order["update_time"] == before
    assert order["aftersale_detail"] == {
        "on_aftersale_order_cnt": 1, "aftersale_order_list": [{"aftersale_order_id": number}],
    }  # fmt: skip
    assert order["order_detail"]["product_infos"][0]["on_aftersale_sku_cnt"] == placed.lines[0].quantity


def test_after_sales_are_listed_by_twenty_behind_a_cursor(client: Client) -> None:
    for _ in range(25):
        client.world.ask_refund(client.world.add_order("wxshop", ago_seconds=7200).id)
    first = cases(client)
    second = cases(client, next_key=first["next_key"])
    assert (len(first["after_sale_order_id_list"]), len(second["after_sale_order_id_list"])) == (20, 5)
    assert (first["has_more"], second["has_more"]) == (True, False)
    assert cases(client, next_key="forged")["errcode"] == 606006


def test_after_sales_are_asked_for_by_the_day_at_most(client: Client) -> None:
    assert cases(client, begin_update_time=int(client.shop.clock.epoch()) - 86401)["errcode"] == 10020004
    unknown = client.call("/channels/ec/aftersale/getaftersaleorder", {"after_sale_order_id": "1"})
    assert unknown["errcode"] == 10021050


# -- shipping


def parcel(client: Client, number: str, **changes: Any) -> Json:
    products = client.order(number)["order_detail"]["product_infos"]
    goods = [
        {"product_id": each["product_id"], "sku_id": each["sku_id"], "product_cnt": each["sku_cnt"]}
        for each in products
    ]
    whole = {"delivery_id": "YTO", "waybill_id": NUMBER, "deliver_type": 1, "product_infos": goods}
    return {"order_id": number, "delivery_list": [whole | changes]}


SEND = "/channels/ec/order/delivery/send"


def test_a_parcel_is_taken_once(client: Client) -> None:
    placed = client.world.add_order("wxshop", quantity=2)
    told = parcel(client, placed.id)
    assert client.call(SEND, told)["errcode"] == 0
    assert client.call(SEND, told)["errcode"] == 101100
    assert client.order(placed.id)["order_detail"]["delivery_info"]["delivery_product_info"][0]["waybill_id"] == NUMBER
    assert len(client.world.shipments) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"delivery_id": "NOBODY"},
        {"waybill_id": "not a number"},
        {"deliver_type": 3},
        {"product_infos": []},
        {"product_infos": [{"product_id": "1", "sku_id": "2", "product_cnt": 1}]},
    ],
)
def test_a_parcel_is_checked(client: Client, changes: Json) -> None:
    placed = client.world.add_order("wxshop")
    assert client.call(SEND, parcel(client, placed.id, **changes))["errcode"] == 40097
    assert client.world.shipments == []


def test_nothing_is_taken_while_the_order_is_held_or_in_after_sale(client: Client) -> None:
    held, asked = client.world.add_order("wxshop", kind="hold"), client.world.add_order("wxshop")
    client.world.ask_refund(asked.id)
    assert client.call(SEND, parcel(client, held.id))["errcode"] == 101100
    assert client.call(SEND, parcel(client, asked.id))["errcode"] == 101100


def test_the_list_of_couriers_has_names_and_codes(client: Client) -> None:
    listed = client.call("/channels/ec/order/deliverycompanylist/new/get", {})["company_list"]
    assert {"delivery_id": "SF", "delivery_name": "顺丰速运"} in listed
