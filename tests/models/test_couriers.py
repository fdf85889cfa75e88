from __future__ import annotations

import pytest

from models.couriers import COURIERS, courier_name, find_courier


@pytest.mark.parametrize("name", ["顺丰", "顺丰速运", "shunfeng", "SF", "ＳＦ", " 顺丰 快递 ", "sf express"])
def test_a_courier_is_found_by_slug_name_and_what_people_say(name: str) -> None:
    found = find_courier(name)
    assert found is not None
    assert found.slug == "shunfeng"


def test_an_unknown_courier_is_none() -> None:
    assert find_courier("飞毛腿") is None
    assert find_courier("") is None


def test_a_courier_has_its_chinese_name_and_an_unknown_one_keeps_the_platforms() -> None:
    assert courier_name("shunfeng") == "顺丰速运"
    assert courier_name("某某物流") == "某某物流"
    assert courier_name("") == ""


def test_no_name_means_two_couriers() -> None:
    names = [name for courier in COURIERS for name in courier.names]
    assert len(names) == len(set(names))
    assert all(find_courier(courier.title) is courier for courier in COURIERS)


def test_shapes_are_told_from_no_shape() -> None:
    shaped = {courier.slug for courier in COURIERS if courier.has_shape}
    assert "shunfeng" in shaped
    assert "other" not in shaped
