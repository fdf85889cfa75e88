from __future__ import annotations

from texts.address import read, town_of


def test_the_parts_of_a_whole_address() -> None:
    parts = read("浙江省杭州市余杭区五常街道文一西路969号3幢201").parts

    assert parts == {
        "province": "浙江省", "city": "杭州市", "district": "余杭区", "town": "五常街道", "road": "文一西路",
        "number": "969号", "rest": "3幢201",
    }  # fmt: skip


def test_people_phones_and_labels_are_no_part_of_it() -> None:
    texts = (
        "收货人：李四 手机：13911112222 地址：四川省绵阳市涪城区临园路东段72号",
        "李四，139-1111-2222，四川省绵阳市涪城区临园路东段72号",
        "四川省绵阳市涪城区临园路东段72号 李四 13911112222 621000",
        "四川省 绵阳市 涪城区　临园路东段７２号",
    )

    assert {read(text).detail for text in texts} == {"临园路东段72号"}
    assert read(texts[0]).phoned
    assert not read(texts[3]).phoned


def test_traditional_characters_are_read_as_simplified() -> None:
    assert read("臺灣省台北市大安區忠孝東路四段100號").road == "忠孝东路四段"


def test_a_text_without_a_region_is_all_detail() -> None:
    assert (read("老地方").region, read("老地方").detail) == (None, "老地方")


def test_a_road_or_a_villages_government_is_no_town() -> None:
    assert town_of("三墩镇紫金花路") == ("三墩镇", "紫金花路")
    assert town_of("豫灵镇镇政府") == ("豫灵镇", "镇政府")
    assert town_of("街道口88号")[0] == ""
