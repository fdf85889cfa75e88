from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.channels.wecom_bot.files import NoFile, fetch
from tests.serving_files import FileServer

MOST = 1 << 20


@pytest.fixture
def files() -> Iterator[FileServer]:
    with FileServer() as served:
        yield served


@pytest.mark.parametrize("size", [1, 31, 32, 33, 100_000])
def test_a_file_is_fetched_named_and_deciphered(files: FileServer, size: int) -> None:
    assert fetch(files.put(b"x" * size, "订单 12月.xlsx"), files.key, MOST) == ("订单 12月.xlsx", b"x" * size)


def test_more_than_is_taken_is_not_read_to_its_end(files: FileServer) -> None:
    with pytest.raises(NoFile, match="超过 1 MB") as caught:
        fetch(files.put(b"x" * (MOST + 100), "x"), files.key, MOST)
    assert not caught.value.again


@pytest.mark.parametrize("key", ["", "no base64!", "QUJD", "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE"])
def test_a_wrong_key_is_said(files: FileServer, key: str) -> None:
    with pytest.raises(NoFile, match="解不开"):
        fetch(files.put(b"content", "x"), key, MOST)


def test_a_platform_that_fails_is_asked_again_and_an_address_that_ended_is_not(files: FileServer) -> None:
    address = files.put(b"content", "x")
    files.down = True
    with pytest.raises(NoFile) as failing:
        fetch(address, files.key, MOST)
    with pytest.raises(NoFile) as gone:
        fetch("http://127.0.0.1:1/x", files.key, MOST)
    files.down = False
    with pytest.raises(NoFile, match="失效") as ended:
        fetch(address + "9", files.key, MOST)
    with pytest.raises(NoFile, match="看不懂"):
        fetch("file:///etc/hostname", files.key, MOST)
    assert (failing.value.again, gone.value.again, ended.value.again) == (True, True, False)
