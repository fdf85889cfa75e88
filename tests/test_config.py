from __future__ import annotations

import copy
import re
import tomllib
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config import TEMPLATE_VALUES, ConfigError, Settings, load, parse
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


SOURCES = ("bot", "handlers", "ingest", "models", "rules", "web", "*.py")


def test_every_key_is_read_somewhere() -> None:
    files = [file for room in SOURCES for file in (ROOT.glob(room) if "*" in room else (ROOT / room).rglob("*.py"))]
    product = "\n".join(file.read_text(encoding="utf-8") for file in files if file.name != "config.py")
    for model in BaseModel.__subclasses__():
        for table in model.__subclasses__() if model.__module__ == "config" else ():
            owner = "hub" if table.__name__ == "Hub" else ""  # its keys are common words
            unread = {key for key in table.model_fields if not re.search(rf"{owner}\.{key}\b", product)}
            assert not unread, f"nothing reads {unread} of {table.__name__}"


def test_the_templates_know_the_values_that_are_filled_in() -> None:
    shipping = (ROOT / "handlers" / "shipping.py").read_text(encoding="utf-8")
    filled = re.findall(r'"(\w+)": ', shipping[shipping.index('"number": ') :].split("}", 1)[0])
    assert set(filled) == set(TEMPLATE_VALUES["shipped"])
    owe = (ROOT / "handlers" / "owe.py").read_text(encoding="utf-8")
    filled = re.findall(r'"(\w+)": ', owe[owe.index('values = {"number": ') :].split("}", 1)[0])
    assert set(filled) == set(TEMPLATE_VALUES["solved"])


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
        ({"staff": [{"name": "小李", "roles": ["boss"], "wecom": "x"}]}, ["staff.0.roles.0", "'boss'", "service"]),
        ({"security": {}}, ["security.data_keys: missing"]),
    ],
)
def test_a_bad_value_is_named_with_key_value_and_what_is_expected(changes: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(document(**changes))
    for part in said:
        assert part in str(caught.value)


def complaint(**changes: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        parse(document(**changes))
    assert "\n" not in str(caught.value), "one sentence"
    return str(caught.value)


def changed(table: str, **changes: Any) -> dict[str, Any]:
    """The document's table with `changes`, for `complaint(**changed(…))`."""
    return {table: document()[table] | changes}


def one_shop(**changes: Any) -> dict[str, Any]:
    return {"shops": [document()["shops"][0] | changes]}


def person(**changes: Any) -> dict[str, Any]:
    return {"name": "小李", "roles": ["service"], "wecom": "xiaoli"} | changes


def templates(**shipped: Any) -> dict[str, Any]:
    return changed("weixin", templates={"shipped": {"id": "t", "keys": {"number": "thing1"}} | shipped})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"hub": {"var": ""}}, "hub.var = '': expected some text"),
    ({"hub": {"name": " "}}, "hub.name = ' ': expected some text"),
    ({"hub": {"base_url": "hub.example.com"}}, "hub.base_url = 'hub.example.com': expected an address, "),
    ({"hub": {"base_url": "https://hub.example.com/"}}, "hub.base_url = 'https://hub.example.com/': expected an add"),
    ({"hub": {"base_url": "http://hub:99999"}}, "hub.base_url = 'http://hub:99999': expected an address, "),
    ({"hub": {"base_url": "ws://hub"}}, "hub.base_url = 'ws://hub': expected an address, "),
    ({"time": {"gateway": "nonsense"}}, "time.gateway = 'nonsense': expected an address, "),
    ({"stock": {"QH-CUP-RED": -1}}, "stock.QH-CUP-RED = -1: expected a whole number of pieces, 0 or more"),
    ({"stock": {"QH-CUP-RED": "many"}}, "stock.QH-CUP-RED = 'many': expected a whole number of pieces, 0 or more"),
    ({"staff": [person(), person(name="老王")]}, "staff.1.wecom = 'xiaoli': stands twice, expected each once"),
    ({"staff": [person(wecom="")]}, "staff.0.wecom = '': expected some text"),
    (one_shop(app_key=""), "shops.0.app_key = '': expected some text"),
    (one_shop(prefix="tb"), "shops.0.prefix = 'tb': expected 2 to 5 capital letters"),
    (one_shop(gateway="ftp://x"), "shops.0.gateway = 'ftp://x': expected an address, "),
    (changed("bot", name=""), "bot.name = '': expected some text"),
    (changed("bot", gateway="https://x"), "bot.gateway = 'https://x': expected an address, "),
    (changed("bot", aes_key="!" * 43), "bot.aes_key: expected 43 letters and digits"),
    (changed("bot", mode="callback", aes_key="!" * 43), "bot.aes_key: expected 43 letters and digits"),
    (changed("wecom", aes_key="!" * 43), "wecom.aes_key: expected 43 letters and digits"),
    (changed("wecom", corpid=""), "wecom.corpid = '': expected some text"),
    (templates(keys={}), "weixin.templates.shipped.keys: expected at least one of number, goods, courier, waybill"),
    (
        templates(keys={"nummer": "thing1"}),
        "weixin.templates.shipped.keys.nummer: no such value, expected one of number, goods, courier, waybill, time",
    ),
    (templates(keys={"number": ""}), "weixin.templates.shipped.keys.number = '': expected a key of the template"),
    (templates(id=""), "weixin.templates.shipped.id = '': expected some text"),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_cannot_work_is_refused_at_the_start(changes: dict[str, Any], said: str) -> None:
    assert complaint(**changes).startswith(said)


SECRET = "c2hvcnQ="


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (changed("security", lookup_key=SECRET), "security.lookup_key: expected base64 text of 32 random bytes"),
        (changed("security", data_key_id=2), "security.data_key_id = 2: expected an id of data_keys, one of 1"),
        (changed("security", data_keys={SECRET: 1}), "security.data_keys: "),
        (changed("security", data_keys={"1": SECRET}), "security.data_keys: "),
        ({"security": SECRET}, "security: expected a table"),
        ({"shops": document()["shops"][:1] * 2}, "shops.1.slug = 'tb': stands twice, expected each once"),
        ({"shops": SECRET}, "shops: expected a list of tables"),
        (changed("bot", secret=""), 'bot.secret: missing, expected with mode = "stream"'),
        (changed("bot", mode="callback", token=""), 'bot.token: missing, expected with mode = "callback"'),
        (changed("bot", mode="callback", aes_key=""), 'bot.aes_key: missing, expected with mode = "callback"'),
        (changed("wecom", secrt=SECRET), "wecom.secrt: no such key, see hub.example.toml"),
        (one_shop(app_secrt=SECRET), "shops.0.app_secrt: no such key, see hub.example.toml"),
        (one_shop(app_secret=[SECRET]), "shops.0.app_secret: "),
        (one_shop(app_key={"a": SECRET}), "shops.0.app_key: expected some text"),
        ({"secrets": {"a": SECRET}}, "secrets: no such key, see hub.example.toml"),
        (changed("wecom", token=SECRET), "wecom.token: expected"),
        ({"hub": {"base_url": f"http://me:{SECRET}@hub/"}}, "hub.base_url = 'http://…@hub/': expected an address"),
    ],
)
def test_no_secret_is_shown_with_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    assert (text := complaint(**changes)).startswith(said)
    for secret in secrets_of(document(**changes)):
        assert secret not in text


SECRET_NAMES = {"app_secret", "secret", "token", "aes_key", "data_keys", "lookup_key", "trail_key", "button_key"}


def secrets_of(node: Any, *, inside: bool = False) -> set[str]:
    if isinstance(node, dict):
        return set().union(*(secrets_of(item, inside=inside or name in SECRET_NAMES) for name, item in node.items()))
    if isinstance(node, list):
        return set().union(*(secrets_of(item, inside=inside) for item in node))
    return {node} if node == SECRET or (inside and isinstance(node, str) and len(node) > 2) else set()


def mutations(node: Any) -> Iterator[Any]:
    """The document with one thing changed: a key gone, misspelt, of another kind, doubled, or wrong by a letter."""
    if isinstance(node, dict):
        for name, item in node.items():
            rest = {other: value for other, value in node.items() if other != name}
            yield rest
            yield rest | {name + "x": item}
            yield rest | {name: {"x": item}}
            yield rest | {name: [item]}
            yield rest | {name: item["1"] if name == "data_keys" else {item: name} if isinstance(item, str) else 5}
            yield from ({**node, name: changed} for changed in mutations(item))
    elif isinstance(node, list):
        yield [*node, *node]
        for number, item in enumerate(node):
            yield from ([*node[:number], changed, *node[number + 1 :]] for changed in mutations(item))
    else:
        yield from ("", -5, f"{node}!", None)


def test_no_mistake_of_one_key_brings_a_secret_to_light() -> None:
    demo = tomllib.loads((ROOT / "hub.demo.toml").read_text(encoding="utf-8"))
    secrets, refused = secrets_of(demo), 0
    assert len(secrets) == 19
    for wrong in mutations(demo):
        try:
            parse(copy.deepcopy(wrong))
        except ConfigError as error:
            refused += 1
            shown = "".join(traceback.format_exception(error))
            assert not [secret for secret in secrets if secret in shown], shown
    assert refused > 500


@pytest.mark.parametrize(
    ("security", "said"),
    [
        ({"data_key_id": 2}, "one of 1"),
        ({"data_keys": {"300": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="}}, "1 to 255"),
        ({"trail_key": "not base64!"}, "base64"),
    ],
)
def test_keys_that_cannot_work_stop_the_start(security: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(document(security=document()["security"] | security))


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
