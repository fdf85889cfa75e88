from __future__ import annotations

import json
import re
from urllib.parse import unquote_plus

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from handlers.desk import Job, OpenDesk
from handlers.rulebook import dry_run
from tests.cast import Cast
from tests.factories import make_order
from tests.web.conftest import enter, link_path
from web.login import wanted

FAR = "金额 > 1000 且 省 属于 ['新疆', '西藏']"
Asked = list[tuple[Job, tuple[object, ...]]]


class Visit:
    """陈姐 at the pages of rules."""

    def __init__(self, browser: FlaskClient, sessions: sessionmaker[Session]) -> None:
        self.browser, self.sessions = browser, sessions

    def make(self, condition: str = FAR, **more: str) -> int:
        answer = self.send("/rules/new", condition=condition, **more)
        found = re.fullmatch(r"/rules/(\d+)\?said=.*", answer.headers["Location"])
        assert found is not None
        return int(found[1])

    def send(self, page: str, **form: str) -> TestResponse:
        return self.browser.post(page, data={"do": "save", **form})

    def press(self, rule_id: int, action: str, revision: int | None = None) -> TestResponse:
        seen = revision if revision is not None else self.revision(rule_id)
        form = {"action": action, "revision": str(seen)}
        return self.browser.post(f"/rules/{rule_id}", data=form, follow_redirects=True)

    def edit(self, rule_id: int, **form: str) -> TestResponse:
        """The form as it is shown, with these changes."""
        return self.send(f"/rules/{rule_id}/edit", **{"number": str(len(self.versions(rule_id))), **form})

    def page(self, path: str) -> str:
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def revision(self, rule_id: int) -> int:
        with self.sessions() as session:
            return int(session.execute(text("SELECT revision FROM rules WHERE id = :id"), {"id": rule_id}).scalar_one())

    def versions(self, rule_id: int) -> list[tuple[str, str, str]]:
        """(state, condition, title), the oldest first."""
        found = text("SELECT state, condition, title FROM rule_versions WHERE rule_id = :id ORDER BY number")
        with self.sessions() as session:
            return [tuple(row) for row in session.execute(found, {"id": rule_id})]


@pytest.fixture
def visit(browser: FlaskClient, open_desk: OpenDesk, cast: Cast, sessions: sessionmaker[Session]) -> Visit:
    enter(browser, open_desk, cast.chenjie)
    return Visit(browser, sessions)


def words(page: str) -> str:
    """Without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


class TestWhoMay:
    def test_a_link_from_the_chat_leads_there(self, browser: FlaskClient, open_desk: OpenDesk, cast: Cast) -> None:
        answer = browser.get(f"{link_path(open_desk, cast.chenjie)}&to=rules")
        assert answer.headers["Location"] == "/rules"
        assert 'href="/rules"' in browser.get("/board").text

    def test_whoever_has_to_log_in_comes_back_to_the_page(self) -> None:
        for page in ("/rules", "/rules/new", "/rules/3", "/rules/3/edit", "/rules/tries/7"):
            assert wanted(page) == page
        for elsewhere in ("/rules/", "/rules/check", "/rules/new/edit", "/rules//evil.example"):
            assert wanted(elsewhere) == "/board"

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/rules"), ("GET", "/rules/1"), ("GET", "/rules/new"), ("GET", "/rules/new?like=1"),
            ("GET", "/rules/1/edit"), ("POST", "/rules/new"), ("POST", "/rules/1/edit"), ("POST", "/rules/check"),
        ],
    )  # fmt: skip
    def test_rules_are_for_supervisors_alone(
        self, browser: FlaskClient, open_desk: OpenDesk, cast: Cast, method: str, path: str
    ) -> None:
        enter(browser, open_desk, cast.xiaoli)
        answer = browser.open(path, method=method, data={"condition": FAR} if method == "POST" else None)
        assert answer.status_code == 403
        said = answer.json["refused"] if path == "/rules/check" and answer.json else answer.text
        assert "改规则由主管操作，您是客服" in said
        assert 'href="/rules"' not in browser.get("/board").text

    @pytest.mark.parametrize("action", ["rule_on", "rule_off", "rule_drop", "back:1", "rule_try"])
    def test_no_button_works_for_anybody_else(
        self, visit: Visit, browser: FlaskClient, open_desk: OpenDesk, cast: Cast, action: str
    ) -> None:
        rule_id = visit.make()
        visit.edit(rule_id, title="大额")
        enter(browser, open_desk, cast.laowang)
        before = visit.versions(rule_id)
        answer = browser.post(f"/rules/{rule_id}", data={"action": action, "revision": "3"})
        assert "改规则由主管操作，您是仓库" in unquote_plus(answer.headers["Location"])
        assert browser.get(f"/rules/{rule_id}").status_code == 403
        assert visit.versions(rule_id) == before

    def test_without_a_pass_nothing_is_shown(self, browser: FlaskClient) -> None:
        for path in ("/rules", "/rules/new", "/rules/1", "/rules/tries/1"):
            assert browser.get(path).status_code == 401
        assert browser.post("/rules/check", data={"condition": FAR}).status_code == 401

    @pytest.mark.parametrize("path", ["/rules/new", "/rules/1", "/rules/1/edit", "/rules/check"])
    def test_a_form_on_another_site_changes_nothing(self, visit: Visit, browser: FlaskClient, path: str) -> None:
        form = {"condition": FAR, "do": "save"}
        assert browser.post(path, data=form, headers={"Origin": "https://evil.example"}).status_code == 403
        assert browser.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
        assert "还没有自己的规则" in visit.page("/rules")

    def test_the_pages_allow_no_script_of_others(self, visit: Visit, browser: FlaskClient) -> None:
        answer = browser.get("/rules/new")
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert not re.search(r"<script(?![^>]*(?:src=|application/json))|style=|onclick=", answer.text)


class TestFromTheFormToTheRule:
    def test_a_form_becomes_a_draft_that_is_switched_on_and_off(self, visit: Visit) -> None:
        assert "还没有自己的规则" in visit.page("/rules")
        rule_id = visit.make(
            title="大额偏远", role="仓库", severity="P1", blocks="是", claim="10", claim_unit="分钟", solve="2",
            solve_unit="小时", to="2025-12-31", note="先看看量", owner="小李",
        )  # fmt: skip
        page = words(visit.page(f"/rules/{rule_id}"))
        assert "大额偏远 草稿" in page
        assert "仓库 · P1 几小时内 · 锁单" in page
        assert "10 分钟认领，2 小时处理" in page
        assert "至 12-31" in page
        assert "负责人 小李 备注 先看看量" in page

        assert "陈姐已设为启用：马上生效" in words(visit.press(rule_id, "rule_on").text)
        assert "启用 1" in words(visit.page("/rules"))
        assert "确认停用" in visit.page(f"/rules/{rule_id}")
        assert "陈姐已设为停用" in words(visit.press(rule_id, "rule_off").text)
        assert [state for state, _, _ in visit.versions(rule_id)] == ["draft", "on", "off"]

    def test_what_is_left_empty_is_as_in_chat(self, visit: Visit) -> None:
        rule_id = visit.make()
        page = words(visit.page(f"/rules/{rule_id}"))
        assert f"规则{rule_id} 草稿" in page
        assert "客服 · P3 今天内 · 不锁单" in page
        assert "负责人 陈姐" in page

    def test_a_draft_can_be_dropped_and_a_new_rule_made_like_it(self, visit: Visit) -> None:
        rule_id = visit.make(title="大额偏远", role="仓库")
        visit.press(rule_id, "rule_drop")
        page = visit.page(f"/rules/{rule_id}")
        assert "已取消，不能再启用" in words(page)
        copy = visit.page(f"/rules/new?like={rule_id}")
        assert 'value="大额偏远"' in copy
        assert '<option value="仓库" selected>' in copy

    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(self, visit: Visit) -> None:
        answer = visit.send(
            "/rules/new", condition="金额 > '多' 且 省份 == '新疆'", title="大额", claim="0", solve="9",
            solve_unit="天", to="2025-01-01", note="为什么",
        )  # fmt: skip
        assert answer.status_code == 422
        page = words(answer.text)
        assert "还没有保存：有 4 处要改" in page
        assert "没有「省份」这个字段" in page
        assert "<mark>省份</mark>" in answer.text
        assert "认领请写多久，1 分钟到 7 天" in page
        assert "处理请写多久" in page
        assert "到 2025-01-01 已经过去了" in page
        assert 'value="大额"' in answer.text
        assert "金额 &gt; &#39;多&#39; 且 省份 == &#39;新疆&#39;</textarea>" in answer.text
        assert "还没有自己的规则" in visit.page("/rules")

    @pytest.mark.parametrize(
        ("form", "says"),
        [
            ({"condition": ""}, "还没写条件"),
            ({"condition": "金额 >"}, "条件没有写完"),
            ({"condition": FAR, "role": "老板"}, "角色可以是：客服、仓库、采购、主管"),
            ({"condition": FAR, "severity": "P9"}, "等级可以是：P1"),
            ({"condition": FAR, "title": "长" * 21}, "标题写 1 到 20 个字以内"),
            ({"condition": FAR, "from": "2025-12-31", "to": "2025-12-25"}, "开始日期在结束日期后面了"),
            ({"condition": FAR, "do-0": "tag", "say-0": "两个 词"}, "标记写 1 到 10 个字"),
        ],
    )
    def test_every_refusal_is_a_chinese_sentence(self, visit: Visit, form: dict[str, str], says: str) -> None:
        answer = visit.send("/rules/new", **form)
        assert answer.status_code == 422
        assert says in words(answer.text)

    def test_what_no_keyboard_types_is_left_out(self, visit: Visit) -> None:
        rule_id = visit.make("金额 > 1", title="大\0单", owner="陈\0姐", note="\0每天看")
        assert visit.versions(rule_id) == [("draft", "金额 > 1", "大单")]
        answer = visit.edit(rule_id, condition="金额 > \0" + "2", title="大单", note="每周\0看")
        assert answer.status_code == 303
        assert visit.versions(rule_id)[-1] == ("draft", "金额 > 2", "大单")

    def test_a_rule_does_what_the_form_says_beside_its_case(self, visit: Visit) -> None:
        rule_id = visit.make(**{"do-0": "tag", "say-0": "大额", "do-3": "remind", "say-3": "仓库"})
        page = words(visit.page(f"/rules/{rule_id}"))
        assert "命中后 开异常给客服，标记「大额」，提醒仓库" in page
        form = visit.page(f"/rules/{rule_id}/edit")
        assert 'name="say-0" value="大额"' in form
        assert 'name="say-1" value="仓库"' in form
        visit.edit(rule_id, **{"do-0": ""})
        assert "标记「大额」" not in words(visit.page(f"/rules/{rule_id}")).partition("版本")[0]

    @pytest.mark.parametrize(
        ("form", "place", "says"),
        [
            ({"do-0": "remind", "say-0": "没有这个人"}, "say-0", "没有这个人"),
            ({"do-0": "hold", "say-0": "3天后", "do-1": "hold", "say-1": "5天后"}, "acts", "只能有一个「延到」"),
            ({"quiet": "是"}, "acts", "这条规则什么都不做"),
        ],
    )
    def test_actions_that_do_not_go_together_are_told_at_their_place(
        self, visit: Visit, form: dict[str, str], place: str, says: str
    ) -> None:
        answer = visit.send("/rules/new", condition=FAR, **form)
        assert answer.status_code == 422
        found = re.search(rf'id="{place}-problem">([^<]*)<', answer.text)
        assert found is not None
        assert says in found[1]

    def test_a_rule_without_a_case_says_what_it_does(self, visit: Visit) -> None:
        rule_id = visit.make(**{"quiet": "是", "do-0": "tag", "say-0": "大额"})
        page = words(visit.page(f"/rules/{rule_id}"))
        assert "命中后 不开异常，标记「大额」" in page
        visit.press(rule_id, "rule_on")
        assert "停用后不再看订单，它做的 标记 会收回" in words(visit.page(f"/rules/{rule_id}"))
        assert "归谁" not in page.partition("版本")[0].replace("归谁、", "")
        assert "不开异常 标记「大额」" in words(visit.page("/rules"))

    def test_a_number_in_a_condition_is_masked_and_comes_back_whole(self, visit: Visit) -> None:
        rule_id = visit.make("买家留言 包含 '13812345678'")
        assert "13812345678" not in visit.page("/rules") + visit.page(f"/rules/{rule_id}")
        form = visit.page(f"/rules/{rule_id}/edit")
        assert "138****5678" in form
        assert "13812345678" not in form
        answer = visit.edit(rule_id, condition="买家留言 包含 '138****5678' 且 金额 > 5", title="黑名单")
        assert "13812345678" not in answer.headers["Location"]
        assert visit.versions(rule_id)[-1][1:] == ("买家留言 包含 '13812345678' 且 金额 > 5", "黑名单")
        answer = visit.edit(rule_id, condition="买家留言 包含 '138****5678' 且 金额额 > 5")
        assert "13812345678" not in answer.text
        assert "13812345678" not in visit.press(rule_id, "back:1").text


class TestEveryChangeIsAVersion:
    def test_a_change_holds_at_once_and_is_taken_back(self, visit: Visit) -> None:
        rule_id = visit.make(title="大额偏远")
        visit.press(rule_id, "rule_on")
        assert "保存，马上生效" in visit.page(f"/rules/{rule_id}/edit")
        answer = visit.edit(rule_id, condition="金额 > 2000", role="仓库")
        page = visit.browser.get(answer.headers["Location"]).text
        assert (
            f"已改：条件：{FAR} → 金额 &gt; 2000；角色：客服 → 仓库".replace("'", "&#39;").replace(
                "> 1000", "&gt; 1000"
            )
            in page
        )
        assert "第 3 版" in page

        page = words(visit.press(rule_id, "back:2").text)
        assert "已回滚到第 2 版" in page
        assert visit.versions(rule_id)[-1] == ("on", FAR, "大额偏远")
        assert "回滚到第 4 版" not in page

    def test_nothing_changed_is_said(self, visit: Visit) -> None:
        rule_id = visit.make()
        answer = visit.edit(rule_id)
        assert answer.status_code == 422
        assert "没有变化，没有改动" in words(answer.text)

    def test_two_at_one_form_lose_nothing_of_either(
        self, visit: Visit, browser: FlaskClient, open_desk: OpenDesk, cast: Cast
    ) -> None:
        rule_id = visit.make(title="大额偏远")
        visit.edit(rule_id, condition="金额 > 2000", note="旺季")
        answer = visit.edit(rule_id, number="1", title="大单", condition=FAR)
        assert answer.status_code == 409
        page = words(answer.text)
        assert "陈姐刚改过这条规则" in page
        assert "这次没有保存" in page
        assert 'value="大单"' in answer.text
        assert "金额 &gt; 2000</textarea>" in answer.text
        assert "旺季</textarea>" in answer.text
        assert visit.versions(rule_id)[-1][2] == "大额偏远"

    def test_a_press_on_a_page_that_is_too_old_changes_nothing(self, visit: Visit) -> None:
        rule_id = visit.make()
        seen = visit.revision(rule_id)
        visit.edit(rule_id, title="大单")
        assert "刚被改过，请再看一眼" in words(visit.press(rule_id, "rule_on", seen).text)
        assert "刚被改过，请再看一眼" in words(visit.press(rule_id, "back:1", seen).text)
        assert visit.versions(rule_id)[-1][0] == "draft"

    def test_a_version_that_is_none_is_refused(self, visit: Visit) -> None:
        rule_id = visit.make()
        assert "没有可以回滚到的版本" in words(visit.press(rule_id, "back:7").text)
        assert visit.browser.post(f"/rules/{rule_id}", data={"action": "solve", "revision": "1"}).status_code == 400
        assert visit.browser.post(f"/rules/{rule_id}", data={"action": "rule_on"}).status_code == 400
        for page in ("/rules/999", f"/rules/{'9' * 30}", f"/rules/{'9' * 30}/edit", f"/rules/tries/{'9' * 30}"):
            assert visit.browser.get(page).status_code == 404


class TestDryRun:
    def test_it_tells_how_many_whose_and_which_orders(self, visit: Visit, sessions: sessionmaker[Session]) -> None:
        with sessions() as session:
            make_order(session, tag="TB-20251222-009", paid_fen=300_000)
            session.commit()
        rule_id = visit.make("金额 > 2000")
        page = visit.press(rule_id, "rule_try").text
        assert "1 会新开 0 会结束 1 命中 0 不能确定" in words(page)
        assert "这些事归客服" in words(page)
        assert re.search(r'<a href="/orders/\d+">TB-20251222-009</a>', page)
        assert len(visit.versions(rule_id)) == 1

    def test_another_condition_is_tried_before_it_is_saved(self, visit: Visit) -> None:
        rule_id = visit.make("金额 > 999999")
        answer = visit.edit(rule_id, condition="金额 > 0", do="try", days="14")
        assert "2 会新开" in words(answer.text)
        assert "近 14 天，还没有保存" in words(answer.text)
        assert "金额 &gt; 0</textarea>" in answer.text
        assert len(visit.versions(rule_id)) == 1
        answer = visit.send("/rules/new", condition="金额 > 0", do="try")
        assert "2 会新开" in words(answer.text)

    def test_too_many_days_are_refused_with_what_was_typed(self, visit: Visit) -> None:
        answer = visit.send("/rules/new", condition="金额 > 0", title="全部", do="try", days="90")
        assert answer.status_code == 422
        assert "预演最多看 30 天" in words(answer.text)
        assert 'value="全部"' in answer.text

    def test_a_long_one_says_how_far_it_is_and_what_it_found(
        self, visit: Visit, open_desk: OpenDesk, asked: Asked, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dry_run, "AT_ONCE", 1)
        monkeypatch.setattr(dry_run, "_CHUNK", 1)
        rule_id = visit.make("金额 > 0")
        page = visit.press(rule_id, "rule_try").text
        assert "要看 2 单，已看 0 单" in words(page)
        (run_id,) = (arguments[0] for job, arguments in asked if job is Job.TRY_RULE)
        assert f'data-run="{run_id}"' in page

        with open_desk() as desk:
            assert dry_run.go_on(desk, int(str(run_id)))
        assert "已看 1 单" in words(visit.page(f"/rules/tries/{run_id}?part=1"))
        for _ in range(2):
            with open_desk() as desk:
                dry_run.go_on(desk, int(str(run_id)))
        part = visit.page(f"/rules/tries/{run_id}?part=1")
        assert "2 会新开" in words(part)
        assert "data-run" not in part
        assert "<html" not in part

    def test_it_is_shown_to_whoever_asked_alone(
        self, visit: Visit, browser: FlaskClient, open_desk: OpenDesk, cast: Cast, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(dry_run, "AT_ONCE", 1)
        run = visit.send("/rules/new", condition="金额 > 0", do="try").text
        found = re.search(r'data-run="(\d+)"', run)
        assert found is not None
        enter(browser, open_desk, cast.xiaoli)
        assert browser.get(f"/rules/tries/{found[1]}").status_code == 404
        assert browser.get("/rules/tries/424242").status_code == 404


class TestWhileSomebodyTypes:
    def check(self, visit: Visit, **form: str) -> dict[str, object]:
        answer = visit.browser.post("/rules/check", data=form)
        assert answer.status_code == 200
        found = answer.json
        assert isinstance(found, dict)
        return found

    def test_what_is_wrong_is_told_at_its_place(self, visit: Visit) -> None:
        place = self.check(visit, condition="  金额 > 1000 且 省份 == '新疆'")["place"]
        assert isinstance(place, dict)
        assert (place["at"], place["length"]) == (14, 2)
        assert place["parts"] == ["  金额 > 1000 且 ", "省份", " == '新疆'"]
        assert place["message"] == "没有「省份」这个字段"
        assert "您是想写「省」吗" in str(place["hint"])

    def test_a_condition_comes_back_as_rows_and_rows_as_a_condition(self, visit: Visit) -> None:
        found = self.check(visit, condition=FAR)
        assert found["place"] is None
        again = self.check(visit, rows=json.dumps(found["rows"]))
        assert again["condition"] == FAR
        assert self.check(visit, condition="优惠 > 金额")["rows"] is None

    def test_a_row_that_is_not_filled_in_is_named(self, visit: Visit) -> None:
        row = {"fact": "金额", "sign": ">", "values": [""], "join": "且"}
        assert self.check(visit, rows=json.dumps([row])) == {"row": 0, "says": "请填「金额」要比的值"}

    @pytest.mark.parametrize("rows", ["", "7", "[7]", '[{"fact": "金额"}]', "[" * 9000])
    def test_what_no_script_of_ours_sends_is_refused(self, visit: Visit, rows: str) -> None:
        assert visit.browser.post("/rules/check", data={"rows": rows}).status_code == 400

    def test_a_form_too_big_is_refused(self, visit: Visit) -> None:
        assert visit.browser.post("/rules/check", data={"condition": "金" * 99_999}).status_code == 413

    def test_the_form_offers_all_that_a_condition_may_name(self, visit: Visit) -> None:
        page = words(visit.page("/rules/new"))
        with_examples = ("金额 数字 实付金额，元 金额 &gt; 1000", "库存够 是或否", "SKU件数 函数")
        for line in with_examples:
            assert line in page, line


def test_the_list_groups_rules_by_their_state(visit: Visit) -> None:
    on, shadow, draft = (visit.make(f"金额 > {number}", title=f"第{number}条") for number in (1, 2, 3))
    visit.press(on, "rule_on")
    visit.press(shadow, "rule_shadow")
    page = words(visit.page("/rules"))
    assert page.index("启用 1 第1条") < page.index("影子 1 第2条") < page.index("草稿 1 第3条")
    assert "近 7 天 0 件" in page
    assert f"规则{draft}" in page
    assert "12-22 12:00 前不启用就作废" in page
