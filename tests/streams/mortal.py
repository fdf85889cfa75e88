"""A stream door that dies: `python -m tests.streams.mortal`, told on standard input a step, one a line.

Each line forks a child that holds DingTalk's long connection and is killed (SIGKILL: nothing is tidied up) when the
work on what it heard comes to that step; at step 0 never. Steps are the statements, the commits, what is written into
the connection, and the calls, before and after each. Answers two lines each: the child's number, and how it ended:
"killed", or "stopped" by a signal.
"""

from __future__ import annotations

import os
import sys

from handlers.parse import warm
from tests.flows.doors import Heard, hold
from wire import hub


def work(last: int) -> None:
    try:
        hold(Heard(last))
    finally:
        os._exit(0)


def main() -> None:
    warm()
    hub()  # what takes long is loaded once; each child opens connections of its own
    hub.cache_clear()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(int(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "stopped\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
