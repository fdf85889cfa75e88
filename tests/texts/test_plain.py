from __future__ import annotations

from texts.plain import plain


def test_one_spelling() -> None:
    assert plain("臺灣２５號之後\u200b再發🎂 \n 謝謝①") == "台湾25号之后再发 谢谢1"


def test_what_is_plain_already_stays() -> None:
    assert plain("乾县著名的 文三路") == "乾县著名的 文三路"
