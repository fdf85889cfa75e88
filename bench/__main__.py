"""`python -m bench [subject …] [--quick]`: each figure beside its yardstick, measured in the same run."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from typing import Final

from bench.harness import Figure, opened, table

SUBJECTS: Final = (
    "store",
    "repull",
    "tags",
    "way_in",
    "press",
    "callback",
    "due",
    "rules",
    "quota",
    "judge",
    "memory",
    "demo",
)
"""In this order, so that those who share the filled database come together."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=f"of: {', '.join(SUBJECTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="smaller tables: minutes become seconds, ratios rougher")
    parser.add_argument("--full", action="store_true", help="back-fill a million orders (memory): five minutes more")
    asked = parser.parse_args()
    if unknown := set(asked.subjects) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    started = time.monotonic()
    figures: list[Figure] = []
    with opened(quick=asked.quick, full=asked.full) as bench:
        for name in asked.subjects or SUBJECTS:
            subject = time.monotonic()
            found = importlib.import_module(f"bench.{name}").measure(bench)
            figures += found
            print(f"… {name}: {time.monotonic() - subject:.0f} s", file=sys.stderr, flush=True)
            print(table(found), file=sys.stderr, flush=True)  # a run that is cut short has still said this much
    print(table(sorted(figures, key=lambda figure: figure.bar)))
    missed = sum(not figure.met for figure in figures)
    print(f"\n{len(figures) - missed} of {len(figures)} bars met, {time.monotonic() - started:.0f} s in all.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
