from __future__ import annotations

import base64
import struct

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import BadEnvelope, Crypto, Untrusted

TOKEN, AES_KEY, CORPID = "DemoToken2024", "OrderAssistantDemoAesKey0123456789ABCDEFGHI", "wwdemo00000000001"
STAMP, NONCE, RANDOM = "1735689600", "a1b2c3d4", b"0123456789abcdef"
VECTORS = [  # wecom.md 1.4
    (
        b"echo-7788",
        CORPID,
        "cYHgIHmEb8wWag7+f2ipanUySric5ZVJwCoCxQXQyS+3YOEhtQBBUSx/hH6vAKIlUibaQdEiVVClMPL3TOP6xQ==",
        "16edacafcca3caaa604386f399e8504007436166",
    ),
    (
        b'{"msgtype":"text"}',
        "",
        "cYHgIHmEb8wWag7+f2ipasqckvQ64XB0kBmlMdBKkK3YfymMfJDAbN/avUCUQ0lmjzpUm6AlN825dwbob7wKbg==",
        "5ab5b5cb83b244f31aa56226432667b725b71ab5",
    ),
]


def sealed(plain: bytes) -> str:
    """Encrypted as it is: the test makes the padding, and its mistakes."""
    key = base64.b64decode(AES_KEY + "=")
    closer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(closer.update(plain) + closer.finalize()).decode()


def padded(message: bytes, receiver: str = CORPID, size: int | None = None) -> bytes:
    plain = RANDOM + struct.pack(">I", len(message) if size is None else size) + message + receiver.encode()
    left = 32 - len(plain) % 32
    return plain + bytes([left]) * left


@pytest.mark.parametrize(("message", "receiver", "encrypted", "signature"), VECTORS)
def test_it_agrees_with_the_published_vectors(message: bytes, receiver: str, encrypted: str, signature: str) -> None:
    crypto = Crypto(TOKEN, AES_KEY, receiver)
    assert crypto.encrypt(message, RANDOM) == encrypted
    assert crypto.sign(STAMP, NONCE, encrypted) == signature
    crypto.check(signature, STAMP, NONCE, encrypted)
    assert crypto.decrypt(encrypted) == message


@given(st.binary(max_size=300))
def test_what_it_seals_it_opens(message: bytes) -> None:
    crypto = Crypto(TOKEN, AES_KEY, CORPID)
    assert crypto.decrypt(crypto.encrypt(message)) == message


def test_it_refuses_another_signature_even_with_odd_characters() -> None:
    crypto = Crypto(TOKEN, AES_KEY, CORPID)
    for wrong in ("", "0" * 40, "签名"):
        with pytest.raises(Untrusted):
            crypto.check(wrong, STAMP, NONCE, VECTORS[0][2])


@pytest.mark.parametrize(
    ("encrypted", "why"),
    [
        ("", "whole number"),
        ("!!!!", "base64"),
        ("密文", "base64"),
        (base64.b64encode(b"12345").decode(), "whole number"),
        (sealed(b"x" * 32), "padding"),
        (sealed(b"x" * 31 + b"\x00"), "padding"),
        (sealed(b"x" * 30 + b"\x01\x02"), "padding"),
        (sealed(b"\x20" * 32), "too short"),
        (sealed(padded(b"hello", size=4_000_000_000)), "length"),
        (sealed(padded(b"hello", size=2)), "another receiver"),
        (sealed(padded(b"hello", receiver="wwother")), "another receiver"),
        (sealed(padded(b"hello", receiver="")), "another receiver"),
    ],
)
def test_it_refuses_what_is_damaged_or_for_somebody_else(encrypted: str, why: str) -> None:
    with pytest.raises(BadEnvelope, match=why):
        Crypto(TOKEN, AES_KEY, CORPID).decrypt(encrypted)


@given(st.text(max_size=200))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    with pytest.raises(BadEnvelope):
        Crypto(TOKEN, AES_KEY, CORPID).decrypt(text)


def test_it_names_a_wrong_key() -> None:
    with pytest.raises(ValueError, match="43"):
        Crypto(TOKEN, "short", CORPID)
