"""People, departments and the media store of the old host (dingtalk.md 5.2 and 6)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.sandbox.ding_hub import Ding


def test_the_root_has_a_department_for_each_role_and_holds_nobody(d: Ding) -> None:
    listed = d.old("/topapi/v2/department/listsub", {"dept_id": 1})["result"]
    assert [(one["dept_id"], one["name"], one["parent_id"]) for one in listed][:2] == [
        (2, "客服部", 1),
        (3, "仓库部", 1),
    ]
    assert d.old("/topapi/v2/department/listsub", {"dept_id": 2})["result"] == []
    assert d.old("/topapi/v2/department/listsubid", {"dept_id": 1})["result"] == {"dept_id_list": [2, 3, 4, 5, 6]}
    assert d.old("/topapi/v2/department/get", {"dept_id": 1})["result"]["name"] == "青禾家居"
    assert d.old("/topapi/v2/department/get", {"dept_id": 99})["errcode"] == 60003
    assert d.old("/topapi/user/listid", {"dept_id": 1})["result"]["userid_list"] == []


def test_people_are_listed_in_pages_and_looked_up(d: Ding) -> None:
    page = d.old("/topapi/v2/user/list", {"dept_id": 2, "cursor": 0, "size": 10})["result"]
    assert (page["has_more"], [one["userid"] for one in page["list"]]) == (False, ["dt-xiaoli"])
    short = d.old("/topapi/user/listsimple", {"dept_id": 2, "cursor": 0, "size": 10})["result"]["list"]
    assert short == [{"userid": "dt-xiaoli", "name": "小李"}]
    found = d.old("/topapi/v2/user/get", {"userid": "dt-chenjie"})["result"]
    assert (found["name"], found["title"], found["admin"], found["active"]) == ("陈姐", "主管", True, True)
    assert found["leader_in_dept"] == [{"dept_id": 5, "leader": True}]
    assert "mobile" not in found
    by_union = d.old("/topapi/user/getbyunionid", {"unionid": found["unionid"]})["result"]
    assert by_union == {"contact_type": 0, "userid": "dt-chenjie"}


def test_a_department_of_several_comes_in_pages(d: Ding) -> None:
    first = d.old("/topapi/v2/user/list", {"dept_id": 2, "cursor": 0, "size": 1})["result"]
    assert (first["has_more"], len(first["list"])) == (False, 1)
    assert d.old("/topapi/v2/user/list", {"dept_id": 2, "cursor": 1, "size": 1})["result"]["list"] == []
    for size in (0, 101, "many"):
        assert d.old("/topapi/v2/user/list", {"dept_id": 2, "cursor": 0, "size": size})["errcode"] == 40035


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        ("/topapi/v2/user/get", {"userid": "nobody"}, 60121),
        ("/topapi/user/getbyunionid", {"unionid": "nobody"}, 60121),
        ("/topapi/v2/user/getbymobile", {"mobile": "13800000000"}, 60121),
        ("/topapi/v2/user/getbymobile", {"mobile": "me"}, 40104),
    ],
)
def test_who_is_not_there_is_not_found(d: Ding, path: str, body: dict[str, Any], errcode: int) -> None:
    assert d.old(path, body)["errcode"] == errcode


def test_a_person_who_never_logged_in_is_not_active(d: Ding) -> None:
    d.control(inactive=["dt-zhaojie"])
    assert d.old("/topapi/v2/user/get", {"userid": "dt-zhaojie"})["result"]["active"] is False


def test_people_are_searched_by_name_on_the_new_host(d: Ding) -> None:
    def search(word: str, **more: int) -> dict[str, Any]:
        return d.post("/v1.0/contact/users/search", {"queryWord": word, "offset": 0, "size": 10} | more)

    assert search("小")["list"] == ["dt-xiaoli", "dt-waiguan"]
    assert search("小李", fullMatchField=1)["list"] == ["dt-xiaoli"]
    assert search("小", size=1)["hasMore"] is True
    assert search("")["code"] == "param.invalid"


def test_the_old_host_takes_a_form_as_well(d: Ding) -> None:
    url = f"{d.bench.base}/dingtalk/oapi/topapi/v2/user/get"
    query = {"access_token": d.token()}
    assert requests.post(url, params=query, data={"userid": "dt-xiaoli"}, timeout=5).json()["errcode"] == 0
    assert requests.post(url, params=query, data=b"", timeout=5).json()["errcode"] == 40035


def upload(d: Ding, name: str = "a.png", content: bytes = b"\x89PNG00", field: str = "media", **more: Any) -> Any:
    url = f"{d.bench.base}/dingtalk/oapi/media/upload"
    return requests.post(url, files={field: (name, content)}, timeout=10, **more).json()


def test_a_picture_is_kept_under_an_id_that_clients_read(d: Ding) -> None:
    token = d.token()
    in_form = upload(d, params={"access_token": token}, data={"type": "image"})
    in_query = upload(d, params={"access_token": token, "type": "image"})
    for told in (in_form, in_query):
        assert (told["errcode"], told["type"], told["media_id"][0]) == (0, "image", "@")
    assert requests.get(f"{d.bench.base}/phones/media/{in_form['media_id']}", timeout=5).content == b"\x89PNG00"
    assert d.quota()["calls_by_api"] == {"POST /media/upload": 2}


@pytest.mark.parametrize(
    ("kind", "name", "content", "field", "errcode"),
    [
        ("", "a.png", b"x", "media", 40004),
        ("picture", "a.png", b"x", "media", 40004),
        ("image", "a.png", b"x", "file", 40035),
        ("image", "a.png", b"", "media", 40006),
        ("voice", "a.mp3", b"x" * (2 * 1024 * 1024 + 1), "media", 40006),
        ("image", "a.webp", b"x", "media", 40005),
        ("file", "a.csv", b"x", "media", 40005),
    ],
)
def test_what_is_no_such_file_is_refused(
    d: Ding, kind: str, name: str, content: bytes, field: str, errcode: int
) -> None:
    told = upload(d, name, content, field, params={"access_token": d.token()}, data={"type": kind})
    assert told["errcode"] == errcode
