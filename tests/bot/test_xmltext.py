from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import xmltext
from bot.crypto import BadEnvelope

BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><A>&b;</A></xml>"""
)


def test_it_reads_texts_children_and_repeats() -> None:
    tree = xmltext.parse(b"<xml><A><![CDATA[ 1 ]]></A><B><C>x</C><C>y</C><C>z</C></B><D/></xml>")
    assert tree == {"A": "1", "B": {"C": ["x", "y", "z"]}, "D": ""}
    assert xmltext.text(tree, "A") == "1"
    assert xmltext.text(tree, "B") == ""
    assert xmltext.text(tree, "Z") == ""


def test_one_or_many_or_none_become_a_list() -> None:
    assert xmltext.as_list("a") == ["a"]
    assert xmltext.as_list(["a", "b"]) == ["a", "b"]
    assert xmltext.as_list("") == xmltext.as_list(None) == xmltext.as_list({}) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<xml>",
        b"<xml>text only</xml>",
        BOMB,
        b'<!DOCTYPE xml SYSTEM "file:///etc/passwd"><xml><A>1</A></xml>',
        b"<!DOCTYPE xml><xml><A>1</A></xml>",
        b"<xml><A>&unknown;</A></xml>",
        b"<xml>" + b"<a>" * 100 + b"</a>" * 100 + b"</xml>",
        b'<?xml version="1.0" encoding="no-such-code"?><xml><A>1</A></xml>',
    ],
)
def test_it_refuses_what_is_no_plain_xml(body: bytes) -> None:
    with pytest.raises(BadEnvelope):
        xmltext.parse(body)


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=100))
def test_what_it_writes_it_reads(text: str) -> None:
    tree = xmltext.parse(xmltext.write([("A", text + "x"), ("B", 7), ("C", "]]>" + text)]))
    assert tree["A"] == (text + "x").strip()
    assert tree["B"] == "7"
    assert tree["C"] == ("]]>" + text).strip()


def test_what_no_xml_can_hold_is_left_out() -> None:
    """A goods' name may hold anything that the database takes; the platform drops an answer that it cannot read."""
    written = xmltext.write((("Content", "杯\ufffe子\uffff\x0b😀\t]]>"),))
    assert xmltext.parse(written) == {"Content": "杯子😀\t]]>"}
