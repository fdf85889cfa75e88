from __future__ import annotations

import pytest

from models.vault import CannotOpen, Receiver, Vault, phone_digits

OLD, NEW, OTHER = bytes(32), bytes(range(32)), bytes(range(1, 33))


def vault(current: int = 1, keys: dict[int, bytes] | None = None) -> Vault:
    return Vault(keys or {1: OLD}, current, OTHER, OTHER)


def test_what_is_sealed_opens_again_and_looks_different_each_time() -> None:
    first, second = vault().seal(b"secret", b"a"), vault().seal(b"secret", b"a")
    assert first != second
    assert vault().open(first, b"a") == vault().open(second, b"a") == b"secret"


def test_after_a_rotation_old_rows_open_and_new_ones_carry_the_new_key_id() -> None:
    old = vault().seal(b"old", b"a")
    rotated = vault(2, {1: OLD, 2: NEW})
    assert rotated.open(old, b"a") == b"old"
    assert rotated.seal(b"new", b"a")[0] == 2


@pytest.mark.parametrize("damage", [lambda s: s[:-1], lambda s: b"\x09" + s[1:], lambda s: s[:20], lambda s: b""])
def test_a_damaged_value_is_refused(damage: object) -> None:
    sealed = vault().seal(b"secret", b"a")
    with pytest.raises(CannotOpen):
        vault().open(damage(sealed), b"a")  # type: ignore[operator]


def test_a_value_moved_to_another_column_is_refused() -> None:
    with pytest.raises(CannotOpen):
        vault().open(vault().seal(b"secret", b"a"), b"b")


def test_a_receiver_comes_back_as_it_was() -> None:
    receiver = Receiver(name="张三", phone_mask="138****1234", cipher={"name": "~Ag~0~"})
    assert vault().open_receiver(vault().seal_receiver(receiver)) == receiver
    assert vault().open_receiver(None).is_empty()


def test_look_ups_differ_by_kind_and_key() -> None:
    here = vault()
    assert here.lookup("phone", "1234") != here.lookup("tail", "1234")
    assert here.lookup("name", "张三") != Vault({1: OLD}, 1, NEW, OTHER).lookup("name", "张三")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("138 0000 1234", "13800001234"),
        ("+86-138-0000-1234", "13800001234"),
        ("18877771111-123", "18877771111"),
        ("021-5555 6666转8", "02155556666"),
        ("", ""),
        ("*******1234", "1234"),
    ],
)
def test_a_phone_number_is_its_digits_without_country_and_extension(text: str, digits: str) -> None:
    assert phone_digits(text) == digits
