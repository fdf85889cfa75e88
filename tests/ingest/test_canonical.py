from __future__ import annotations

import json
from decimal import Decimal

import pytest

from ingest.canonical import canonical, read_json


def test_keys_are_sorted_and_nothing_is_padded() -> None:
    expected = '{"a":"红色","b":[1,{"c":true,"d":null}]}'
    assert canonical({"b": [1, {"d": None, "c": True}], "a": "红色"}).decode() == expected


@pytest.mark.parametrize("number", ["118.0", "118.10", "0.00", "-1.5", "1E+3", "12345678901234567890.123456789"])
def test_numbers_are_printed_as_they_came(number: str) -> None:
    assert canonical(read_json(f'{{"pay_amount":{number}}}'.encode())) == f'{{"pay_amount":{number}}}'.encode()


def test_the_same_content_in_another_order_is_the_same_record() -> None:
    assert canonical(read_json(b'{"a": 1.50, "b": [2, 3]}')) == canonical(read_json(b'{"b":[2,3],"a":1.50}'))


def test_a_text_that_looks_like_our_mark_stays_a_text() -> None:
    body = {"memo": '\x01\x02number:"", "x": 1', "other": "\x01\x02number:abc"}
    assert json.loads(canonical(body)) == body


def test_lone_surrogates_and_nul_are_kept_as_escapes() -> None:
    raw = canonical(read_json(b'{"memo":"a\\u0000b\\ud800c"}'))
    assert raw == b'{"memo":"a\\u0000b\\ud800c"}'
    assert json.loads(raw) == {"memo": "a\0b\ud800c"}


def test_big_ids_stay_exact() -> None:
    assert canonical(read_json(b'{"tid":2607000000000000001}')) == b'{"tid":2607000000000000001}'


def test_what_is_no_number_is_read_as_text_and_never_as_a_float() -> None:
    assert read_json(b"[NaN, Infinity, 1.5]") == ["NaN", "Infinity", Decimal("1.5")]


@pytest.mark.parametrize("text", [b"", b"<html>", b"{", b"\xff\xfe\xfa", b"[" * 100_000])
def test_what_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_json(text)


def test_what_is_not_json_cannot_be_written() -> None:
    with pytest.raises(TypeError):
        canonical({"x": object()})
