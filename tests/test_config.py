from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config import ConfigError, Settings, load, parse
from tests.conftest import settings_document

ROOT = Path(__file__).resolve().parent.parent


def document(**changes: Any) -> dict[str, Any]:
    return settings_document() | changes


def models_in(model: type[BaseModel]) -> dict[str, set[str]]:
    """Table name → keys, for every settings model of the tree."""
    found: dict[str, set[str]] = {}
    for name, field in model.model_fields.items():
        text = str(field.annotation)
        for inner in BaseModel.__subclasses__()[0].__subclasses__():
            if f".{inner.__name__}" in text and inner is not Settings:
                found[name] = set(inner.model_fields)
    return found


def test_the_settings_know_no_room() -> None:
    imported = re.findall(r"^(?:from|import) (\w+)", (ROOT / "config.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert not set(imported) & {"bot", "handlers", "ingest", "rules", "models", "web", "sandbox", "wire"}


def test_the_example_documents_every_key() -> None:
    example = tomllib.loads((ROOT / "hub.example.toml").read_text(encoding="utf-8"))
    for table, keys in models_in(Settings).items():
        written = example[table][0] if isinstance(example[table], list) else example[table]
        assert keys <= set(written), f"[{table}] of hub.example.toml lacks {keys - set(written)}"


def test_the_example_can_be_used_once_its_secrets_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "hub.example.toml").read_text(encoding="utf-8")
    for name in set(re.findall(r"env:([A-Z0-9_]+)", text)):
        key = "A" * 43 if name.endswith("AES_KEY") else "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="
        monkeypatch.setenv(name, "Token123" if name.endswith("TOKEN") else key)
    assert load(ROOT / "hub.example.toml").shops[0].slug == "tb"


def test_the_demo_agrees_with_the_company_that_the_sandbox_plays() -> None:
    hub = load(ROOT / "hub.demo.toml")
    company = tomllib.loads((ROOT / "sandbox" / "company.toml").read_text(encoding="utf-8"))
    tb, jd, pdd = hub.shops
    assert (tb.app_key, tb.app_secret, tb.token) == (
        company["taobao"]["app_key"],
        company["taobao"]["app_secret"],
        company["taobao"]["session"],
    )
    assert (jd.app_key, jd.app_secret, jd.token) == (
        company["jd"]["app_key"],
        company["jd"]["app_secret"],
        company["jd"]["access_token"],
    )
    assert (pdd.app_key, pdd.app_secret, pdd.token) == (
        company["pdd"]["client_id"],
        company["pdd"]["client_secret"],
        company["pdd"]["access_token"],
    )
    for room in ("wecom", "bot", "weixin"):
        ours = getattr(hub, room).model_dump()
        shared = set(ours) & set(company[room]) - {"gateway", "templates"}
        assert {key: ours[key] for key in shared} == {key: company[room][key] for key in shared}
    assert hub.bot is not None
    assert hub.bot.group == company["group"]["chatid"]
    known = {person["userid"] for person in company["people"]}
    assert {person.wecom for person in hub.staff} < known, "the outsider is not staff"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pull": {"every_seconds": "often"}}, ["pull.every_seconds", "'often'", "integer"]),
        ({"pull": {"every_seconds": 1}}, ["pull.every_seconds", "= 1", "5"]),
        ({"pull": {"evry": 5}}, ["pull.evry", "no such key"]),
        ({"bot": {"mode": "stream", "bot_id": "x", "name": "y"}}, ["bot", "expects secret"]),
        ({"bot": {"mode": "callback", "bot_id": "x", "name": "y"}}, ["bot", "expects token and an aes_key"]),
        ({"staff": [{"name": "小李", "roles": ["boss"], "wecom": "x"}]}, ["staff.0.roles.0", "'boss'", "'service'"]),
        ({"hub": {"base_url": "hub.example.com"}}, ["hub.base_url"]),
        ({"security": {}}, ["security.data_keys: missing"]),
    ],
)
def test_a_bad_value_is_named_with_key_value_and_what_is_expected(changes: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(document(**changes))
    for part in said:
        assert part in str(caught.value)


def test_a_bad_key_is_named_without_being_shown() -> None:
    security = document()["security"] | {"lookup_key": "c2hvcnQ="}
    with pytest.raises(ConfigError, match="32 random bytes") as caught:
        parse(document(security=security))
    assert "c2hvcnQ=" not in str(caught.value)


@pytest.mark.parametrize(
    ("security", "said"),
    [
        ({"data_key_id": 2}, "expected one of"),
        ({"data_keys": {"300": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="}}, "expected 1 to 255"),
        ({"trail_key": "not base64!"}, "base64"),
    ],
)
def test_keys_that_cannot_work_stop_the_start(security: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(document(security=document()["security"] | security))


def test_a_slug_may_stand_once() -> None:
    shops = document()["shops"]
    with pytest.raises(ConfigError, match="'tb' stands twice"):
        parse(document(shops=[shops[0], shops[0]]))


def test_a_missing_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_NOT_THERE", raising=False)
    with pytest.raises(ConfigError, match=r"security\.lookup_key.*HUB_NOT_THERE"):
        parse(document(security=document()["security"] | {"lookup_key": "env:HUB_NOT_THERE"}))


def test_a_missing_or_broken_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hub\.example\.toml"):
        load(tmp_path / "hub.toml")
    (tmp_path / "hub.toml").write_text("[hub\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="TOML"):
        load(tmp_path / "hub.toml")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(parse(document()))
    for secret in ("app-secret", "bot-secret", "shop-secret", "shop-token", "oa-secret", "AAECAwQFBgc"):
        assert secret not in shown
