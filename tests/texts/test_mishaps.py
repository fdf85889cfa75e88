from __future__ import annotations

import pytest

from texts.mishaps import CAUSES, cause, what


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("少件 1 个白杯", "short"), ("少了一个杯子", "short"), ("只收到一件", "short"), ("数量不对", "short"),
        ("漏发了贺卡", "missing"), ("包裹为空", "missing"), ("礼盒没有放进去", "missing"),
        ("发错货了，要的白色", "wrong"), ("卖家发错货", "wrong"), ("颜色发错了", "wrong"), ("这不是我买的", "wrong"),
        ("杯子碎了", "damaged"), ("外包装破损", "damaged"), ("收到是坏的", "damaged"), ("瓶子漏液", "damaged"),
        ("收到的时候杯子裂了，还少一个", "damaged"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_known_by_its_words(said: str, slug: str) -> None:
    assert what(said) == slug


@pytest.mark.parametrize(
    "said",
    [
        "",
        "进度",
        "谢谢，没有破损",
        "包装很好",
        "什么时候发货",
        "不想要了",
        "质量问题",
        "多发一个可以吗",
        "少糖",
        "改地址",
        "尺码偏大",
    ],
)
def test_other_words_are_about_something_else(said: str) -> None:
    assert what(said) == ""


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("上次破损的已经收到补发了，谢谢", ""), ("碎的那个补发收到了", ""), ("少件的补寄已收到", ""),
        ("破损的收到退款了", ""),
        ("收到补发了，上次破损的不用管了", ""), ("漏发的收到你们补发的杯子了，谢谢", ""),
        ("补发的收到了，又碎了", "damaged"), ("上次破损的已经收到补发了，这次少了一个", "short"),
        ("收到的新杯子碎了", "damaged"), ("少件的补发收到了吗", "short"), ("破损的还没收到补发", "damaged"),
        ("杯子碎了，要换新的", "damaged"), ("少了一个，什么时候补发", "short"), ("新的到了也是碎的", "damaged"),
        ("杯子碎了，退款到了没", "damaged"),
    ],
)  # fmt: skip
def test_what_was_mended_since_is_no_mishap_any_more(said: str, slug: str) -> None:
    assert what(said) == slug


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("漏拣", "漏拣"), ("拣错了", "拣错"), ("打包没填充", "包装"), ("路上压的，快递", "快递"),
        ("厂家来料", "供应商"),
        ("其他", "其他"), ("", ""), ("补偿一下", ""),
    ],
)  # fmt: skip
def test_where_it_went_wrong(said: str, name: str) -> None:
    assert cause(said) == name
    assert name in (*CAUSES, "")
