"""`python -m bench.month`: a generated month of 20 000 orders with known exceptions, lived through on each chat
platform, with the judgement on it (tests/flows/test_month.py, where a few days of it run). Prints how far it is, and
its seed, by which the same month comes again."""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
from pathlib import Path
from typing import Final

_STORY: Final = "tests/flows/test_month.py::test_every_planted_exception_becomes_one_case_with_its_person"
_ROOT: Final = Path(__file__).resolve().parent.parent
_CHATS: Final = ("wecom", "dingtalk")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.month", description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000, help="how many in all, about")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1, 10**6), help="of a month that was lived before")
    parser.add_argument("--chat", choices=_CHATS, help="on this chat platform alone")
    asked = parser.parse_args()
    for name in ("orders", "days", "seed"):
        os.environ[f"MONTH_{name.upper()}"] = str(getattr(asked, name))
    import pytest  # after the environment, which its tests read
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    stories = [f"{_ROOT / _STORY}[{chat}]" for chat in _CHATS if asked.chat in (None, chat)]
    quiet = ("-q", "-s", "--no-cov", "--tb=short", "--show-capture=no", "-p", "no:cacheprovider")
    return int(pytest.main([*quiet, f"--rootdir={_ROOT}", *stories]))


if __name__ == "__main__":
    sys.exit(main())
