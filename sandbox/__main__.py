"""`python -m sandbox [--port N] [--hub URL]`: the platforms of the invented company, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import replace
from types import FrameType

from sandbox.company import load_company
from sandbox.server import bind, create_app
from sandbox.state import state_of


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on")
    parser.add_argument("--hub", help="where the hub's callbacks are reached")
    asked = parser.parse_args()
    company = load_company()
    place = replace(
        company.server,
        host=asked.host or company.server.host,
        port=company.server.port if asked.port is None else asked.port,
        hub=asked.hub or company.server.hub,
    )
    app = create_app(replace(company, server=place))
    server = bind(app, place.host, place.port)
    state = state_of(app)
    sys.stdout.write(f"sandbox on {state.base_url}, hub expected at {place.hub}\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.serve_forever()
    finally:
        for stop in state.on_close:
            stop()
        server.server_close()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
