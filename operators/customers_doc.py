"""The table of matters in docs/customers.md, from the code: `python -m operators.customers_doc`. A test holds the page
against it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from handlers.customers import matters

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "customers.md"
_BEGIN: Final = "<!-- matters: python -m operators.customers_doc -->"
_END: Final = "<!-- /matters -->"


def main() -> None:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    table = matters.table(matters.every())
    PAGE.write_text(f"{before}{_BEGIN}\n{table}\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
