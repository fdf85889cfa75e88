"""What may be logged of an error: its kinds and the way to it. Never its text, for that holds what people wrote
(the database's errors quote parameters) and addresses with tokens in them."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Final

_ROOT: Final = str(Path(__file__).resolve().parent.parent) + "/"
_MOST_FRAMES: Final = 12


def described(error: BaseException) -> dict[str, str]:
    """`error` and `trace` for a log line."""
    kinds = [type(error).__name__]
    cause = error.__cause__ or error.__context__
    while cause is not None and len(kinds) < 4:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    trace = " > ".join(f"{frame.filename.removeprefix(_ROOT)}:{frame.lineno} {frame.name}" for frame in frames)
    return {"error": " from ".join(kinds), "trace": trace}
