"""The stand-in for payments in WeCom chats gives tokens, speaks and refuses as the platform does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from sandbox.wecom_pay import WecomPay, wecom_pay_of
from sandbox.world import World
from tests.sandbox import TIMEOUT, Json, Shop, open_shop

LIST = "/cgi-bin/externalpay/get_bill_list"


@dataclass
class Client:
    shop: Shop

    @property
    def world(self) -> World:
        return self.shop.world

    @property
    def part(self) -> WecomPay:
        return wecom_pay_of(self.shop.state)

    def fetch(self, **changes: str) -> Json:
        keys = self.shop.state.company.wecom_pay
        asked = {"corpid": keys.corpid, "corpsecret": keys.secret} | changes
        reply: Json = requests.get(f"{self.shop.url}/wecompay/cgi-bin/gettoken", params=asked, timeout=TIMEOUT).json()
        return reply

    def list(self, *, hours: float = 1, token: str = "", **changes: Any) -> Json:
        now = int(self.shop.clock.epoch())
        asked = {"begin_time": now - int(hours * 3600), "end_time": now, "cursor": "", "limit": 2} | changes
        query = {"access_token": token or self.fetch()["access_token"]}
        reply: Json = requests.post(
            f"{self.shop.url}/wecompay{LIST}", params=query, json=asked, timeout=TIMEOUT
        ).json()  # fmt: skip
        return reply


@pytest.fixture
def client() -> Iterator[Client]:
    with open_shop() as opened:
        yield Client(opened)


def test_the_same_token_comes_back_while_it_lives(client: Client) -> None:
    first = client.fetch()
    assert (first["errcode"], first["expires_in"]) == (0, 7200)
    client.shop.clock.move(3600)
    assert client.fetch()["access_token"] == first["access_token"]
    client.shop.clock.move(3600)
    assert client.list(token=first["access_token"])["errcode"] == 42001


@pytest.mark.parametrize(
    ("changes", "code"), [({"corpid": "ww0"}, 40013), ({"corpsecret": "wrong"}, 40001), ({"corpsecret": ""}, 41004)]
)
def test_wrong_keys_get_no_token(client: Client, changes: dict[str, str], code: int) -> None:
    assert client.fetch(**changes)["errcode"] == code


def test_a_forged_token_and_an_application_without_the_right_are_refused(client: Client) -> None:
    assert client.list(token="forged")["errcode"] == 40014
    client.part.allowed = False
    assert client.list()["errcode"] == 48002


def test_a_payment_is_a_bill_with_its_payer(client: Client) -> None:
    placed = client.world.add_order("wecom_pay", buyer="hero", memo="红色两只", kind="multi_line", ago_seconds=600)
    (bill,) = client.list()["bill_list"]
    assert (bill["transaction_id"], bill["bill_type"], bill["trade_state"]) == (placed.id, 0, 1)
    assert (bill["total_fee"], bill["remark"]) == (placed.paid_fen, "红色两只")
    assert bill["contact_info"]["phone"] == "13857105678"
    assert [row["amount"] for row in bill["commodity_list"]] == [line.quantity for line in placed.lines]
    assert placed.paid_at is not None
    assert bill["pay_time"] == int(placed.paid_at.timestamp())
    assert placed.id[10:18] == "20260302"


def test_a_refund_shows_in_the_bill_at_once_and_has_its_own_once_it_is_paid(client: Client) -> None:
    placed = client.world.add_order("wecom_pay", ago_seconds=7200)
    client.world.ask_refund(placed.id)
    assert client.list()["bill_list"] == [], "a bill is listed by the time of its payment"
    (bill,) = client.list(hours=3)["bill_list"]
    assert (bill["trade_state"], bill["refund_list"][0]["refund_status"]) == (1, 0)
    client.shop.clock.move(600)
    client.world.close_refund(placed.id, paid=True)
    (refund,) = client.list()["bill_list"]
    assert (refund["bill_type"], refund["transaction_id"], refund["total_refund_fee"]) == (
        1,
        placed.id,
        placed.paid_fen,
    )
    assert client.list(hours=3)["bill_list"][0]["trade_state"] == 3


def test_the_last_page_is_the_one_without_a_cursor(client: Client) -> None:
    placed = [client.world.add_order("wecom_pay", ago_seconds=600 - number) for number in range(5)]
    now = int(client.shop.clock.epoch())
    read, cursor, pages = [], "", 0
    while True:
        reply = client.list(begin_time=now - 3600, end_time=now, cursor=cursor)
        read += [bill["transaction_id"] for bill in reply["bill_list"]]
        pages += 1
        if "next_cursor" not in reply:
            break
        cursor = reply["next_cursor"]
    assert (read, pages) == ([order.id for order in placed], 3)


def test_bills_of_members_out_of_sight_make_a_page_shorter(client: Client) -> None:
    for number in range(4):
        client.world.add_order("wecom_pay", ago_seconds=600 - number)
    client.part.unseen = {person.userid for person in client.shop.state.company.people}
    reply = client.list()
    assert reply["bill_list"] == []
    assert reply["next_cursor"]


@pytest.mark.parametrize(
    "changes",
    [{"limit": 1001}, {"cursor": "forged"}, {"begin_time": 1}, {"begin_time": "1"}, {"end_time": 1, "begin_time": 2}],
)
def test_the_list_is_strict_about_its_arguments(client: Client, changes: Json) -> None:
    assert client.list(**changes)["errcode"] == 40058


def test_a_bill_tells_no_time_of_its_changes(client: Client) -> None:
    placed = client.world.add_order("wecom_pay", ago_seconds=600)
    before = placed.modified_at
    client.world.edit(placed.id, memo="改了备注")
    client.world.ask_refund(placed.id)
    assert placed.modified_at == before
