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

from config import ConfigError, Settings, load, parse
from config_kinds import TEMPLATE_VALUES
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
        key = "A" * 43 if name.endswith(("AES_KEY", "RECEIPTS")) else "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="
        monkeypatch.setenv(name, "Token123" if name.endswith("TOKEN") else key)
    assert load(ROOT / "hub.example.toml").shops[0].slug == "tb"


def test_the_demo_agrees_with_the_company_that_the_sandbox_plays() -> None:
    hub = load(ROOT / "hub.demo.toml")
    company = tomllib.loads((ROOT / "sandbox" / "company.toml").read_text(encoding="utf-8"))
    tb, jd, pdd, *_ = hub.shops
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
    for room in ("wecom", "wecom_hook", "bot", "dingtalk", "weixin", "kf", "sms"):
        ours = getattr(hub, room).model_dump()
        shared = set(ours) & set(company[room]) - {"gateway", "templates", "notices", "calls_per_second"}
        assert {key: ours[key] for key in shared} == {key: company[room][key] for key in shared}
    assert hub.sms is not None
    assert company["sms"]["receipts"] == f"/sms/{hub.sms.receipt_token}"
    assert hub.bot is not None
    assert hub.bot.group == company["group"]["chatid"]
    assert hub.dingtalk_hook is not None
    hook = (hub.dingtalk_hook.token, hub.dingtalk_hook.secret)
    assert hook == (company["dingtalk"]["hook_token"], company["dingtalk"]["hook_secret"])
    known = {(person["userid"], person["dingtalk"]) for person in company["people"]}
    assert {(person.wecom, person.dingtalk) for person in hub.staff} < known, "the outsider is not staff"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pull": {"every_seconds": "often"}}, ['pull.every_seconds = "often"：应为整数，5 到 3600']),
        ({"pull": {"every_seconds": 1}}, ["pull.every_seconds = 1：应为整数，5 到 3600"]),
        ({"pull": {"evry": 5}}, ["pull.evry：没有这个键"]),
        (
            {"staff": [{"name": "小李", "roles": ["boss"], "wecom": "x"}]},
            ['第 1 个 [[staff]] 的 roles = "boss"：', "service"],
        ),
        ({"security": {}}, ["security.data_keys：没有写"]),
    ],
)
def test_a_bad_value_is_named_with_key_value_and_what_is_expected(changes: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(document(**changes))
    for part in said:
        assert part in str(caught.value)


def test_a_list_with_a_wrong_part_is_complained_of_once() -> None:
    said = complaint(staff=[person(roles=["boss"])])
    assert said.endswith("应为列表，service、warehouse、purchasing、supervisor 中的一个或几个")


@pytest.mark.parametrize(
    ("name", "value"),
    [("DATABASE_URL", "foo"), ("DATABASE_URL", "mysql://me:secret@db/x"), ("REDIS_URL", "http://:secret@redis")],
)
def test_a_server_that_cannot_be_one_is_named_without_its_password(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=rf"^{name}：应为 \w+://") as caught:
        load(ROOT / "hub.demo.toml")
    assert value not in str(caught.value)
    assert "secret" not in str(caught.value)


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
    ({"hub": {"var": ""}}, 'hub.var = ""：应为'),
    ({"hub": {"name": " "}}, 'hub.name = " "：应为'),
    ({"hub": {"base_url": "hub.example.com"}}, 'hub.base_url = "hub.example.com"：应为网址'),
    ({"hub": {"base_url": "https://hub.example.com/"}}, 'hub.base_url = "https://hub.example.com/"：应为网址'),
    ({"hub": {"base_url": "http://hub:99999"}}, 'hub.base_url = "http://hub:99999"：应为网址'),
    ({"hub": {"base_url": "ws://hub"}}, 'hub.base_url = "ws://hub"：应为网址'),
    ({"time": {"gateway": "nonsense"}}, 'time.gateway = "nonsense"：应为网址'),
    ({"stock": {"QH-CUP-RED": -1}}, "stock.QH-CUP-RED = -1：应为件数，0 或更大的整数"),
    ({"stock": {"QH-CUP-RED": "many"}}, 'stock.QH-CUP-RED = "many"：应为件数，0 或更大的整数'),
    ({"staff": [person(), person(name="老王")]}, '第 2 个 [[staff]] 的 wecom = "xiaoli"：重复了，每个只能出现一次'),
    (
        {"staff": [person(wecom="")]},
        '第 1 个 [[staff]] 的 wecom = ""：企业微信 userid（wecom）和钉钉 userid（dingtalk）至少写一个',
    ),
    (one_shop(app_key=""), '第 1 个 [[shops]] 的 app_key = ""：应为'),
    (one_shop(prefix="tb"), '第 1 个 [[shops]] 的 prefix = "tb"：应为 2 到 5 个大写字母'),
    (one_shop(gateway="ftp://x"), '第 1 个 [[shops]] 的 gateway = "ftp://x"：应为网址'),
    (changed("bot", name=""), 'bot.name = ""：应为'),
    (changed("bot", gateway="https://x"), 'bot.gateway = "https://x"：应为网址'),
    (changed("bot", aes_key="!" * 43), "bot.aes_key：应为 43 个字母和数字"),
    (changed("bot", mode="callback", aes_key="!" * 43), "bot.aes_key：应为 43 个字母和数字"),
    (changed("wecom", aes_key="!" * 43), "wecom.aes_key：应为 43 个字母和数字"),
    (changed("wecom", corpid=""), 'wecom.corpid = ""：应为'),
    (templates(keys={}), "weixin.templates.shipped.keys：至少要有一个：number、goods、courier、waybill"),
    (
        templates(keys={"nummer": "thing1"}),
        "weixin.templates.shipped.keys.nummer：没有这个值，应为 number、goods、courier、waybill、time 中的一个",
    ),
    (templates(keys={"number": ""}), 'weixin.templates.shipped.keys.number = ""：应为模板里的键'),
    (templates(id=""), 'weixin.templates.shipped.id = ""：应为'),
]


@pytest.mark.parametrize(("changes", "said"), WRONG)
def test_what_cannot_work_is_refused_at_the_start(changes: dict[str, Any], said: str) -> None:
    assert complaint(**changes).startswith(said)


SECRET = "c2hvcnQ="


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (changed("security", lookup_key=SECRET), "security.lookup_key：应为 32 个随机字节的 base64 文字"),
        (changed("security", data_key_id=2), "security.data_key_id = 2：应为 data_keys 里有的编号：1"),
        (changed("security", data_keys={SECRET: 1}), "security.data_keys："),
        (changed("security", data_keys={"1": SECRET}), "security.data_keys："),
        ({"security": SECRET}, "security：应为一张表"),
        ({"shops": document()["shops"][:1] * 2}, '第 2 个 [[shops]] 的 slug = "tb"：重复了，每个只能出现一次'),
        ({"shops": SECRET}, "shops：应为若干张表"),
        (changed("bot", secret=""), 'bot.secret：没有写，mode = "stream" 时必须有'),
        (changed("bot", mode="callback", token=""), 'bot.token：没有写，mode = "callback" 时必须有'),
        (changed("bot", mode="callback", aes_key=""), 'bot.aes_key：没有写，mode = "callback" 时必须有'),
        (changed("wecom", secrt=SECRET), "wecom.secrt：没有这个键，请对照 hub.example.toml"),
        (one_shop(app_secrt=SECRET), "第 1 个 [[shops]] 的 app_secrt：没有这个键，请对照 hub.example.toml"),
        (one_shop(app_secret=[SECRET]), "第 1 个 [[shops]] 的 app_secret："),
        (one_shop(app_key={"a": SECRET}), "第 1 个 [[shops]] 的 app_key：应为"),
        ({"secrets": {"a": SECRET}}, "secrets：没有这个键，请对照 hub.example.toml"),
        (changed("wecom", token=SECRET), "wecom.token：应为"),
        ({"hub": {"base_url": f"http://me:{SECRET}@hub/"}}, 'hub.base_url = "http://…@hub/"：应为网址'),
    ],
)
def test_no_secret_is_shown_with_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    assert (text := complaint(**changes)).startswith(said)
    for secret in secrets_of(document(**changes)):
        assert secret not in text


def test_encrypted_ids_of_the_bot_need_the_app_that_makes_them_plain() -> None:
    encrypted = changed("bot", userids="encrypted")

    assert parse(document(**encrypted)).bot is not None
    assert complaint(**encrypted, wecom=None) == (
        'bot.userids = "encrypted"：密文要由自建应用换成明文，请写上 [wecom]（corpid、agentid、secret 等）；'
        '机器人由企业超级管理员创建的，改成 "plain"'
    )


SECRET_NAMES = {
    "app_secret", "secret", "token", "aes_key", "data_keys", "lookup_key", "trail_key", "button_key",
    "button_keys_before", "secret_id", "secret_key", "receipt_token",
}  # fmt: skip


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
    assert len(secrets) == 26
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
        ({"data_key_id": 2}, "编号：1"),
        ({"data_keys": {"300": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="}}, "1 到 255"),
        ({"trail_key": "not base64!"}, "base64"),
        ({"button_keys_before": ["not base64!"]}, "^security.button_keys_before：应为列表，每个是 32 个随机字节"),
        ({"button_keys_before": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A="}, "button_keys_before：应为列表"),
        (
            {"button_keys_before": [document()["security"]["button_key"]]},
            "^security.button_keys_before：和 button_key 相同。这里写换下来的旧密钥，button_key 写新的$",
        ),
    ],
)
def test_keys_that_cannot_work_stop_the_start(security: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse(document(security=document()["security"] | security))


def test_a_key_that_was_changed_is_still_known_and_signs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = document()["security"]["button_key"]
    monkeypatch.setenv("HUB_BUTTON_KEY_OLD", before)
    new = {
        "button_key": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2A=",
        "button_keys_before": ["env:HUB_BUTTON_KEY_OLD"],
    }
    security = parse(document(security=document()["security"] | new)).security
    assert security.button_keys == (new["button_key"], before)
    assert before not in repr(security)


def test_a_missing_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUB_NOT_THERE", raising=False)
    with pytest.raises(ConfigError, match=r"security\.lookup_key.*环境变量 HUB_NOT_THERE"):
        parse(document(security=document()["security"] | {"lookup_key": "env:HUB_NOT_THERE"}))


def test_a_missing_or_broken_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"hub\.example\.toml"):
        load(tmp_path / "hub.toml")
    with pytest.raises(ConfigError, match="是文件夹，不是文件"):
        load(tmp_path)
    (tmp_path / "hub.toml").write_text("[hub\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"第 1 行.*TOML"):
        load(tmp_path / "hub.toml")
    (tmp_path / "hub.toml").write_bytes("[hub]\nname = '青禾'\n".encode("gb18030"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load(tmp_path / "hub.toml")


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    shown = repr(parse(document()))
    for secret in ("app-secret", "bot-secret", "shop-secret", "shop-token", "oa-secret", "AAECAwQFBgc"):
        assert secret not in shown
