from __future__ import annotations

from datetime import timedelta

import pytest
from redis import Redis

from bot.card import Text
from bot.channels.sending import Form, Parcel, SendError
from bot.channels.wecom_kf.client import KfSender
from config_customers import Kf
from sandbox.wecom_kf import kf_of
from tests.bot.conftest import CUSTOMER, Town

WHO = "wmDEMO00000000000000000001"


@pytest.fixture
def sender(town: Town, redis: Redis) -> KfSender:
    company = town.state.company
    settings = Kf(gateway=f"{town.url}/qyapi", open_kfid=company.kf.open_kfid, secret=company.kf.secret)
    return KfSender(settings, company.wecom.corpid, redis)


def say(sender: KfSender, number: int) -> None:
    sender.send(Parcel(WHO, Form("delayed", words=f"第 {number} 条"), f"n{number}"))


def test_five_messages_within_the_window_and_no_more(town: Town, sender: KfSender) -> None:
    with pytest.raises(SendError):
        say(sender, 0)
    kf_of(town.state).say(CUSTOMER, "在吗")
    for number in range(5):
        say(sender, number)
    assert town.texts(f"oa:{CUSTOMER}")[1:] == [f"第 {number} 条" for number in range(5)]
    with pytest.raises(SendError) as error:
        say(sender, 6)
    assert (error.value.permanent, error.value.resolution.customer) == (True, "closed")


def test_the_window_closes_after_two_days(town: Town, sender: KfSender) -> None:
    kf_of(town.state).say(CUSTOMER, "在吗")
    town.state.clock.move(timedelta(hours=49).total_seconds())
    with pytest.raises(SendError) as error:
        say(sender, 1)
    assert error.value.code == 95018


def test_what_came_is_read_page_by_page_and_once(town: Town, sender: KfSender) -> None:
    for words in ("一", "二", "三"):
        kf_of(town.state).say(CUSTOMER, words)
    page, cursor, more = sender.read("", "")
    assert ([one["text"]["content"] for one in page], more) == (["一", "二", "三"], False)
    assert sender.read(cursor, "")[0] == []
    with pytest.raises(SendError):
        sender.read("", "no ticket of theirs")


def test_texts_go_too_and_forms_need_words(town: Town, sender: KfSender) -> None:
    kf_of(town.state).say(CUSTOMER, "进度")
    sender.send(Parcel(WHO, Text("**好**"), "n1"))
    assert town.texts(f"oa:{CUSTOMER}")[-1] == "好"
    with pytest.raises(SendError):
        sender.send(Parcel(WHO, Form("delayed"), "n2"))
    assert sender.wait_seconds(WHO) == 0
