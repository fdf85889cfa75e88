"""Golden files: what crosses the wire, compared letter for letter. `UPDATE_GOLDEN=1 pytest …` writes them anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "golden" / "bot"


def check(name: str, found: Any) -> None:
    """Fails where `found` differs from tests/golden/bot/<name>.json."""
    file = FOLDER / f"{name}.json"
    written = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written, encoding="utf-8")
    assert file.exists(), f"{file} is missing: run with UPDATE_GOLDEN=1 and look at what it wrote"
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(written)
