from __future__ import annotations

from structlog.testing import capture_logs

from workers.attempt import attempt


def test_what_the_work_gives_comes_back_and_nothing_is_logged() -> None:
    with capture_logs() as logged:
        assert attempt("look", lambda: 0, order=5) == 0
    assert logged == []


def test_what_breaks_is_logged_by_its_kind_without_its_text_and_the_others_go_on() -> None:
    def broken() -> int:
        raise ValueError("王小明 13800001234")

    with capture_logs() as logged:
        assert attempt("look", broken, order=5) is None
    (line,) = logged
    assert (line["event"], line["log_level"], line["order"], line["error"]) == ("look_broke", "error", 5, "ValueError")
    assert "王小明" not in str(line)
