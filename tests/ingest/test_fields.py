from __future__ import annotations

import pytest

from ingest.fields import flag, joined, keys_of, receiver, record_of, rows, text
from ingest.snapshot import Unreadable
from models.vault import Receiver


def test_text_of_nothing_is_empty_and_of_a_number_its_digits() -> None:
    assert [text(value) for value in (None, "", "红", 2607000000000000001)] == ["", "", "红", "2607000000000000001"]


def test_a_missing_list_is_empty_and_a_single_object_is_a_list_of_one() -> None:
    assert rows(None, "明细") == rows("", "明细") == []
    assert rows({"a": 1}, "明细") == [{"a": 1}]
    with pytest.raises(Unreadable, match="明细"):
        rows([1], "明细")


def test_an_unknown_flag_is_none_at_all() -> None:
    assert [flag(value) for value in (3, "5", 0, 9, None, "红", -1)] == [3, 5, 0, 0, 0, 0, 0]


def test_a_row_without_a_number_is_kept_under_a_name_made_of_its_content() -> None:
    named, again, other = record_of({"x": 1}, "tid"), record_of({"x": 1}, "tid"), record_of({"x": 2}, "tid")
    assert named.external_id.startswith("?")
    assert named.external_id == again.external_id != other.external_id
    assert record_of("nonsense", "tid").body == {"value": "nonsense"}
    assert record_of({"tid": "a\0b"}, "tid").external_id.startswith("?")
    assert record_of({"tid": 2607000000000000001}, "tid").external_id == "2607000000000000001"


def test_line_keys_are_unique_whatever_the_platform_sends() -> None:
    assert keys_of([("11", "a"), ("12", "a")]) == ["11", "12"]
    assert keys_of([("", "a"), ("", "a")]) == ["0-a", "1-a"]
    assert keys_of([("11", "a"), ("11", "a")]) == ["0-11", "1-11"]


def test_values_are_joined_once_each_in_their_order() -> None:
    assert joined(["B", "", "A", "B"]) == "B,A"


def test_a_mask_is_a_mask_a_cipher_a_cipher_and_only_the_rest_is_plain() -> None:
    assert receiver(name="沈**", phone="*******5678", address="***") == Receiver(
        name_mask="沈**", phone_mask="*******5678", address_mask="***"
    )
    assert receiver(name="AAS/exampleCiphertext==", phone="$AgAAAA$0$").cipher == {
        "name": "AAS/exampleCiphertext==",
        "phone": "$AgAAAA$0$",
    }
    plain = receiver(name="沈小满", phone="18877771111-123", address="紫金花路 88 号")
    assert (plain.name, plain.phone, plain.address) == ("沈小满", "18877771111-123", "紫金花路 88 号")
    assert receiver(name="b" * 40).cipher == {"name": "b" * 40}
    assert receiver().is_empty()
