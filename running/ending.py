"""The wish for an end. A module of its own that imports next to nothing: it listens before all else is loaded."""

from __future__ import annotations

import signal

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Ended(Exception):
    """Somebody wants an end."""


class Ending:
    """Ctrl-C, `kill`, or a terminal that closes. It is noted and looked at between two steps, so that nothing is lost
    sight of while it is being started."""

    def __init__(self) -> None:
        self.asked = False

    def listen(self) -> None:
        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # which is what nohup wants
                signal.signal(number, self._note)

    def _note(self, _number: int, _frame: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raises Ended."""
        if self.asked:
            raise Ended
