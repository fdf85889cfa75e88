"""The company's people and departments, and its media store, on the old host (dingtalk.md 5.2 and 6)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from flask import Blueprint, Response, request

from sandbox.dingtalk_core import Core, Json
from sandbox.dingtalk_errors import OldDeclined, wrong
from sandbox.dingtalk_old import Work, guarded, route

MEMBER, DEPARTMENT = "qyapi_get_member", "qyapi_get_department_list"
MEMBERS = "qyapi_get_department_member"
ROOT = 1
MEDIA = {  # kind: (most bytes, endings)
    "image": (20 << 20, ("jpg", "jpeg", "gif", "png", "bmp")),
    "voice": (2 << 20, ("amr", "mp3", "wav")),
    "video": (20 << 20, ("mp4",)),
    "file": (20 << 20, ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "zip", "pdf", "rar")),
}


class Directory:
    """The root, which holds nobody itself, and one department for each role."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._roles = list(dict.fromkeys(person.role for person in core.store.company.people))

    def department(self, body: Json) -> Json:
        number = self._number(body)
        name = "青禾家居" if number == ROOT else f"{self._roles[number - 2]}部"
        told: Json = {"dept_id": number, "name": name, "order": number}
        return {"result": told | ({} if number == ROOT else {"parent_id": ROOT})}

    def departments(self, body: Json) -> Json:
        """One level only."""
        below = self._below(body)
        listed = [self.department({"dept_id": one})["result"] for one in below]
        return {"result": [one | {"auto_add_user": False, "create_dept_group": False} for one in listed]}

    def department_ids(self, body: Json) -> Json:
        return {"result": {"dept_id_list": self._below(body)}}

    def user_ids(self, body: Json) -> Json:
        return {"result": {"userid_list": self._members(self._number(body))}}

    def users(self, body: Json) -> Json:
        return self._page(body, self._described)

    def short_users(self, body: Json) -> Json:
        return self._page(body, lambda staff: {"userid": staff, "name": self._described(staff)["name"]})

    def user(self, body: Json) -> Json:
        return {"result": self._described(str(body.get("userid", "")))}

    def user_of_union(self, body: Json) -> Json:
        userid = self._core.userid_of(body.get("unionid"), 2)
        if userid is None:
            raise OldDeclined(60121, "找不到该用户")
        return {"result": {"contact_type": 0, "userid": self._core.staff_id(userid)}}

    def user_of_mobile(self, body: Json) -> Json:
        """Nobody here has told a number."""
        if not str(body.get("mobile", "")).isdigit():
            raise OldDeclined(40104, "无效的手机号")
        raise OldDeclined(60121, "找不到该用户")

    def search(self, body: Json) -> Json:
        """On the new host, by name."""
        word, offset, size = str(body.get("queryWord") or ""), body.get("offset", 0), body.get("size", 10)
        if not word or not isinstance(offset, int) or not isinstance(size, int):
            raise wrong("param.invalid", "queryWord, offset and size are needed")
        whole = body.get("fullMatchField") == 1
        people = self._core.store.company.people
        found = [one.dingtalk for one in people if (word == one.name if whole else word in one.name)]
        page = found[offset : offset + size]
        return {"hasMore": len(found) > offset + size, "totalCount": len(found), "list": page}

    def _described(self, staff: str) -> Json:
        core = self._core
        userid = core.userid_of(staff)
        if userid is None:
            raise OldDeclined(60121, "找不到该用户")
        person = core.store.people[userid.lower()]
        department = self._roles.index(person.role) + 2
        return {
            "userid": staff,
            "unionid": core.union_id(staff),
            "name": person.name,
            "avatar": "",
            "title": person.role,
            "job_number": "",
            "dept_id_list": [department],
            "leader_in_dept": [{"dept_id": department, "leader": person.role == "主管"}],
            "admin": person.role == "主管",
            "boss": False,
            "active": staff not in core.inactive,
        }

    def _page(self, body: Json, told: Callable[[str], Json]) -> Json:
        cursor, size = body.get("cursor", 0), body.get("size", 0)
        if not str(cursor).isdigit() or not str(size).isdigit() or not 0 < int(size) <= 100:
            raise OldDeclined(40035, "不合法的参数 cursor 或 size（1 到 100）")
        members, first = self._members(self._number(body)), int(cursor)
        page = members[first : first + int(size)]
        more = len(members) > first + int(size)
        result: Json = {"has_more": more, "list": [told(one) for one in page]}
        return {"result": result | ({"next_cursor": first + int(size)} if more else {})}

    def _number(self, body: Json) -> int:
        given = str(body.get("dept_id", ROOT))
        if not given.isdigit() or not 0 < int(given) <= len(self._roles) + 1:
            raise OldDeclined(60003, "部门不存在")
        return int(given)

    def _below(self, body: Json) -> list[int]:
        return list(range(2, len(self._roles) + 2)) if self._number(body) == ROOT else []

    def _members(self, number: int) -> list[str]:
        people = self._core.store.company.people
        return [one.dingtalk for one in people if number != ROOT and one.role == self._roles[number - 2]]


def routes(pages: Blueprint, core: Core, directory: Directory) -> None:
    listed: tuple[tuple[str, Work, str], ...] = (
        ("/topapi/v2/department/get", directory.department, DEPARTMENT),
        ("/topapi/v2/department/listsub", directory.departments, DEPARTMENT),
        ("/topapi/v2/department/listsubid", directory.department_ids, DEPARTMENT),
        ("/topapi/user/listid", directory.user_ids, MEMBER),
        ("/topapi/user/listsimple", directory.short_users, MEMBERS),
        ("/topapi/v2/user/list", directory.users, MEMBERS),
        ("/topapi/v2/user/get", directory.user, MEMBER),
        ("/topapi/user/getbyunionid", directory.user_of_union, MEMBER),
        ("/topapi/v2/user/getbymobile", directory.user_of_mobile, "qyapi_get_member_by_mobile"),
    )
    for path, work, scope in listed:
        route(pages, core, path, work, paid=False, scope=scope)

    @pages.post("/dingtalk/oapi/media/upload")
    def upload() -> Response:
        return guarded(core, "POST /media/upload", lambda: _keep_upload(core), paid=True)


def _keep_upload(core: Core) -> Json:
    kind = request.form.get("type") or request.args.get("type", "")
    if kind not in MEDIA:
        raise OldDeclined(40004, "不合法的媒体文件类型")
    most, endings = MEDIA[kind]
    upload = request.files.get("media")
    if upload is None or not upload.filename:
        raise OldDeclined(40035, "缺少参数 media")
    content = upload.read()
    if not 0 < len(content) <= most:
        raise OldDeclined(40006, "不合法的文件大小")
    if upload.filename.rpartition(".")[2].lower() not in endings:
        raise OldDeclined(40005, "不合法的文件类型")
    media_id = ("@lALP" if kind == "image" else "@lArP") + secrets.token_urlsafe(24)
    kept = core.store.keep(
        upload.filename, kind, content, upload.mimetype or "application/octet-stream", media_id=media_id
    )
    return {"type": kind, "media_id": kept.media_id, "created_at": core.milliseconds()}
