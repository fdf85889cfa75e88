from __future__ import annotations

import pytest

from rules.address_instead import mail_alone, wish_alone
from rules.address_quality import judge_text
from rules.verdict import Outcome
from texts.plain import plain


@pytest.mark.parametrize("detail", ["zhangsan_99@163.com", "lily.wang@outlook.com", "邮箱：12345@qq.com"])
def test_a_mail_address_is_no_address(detail: str) -> None:
    assert mail_alone(plain(detail))
    assert judge_text(detail).reasons == ("写的是电子邮箱，不是地址",)
    assert judge_text(f"四川省成都市武侯区 {detail}").reasons == ("写的是电子邮箱，不是地址",)


def test_a_mail_address_behind_an_address_does_no_harm() -> None:
    assert judge_text("上海市浦东新区世纪大道100号35楼 zhangsan@abc.com").outcome is Outcome.MISS


@pytest.mark.parametrize(
    "detail",
    [
        "下午六点以后送，家里有人",
        "晚上七点以后送，家里才有人",
        "周末送，工作日家里没人",
        "上午别送，下午在家",
        "18:30后送",
        "请白天送货上门，谢谢",
    ],
)
def test_when_somebody_is_at_home_is_no_address(detail: str) -> None:
    assert wish_alone(plain(detail))
    assert judge_text(detail).reasons == ("没有地址",)
    assert judge_text(f"浙江省宁波市鄞州区 {detail}").reasons == ("没有详细地址",)
    assert judge_text(f"浙江省宁波市鄞州区姜山镇 {detail}").reasons == ("只写到街道或乡镇",)


def test_what_is_said_over_and_over_takes_no_time() -> None:
    assert not wish_alone("送到家里有人收货周一到周五在家里" * 200 + "文三路")


@pytest.mark.parametrize(
    "detail", ["", "文三路9号 下午六点以后送,家里有人", "李庄村李德胜家", "送变电公司", "周末酒店"]
)
def test_a_place_is_no_wish(detail: str) -> None:
    assert not wish_alone(detail)


@pytest.mark.parametrize(
    ("detail", "word"),
    [
        ("详细地址看买家留言", "详细地址看买家留言"),
        ("见买家留言", "见买家留言"),
        ("具体地址见订单备注", "具体地址见订单备注"),
        ("姜山镇 详细地址看买家留言", "详细地址看买家留言"),
    ],
)
def test_an_address_that_stands_elsewhere_is_said_to(detail: str, word: str) -> None:
    assert judge_text(f"浙江省宁波市鄞州区 {detail}").reasons == (f"地址写着「{word}」",)


def test_a_message_beside_a_whole_address_is_about_the_goods() -> None:
    assert judge_text("浙江省宁波市鄞州区天童北路500号 颜色看买家留言").outcome is Outcome.MISS
