from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config import ConfigError, load
from running import demo
from running.demo import Ports

DEMO = Path(demo.__file__).resolve().parents[1] / "hub.demo.toml"


def test_its_settings_fit_its_ports(tmp_path: Path) -> None:
    made = demo.fit(DEMO, tmp_path, Ports(hub=8790, sandbox=8780))
    fitted, given = load(made), load(DEMO)
    assert fitted.hub.base_url == "http://127.0.0.1:8790"
    assert fitted.hub.var == str(tmp_path)
    assert fitted.bot is not None
    assert fitted.bot.gateway == "ws://127.0.0.1:8780/aibot/ws"
    assert ":8790" not in made.read_text(encoding="utf-8").replace(fitted.hub.base_url, "")
    assert fitted.shops[2].gateway == "http://127.0.0.1:8780/pdd/api/router"
    assert (fitted.security, fitted.stock, fitted.staff) == (given.security, given.stock, given.staff)


def test_its_settings_keep_what_another_file_says(tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(DEMO.read_text(encoding="utf-8") + "\n[stale]\ngroup_from = 500\n", encoding="utf-8")
    made = demo.fit(other, tmp_path, Ports(hub=1, sandbox=2))
    assert load(made).stale.group_from == 500
    assert tomllib.loads(made.read_text(encoding="utf-8"))["hub"]["name"] == "青禾订单中枢"


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(ConfigError, match=rf"^{tmp_path / 'var'} 不能用作演示的文件夹"):
        demo.claim(tmp_path / "var")


def test_what_it_made_is_emptied_but_for_the_logs(tmp_path: Path) -> None:
    demo.claim(tmp_path / "var")
    for folder in ("postgres", "log"):
        (tmp_path / "var" / folder).mkdir()
        (tmp_path / "var" / folder / "file").touch()
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "file").touch()
    (tmp_path / "var" / "link").symlink_to(tmp_path / "others")
    demo.claim(tmp_path / "var")
    demo.empty(tmp_path / "var")
    assert {entry.name for entry in (tmp_path / "var").iterdir()} == {"log", demo.MARK}
    assert (tmp_path / "var" / "log" / "file").exists()
    assert (tmp_path / "others" / "file").exists(), "what a link leads to is not the demo's"


def test_a_folder_of_others_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="--var"):
        demo.claim(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    demo.claim(tmp_path / "var")
    (tmp_path / "link").symlink_to(tmp_path / "var")
    with pytest.raises(ConfigError, match="不是演示建的"):
        demo.claim(tmp_path / "link")
