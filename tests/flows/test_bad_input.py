"""What must not get in: forged, stale, repeated, broken and huge callbacks, absurd orders, words that nobody knows.
Refused with the right status, logged without its secrets, nothing stored, nothing crashed."""

from __future__ import annotations

import base64
import random
import secrets
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

import app
from models import RawPayload
from sandbox import world_jd, world_jd_methods, world_pdd, world_pdd_methods, world_taobao, world_taobao_methods
from sandbox.chat_crypto import Crypto
from sandbox.chat_wire import Parcel
from sandbox.dingtalk_core import signature
from sandbox.jd import Jd
from sandbox.pdd import Pdd
from sandbox.taobao import Taobao
from sandbox.world_gateway import Dialect, json_reply
from tests.flows.house import CUSTOMER, Ground, House, no_chat, open_house

SAID = "查 13857105678 林晓雨"
MIB = 1 << 20


@dataclass
class Door:
    """One address that a platform calls, and how that platform signs and seals."""

    house: House
    crypto: Crypto
    good: Parcel
    json: bool = False

    def parcel(self, inside: bytes, *, nonce: str = "", age_seconds: int = 0) -> Parcel:
        return self.sealed(self.crypto.encrypt(inside), nonce=nonce, age_seconds=age_seconds)

    def sealed(self, encrypted: str, *, nonce: str = "", age_seconds: int = 0) -> Parcel:
        stamp, nonce = str(int(self.house.state.clock.epoch()) - age_seconds), nonce or secrets.token_hex(5)
        signed = {"msg_signature": self.crypto.sign(stamp, nonce, encrypted), "timestamp": stamp, "nonce": nonce}
        return replace(self.good, query={**self.good.query, **signed}, body=self.envelope(encrypted))

    def envelope(self, encrypted: str) -> bytes:
        if self.json:
            return b'{"encrypt": "%s"}' % encrypted.encode()
        return b"<xml><Encrypt><![CDATA[%s]]></Encrypt></xml>" % encrypted.encode()

    def asked(self, **changes: str) -> Parcel:
        return replace(self.good, query={**self.good.query, **changes})


@pytest.fixture(params=["app", "bot", "oa"])
def door(ground: Ground, request: pytest.FixtureRequest) -> Iterator[Door]:
    """A house with all three addresses, and a right callback of one of them that was never delivered. DingTalk's two
    are signed and not sealed: `robot_door`."""
    with open_house(ground, online=False, mode="callback", bot={"mode": "callback"}) as house:
        with house.held_back() as parcels:
            if request.param == "oa":
                house.phones.customer_say(CUSTOMER, SAID)
            else:
                house.phones.say("xiaoli", request.param, SAID)
        parts: dict[str, Any] = {"app": house.phones.wecom, "bot": house.phones.aibot.hook, "oa": house.phones.weixin}
        yield Door(house, parts[request.param].crypto, parcels[0], json=request.param == "bot")


def bad(door: Door) -> dict[str, tuple[Parcel, set[int]]]:
    """Callbacks that must be refused, and how."""
    inside = door.crypto.decrypt(door.crypto.encrypt(b"<xml></xml>"))
    raw = base64.b64decode(door.crypto.encrypt(b"{}" if door.json else inside))
    other = Crypto(door.crypto.token, base64.b64encode(bytes(32)).decode()[:43], door.crypto.receive_id.decode())
    stranger = Crypto(door.crypto.token, base64.b64encode(door.crypto.key).decode()[:43], "wwSomebodyElse")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><xml><Content>&b;</Content></xml>'
    theft = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Content>&f;</Content></xml>'
    remote = b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml><Content>x</Content></xml>'
    found = {
        "wrong signature": (door.asked(msg_signature="0" * 40), {403}),
        "signature of other words": (replace(door.good, body=door.parcel(b"{}").body), {403}),
        "no signature": (door.asked(msg_signature=""), {403}),
        "odd signature": (door.asked(msg_signature="签名\x00"), {403}),
        "another timestamp": (door.asked(timestamp=str(int(door.good.query["timestamp"]) + 1)), {403}),
        "no timestamp": (door.asked(timestamp=""), {403}),
        "no query": (replace(door.good, query={}), {403}),
        "stale": (door.parcel(inside, age_seconds=301), {403}),
        "from the future": (door.parcel(inside, age_seconds=-360), {403}),
        "a timestamp that is none": (replace(door.parcel(inside), query=_signed(door, inside, "１２３")), {403}),
        "one bit changed": (door.sealed(_flipped(raw)), {400}),
        "one byte cut": (door.sealed(base64.b64encode(raw[:-1]).decode()), {400}),
        "one block cut": (door.sealed(base64.b64encode(raw[:-16]).decode()), {400}),
        "no base64": (door.sealed("@@@@"), {400}),
        "another key": (door.sealed(other.encrypt(inside)), {400}),
        "nothing inside": (door.sealed(""), {400}),
        "empty body": (replace(door.good, body=b""), {400}),
        "no envelope": (replace(door.good, body=b"hello"), {400}),
        "bytes": (replace(door.good, body=b"\xff\xfe\x00\x01" * 9), {400}),
        "an array": (replace(door.good, body=b"[1]" if door.json else b"<xml><Encrypt><a/></Encrypt></xml>"), {400}),
        "deep": (replace(door.good, body=b"[" * 99999 if door.json else b"<a>" * 9999), {400}),
        "junk inside": (door.parcel(b"\x00\xff" * 20), {400}),
        "too long": (door.sealed("A" * MIB), {413}),
    }
    if not door.json:
        found["another company"] = (door.sealed(stranger.encrypt(inside)), {400})
        for name, words in (("entities", bomb), ("a file", theft), ("a remote DTD", remote)):
            found[f"{name} outside"] = (replace(door.good, body=words), {400})
            found[f"{name} inside"] = (door.parcel(words), {400})
    return found


def _flipped(raw: bytes) -> str:
    """The last block says another padding."""
    return base64.b64encode(raw[:-17] + bytes([raw[-17] ^ 0x55]) + raw[-16:]).decode()


def _signed(door: Door, inside: bytes, stamp: str) -> dict[str, str]:
    encrypted, nonce = door.crypto.encrypt(inside), "n"
    return {"msg_signature": door.crypto.sign(stamp, nonce, encrypted), "timestamp": stamp, "nonce": nonce}


def kept(house: House) -> tuple[dict[str, int], int]:
    """All rows, and the nonces that Redis remembers."""
    return house.counts(), len(list(house.hub.redis.scan_iter("hub:nonce:*")))


def test_bad_callbacks_are_refused_and_leave_nothing(door: Door, capfd: pytest.CaptureFixture[str]) -> None:
    house = door.house
    before = house.counts()
    for name, (parcel, wanted) in bad(door).items():
        answer = house.post(parcel)
        assert answer.status_code in wanted, f"{name}: {answer.status_code}"
        assert house.counts() == before, f"{name}: something was stored"
        assert not answer.text.strip() or "<" not in answer.text, "and nothing is told"
    captured = capfd.readouterr()
    logged = captured.out + captured.err
    assert logged.count("callback_refused") >= 20
    for secret in (door.crypto.token, door.crypto.receive_id.decode() or "-" * 9, SAID, "13857105678", "林晓雨",
                   door.good.query["msg_signature"], "Traceback"):  # fmt: skip
        assert secret not in logged
    right = house.post(door.good)
    assert right.status_code == 200, "and the right one is taken"
    assert right.content or house.counts() != before


def test_a_nonce_with_other_content_is_a_replay(door: Door) -> None:
    house, first = door.house, door.good
    assert house.post(first).status_code == 200
    before = house.counts()
    inside = door.crypto.decrypt(_encrypted(first, json=door.json))
    again = door.parcel(inside.replace(SAID.encode(), b"help"), nonce=first.query["nonce"])
    assert house.post(again).status_code == 403
    assert house.counts() == before
    house.move(minutes=6)
    assert house.post(first).status_code == 403, "the very same, too late"
    assert house.counts() == before


@pytest.fixture(params=["robot", "card"])
def robot_door(ground: Ground, request: pytest.FixtureRequest) -> Iterator[tuple[House, Parcel]]:
    """A house that DingTalk calls, and a right call of one of its two kinds that was never delivered."""
    with open_house(ground, chat="dingtalk", online=False) as house:
        order = house.arrived("taobao")
        house.ask("xiaoli", f"查 {order.tag}")
        with house.held_back() as parcels:
            if request.param == "robot":
                house.say("xiaoli", SAID)
            else:
                house.press("xiaoli", house.card("app:xiaoli", order.tag), "审核")
        yield house, parcels[0]


def re_signed(house: House, good: Parcel, *, age_seconds: int = 0, secret: str = "") -> Parcel:
    """The same call, signed now or some time ago, by DingTalk or by somebody else."""
    ding = house.phones.dingtalk
    stamp = str(ding.milliseconds() - age_seconds * 1000)
    if "sign" in good.headers:
        key = secret or ding.settings.app_secret
        return replace(good, headers={"timestamp": stamp, "sign": signature(key, f"{stamp}\n{key}")})
    sign = signature(secret or ding.settings.card_secret, stamp)
    return replace(good, headers={"x-ddpaas-signature-timestamp": stamp, "x-ddpaas-signature": sign})


def badly_called(house: House, good: Parcel) -> dict[str, tuple[Parcel, int]]:
    stamp = next(name for name in good.headers if name.endswith("timestamp"))
    sign = next(name for name in good.headers if name != stamp)
    return {
        "wrong signature": (replace(good, headers={**good.headers, sign: "0" * 44}), 403),
        "no signature": (replace(good, headers={stamp: good.headers[stamp]}), 403),
        "no headers": (replace(good, headers={}), 403),
        "another timestamp": (replace(good, headers={**good.headers, stamp: str(int(good.headers[stamp]) + 1)}), 403),
        "another secret": (re_signed(house, good, secret="somebody-else"), 403),
        "stale": (re_signed(house, good, age_seconds=301), 403),
        "from the future": (re_signed(house, good, age_seconds=-360), 403),
        "empty body": (replace(good, body=b""), 400),
        "no JSON": (replace(good, body=b"hello"), 400),
        "bytes": (replace(good, body=b"\xff\xfe\x00\x01" * 9), 400),
        "an array": (replace(good, body=b"[1]"), 400),
        "deep": (replace(good, body=b"[" * 99999), 400),
        "nobody's": (replace(good, body=b"{}"), 400),
        "too long": (replace(good, body=b'{"a": "' + b"A" * MIB + b'"}'), 413),
    }


def test_bad_calls_of_dingtalk_are_refused_and_leave_nothing(
    robot_door: tuple[House, Parcel], capfd: pytest.CaptureFixture[str]
) -> None:
    house, good = robot_door
    before = house.counts()
    for name, (parcel, wanted) in badly_called(house, good).items():
        answer = house.post(parcel)
        assert answer.status_code == wanted, f"{name}: {answer.status_code}"
        assert house.counts() == before, f"{name}: something was stored"
        assert not answer.text.strip() or "<" not in answer.text, "and nothing is told"
    captured = capfd.readouterr()
    logged = captured.out + captured.err
    assert logged.count("callback_refused") >= 10
    ding = house.phones.dingtalk.settings
    for secret in (ding.app_secret, ding.card_secret, SAID, "13857105678", *good.headers.values(), "Traceback"):
        assert secret not in logged
    right = house.post(good)
    assert right.status_code == 200, "and the right one is taken"
    assert right.content or house.counts() != before
    house.move(minutes=6)
    before = house.counts()
    assert house.post(good).status_code == 403, "the very same, too late"
    assert house.counts() == before


def test_a_call_of_dingtalk_that_is_signed_anew_by_whoever_caught_it_does_nothing_twice(
    robot_door: tuple[House, Parcel],
) -> None:
    """Its signature says nothing about the body: what keeps a repeat out is what it says."""
    house, good = robot_door
    assert house.post(good).status_code == 200
    house.work()
    before = house.counts()
    for _ in range(2):
        assert house.post(good).status_code == 200
        assert house.post(re_signed(house, good)).status_code == 200
    house.work()
    assert house.counts() == before


def _encrypted(parcel: Parcel, *, json: bool) -> str:
    body = parcel.body.decode()
    return body.split('"encrypt": "')[1].split('"')[0] if json else body.split("CDATA[")[-1].split("]")[0]


def test_a_body_without_a_length_is_cut_off_too(office: House) -> None:
    """In chunks, of which nobody knows how many will come."""
    with office.held_back() as parcels:
        office.say("xiaoli", "帮助")
    before = kept(office)
    where = urlsplit(office.url)
    query = requests.Request("POST", parcels[0].url, params=parcels[0].query).prepare().path_url
    head = f"POST {query} HTTP/1.1\r\nHost: {where.netloc}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=10) as wire:
        wire.sendall(head.encode())
        chunk = b"10000\r\n" + b"A" * 0x10000 + b"\r\n"
        try:
            for _ in range(64):
                wire.sendall(chunk)
            wire.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # it hung up on us: as good as a status
        answer = _read(wire)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))
    assert kept(office) == before


def _read(wire: socket.socket) -> bytes:
    try:
        return wire.recv(100)
    except OSError:
        return b""


# orders

ROWS: dict[str, tuple[Any, str, Callable[..., Any], str]] = {
    "taobao": (world_taobao_methods, "asked_only", world_taobao.asked_only, "tid"),
    "jd": (world_jd_methods, "asked_only", world_jd.asked_only, "orderId"),
    "pdd": (world_pdd_methods, "order_row", world_pdd.order_row, "order_sn"),
}
"""Where each platform's row is made, last before it goes out, and under what name its number stands there."""
ABSURD: tuple[Any, ...] = (
    None, "", [], {}, -1, 10**30, True, "x" * 20_000, "\x00", "NaN", "9999-99-99 99:99:99", [[]], {"order": None},
    "💥" * 300,
)  # fmt: skip
GONE = object()


@no_chat
@pytest.mark.parametrize("platform", list(ROWS))
def test_absurd_orders_are_kept_and_listed_and_stop_nobody(
    office: House, monkeypatch: pytest.MonkeyPatch, platform: str
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    module, name, real, number_name = ROWS[platform]
    spoilt: dict[str, tuple[str, Any]] = {}
    fields: set[str] = set()

    def row(*arguments: Any, **options: Any) -> Any:
        made = dict(real(*arguments, **options))
        fields.update(made)
        field, value = spoilt.get(str(made[number_name]), ("", GONE))
        made.pop(field, None)
        return made | ({field: value} if field and value is not GONE else {})

    monkeypatch.setattr(module, name, row)
    healthy = {office.order_in(platform).id for _ in range(3)}
    office.pull(platform)
    office.move(minutes=16)
    for field in sorted(fields - {number_name}):
        for value in (GONE, *chance.sample(ABSURD, 2)):
            spoilt[office.order_in(platform).id] = (field, value)
    healthy.add(office.order_in(platform).id)
    office.pull(platform)
    with office.hub.sessions() as session:
        problems = {
            found.external_id: found.problem
            for found in session.scalars(select(RawPayload).where(RawPayload.problem.is_not(None)))
        }
    there = set(office.orders())
    assert healthy <= there
    for number, what in spoilt.items():
        assert (number in there) is not (number in problems), f"{what} is neither an order nor a problem, or both"
    assert problems, "some of it cannot be read"
    assert all(problems.values())
    told = app.create_app(office.hub).test_cli_runner().invoke(args=["hub", "unreadable"])
    assert told.exit_code == 0
    assert all(number in told.output for number in list(problems)[-150:])
    office.move(hours=2)
    office.look()
    for number in chance.sample(sorted(there), 12):
        assert "没有办成" not in office.ask("chenjie", f"查 {number}"), spoilt.get(number)
    assert "没有办成" not in office.ask("chenjie", "看板")


@no_chat
@pytest.mark.parametrize("dialect", [Taobao, Jd, Pdd])
def test_answers_of_another_shape_lose_nothing(
    office: House, monkeypatch: pytest.MonkeyPatch, dialect: type[Dialect]
) -> None:
    made = office.order_in(dialect.platform)
    shapes: tuple[Any, ...] = ([], "x", None, {}, {"error_response": 1}, {"error_response": {}}, [{}], 7, {"code": []})
    for shape in shapes:
        with monkeypatch.context() as patch:
            patch.setattr(dialect, "write", lambda _self, _call, _body, shape=shape: json_reply(shape))
            office.pull(dialect.platform)
        assert not office.orders(), shape
        office.move(minutes=12)
    office.pull(dialect.platform)
    assert list(office.orders()) == [made.id]


# words


def test_a_word_that_is_nearly_a_command_is_answered_with_a_suggestion(office: House) -> None:
    order = office.arrived("taobao")
    before = office.counts()["trail"]
    nearly = {
        f"神核 {order.tag}": "审核",
        "kanban": "看板",
        "查询": "查什么",
        "发或 1 顺丰 SF1": "发货",
        "轨迹": "请写上订单编号",
    }
    for words, meant in nearly.items():
        assert meant in office.ask("xiaoli", words), words
    assert office.counts()["trail"] == before
    assert office.order(order.external_id).stage == "pending_review", "it is suggested, never done"


NONSENSE = (
    "今天天气不错", "{}", "<xml/>", "'; DROP TABLE orders; --", "%s%s%n", "\\u0000", "审核" * 900, "🙃" * 500,
    "A7F2 跳舞", "审核 " + " ".join(str(number) for number in range(1, 400)), "查 " + "9" * 39, "发货 1 2 3 4 5 6",
    "]]>", "&lt;a&gt;",
)  # fmt: skip


def test_words_that_mean_nothing_are_answered_in_plain_chinese(office: House) -> None:
    office.arrived("taobao")
    before = office.counts()
    for words in NONSENSE:
        answer = office.ask("chenjie", words)
        assert answer.strip(), words
        assert "没有办成（" not in answer, f"{words}: a crash"
    changed = {name for name, many in office.counts().items() if many != before[name]}
    assert changed <= {"seen_messages", "notifications", "sent_cards", "usage"}


def test_who_may_not_hears_who_may(office: House) -> None:
    order = office.arrived("taobao")
    assert "审核由客服操作，您是仓库；可以请小李处理" in office.ask("laowang", f"审核 {order.tag}")
    assert "指派由主管操作，您是采购；可以请陈姐处理" in office.ask("zhaojie", f"指派 {order.tag} 小李")
    assert "登记" in office.ask("waiguan", "看板")
