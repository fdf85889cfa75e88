"""A mail server on a socket of its own (IMAP4rev1, RFC 3501), as far as a program reads a mailbox by it: strict about
the order of commands, and as unwilling as the real ones: a wrong password, a folder that is not there, too many logins,
a connection that ends in the middle."""

import re
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import Flask, request
from flask.typing import ResponseReturnValue

from sandbox.clock import BEIJING
from sandbox.company import Mail
from sandbox.faults import Kind
from sandbox.state import State

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\((?:[^()]|\([^()]*\))*\))|(\S+)')
_SECTION = re.compile(r"BODY(?:\.PEEK)?\[(?:HEADER\.FIELDS \(([^)]*)\))?\]|[A-Z0-9.]+", re.IGNORECASE)


class Bad(Exception):
    """A command that is not one, or not one of this state."""


class No(Exception):
    """Refused; the text begins with a response code."""


@dataclass(frozen=True)
class Letter:
    uid: int
    at: datetime
    raw: bytes


@dataclass
class Mailbox:
    """`letters`: what lies in INBOX. `commands`: what was asked, for tests. `validity`: changes when all UIDs do."""

    settings: Mail
    state: State
    letters: list[Letter] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    validity: int = 1

    def serve(self, port: int = 0) -> str:
        """Open the socket (of any free port for 0) until the sandbox closes; the address."""
        server = _Server(("127.0.0.1", port), _session_of(self))
        threading.Thread(target=server.serve_forever, args=(0.02,), name="mail", daemon=True).start()
        self.state.on_close += [server.shutdown, server.server_close]
        return f"imap://127.0.0.1:{server.server_address[1]}"

    def deliver(self, raw: bytes, at: datetime) -> Letter:
        letter = Letter(len(self.letters) + 1, at.replace(microsecond=0), raw)
        self.letters.append(letter)
        return letter


def mailbox_of(state: State) -> Mailbox:
    part = state.parts["mail"]
    if not isinstance(part, Mailbox):
        raise TypeError("the mail part is not registered")
    return part


def register(app: Flask, state: State) -> None:
    box = Mailbox(state.company.mail, state)
    state.parts["mail"] = box
    state.on_reset.append(box.letters.clear)

    @app.post("/control/mail")
    def deliver() -> ResponseReturnValue:
        """A whole mail as the request's body, delivered now."""
        letter = box.deliver(request.get_data(), state.clock.now())
        return {"uid": letter.uid}


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def _session_of(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _Talk(box, self.rfile.readline, self._say, self._cut).run()

        def _say(self, said: bytes) -> None:
            self.wfile.write(said)

        def _cut(self) -> None:
            self.connection.shutdown(socket.SHUT_RDWR)

    return Session


class _Talk:
    """One connection, from its greeting to its end."""

    def __init__(
        self, box: Mailbox, hear: Callable[[], bytes], say: Callable[[bytes], object], cut: Callable[[], None]
    ) -> None:  # fmt: skip
        self._box, self._hear, self._say, self._cut = box, hear, say, cut
        self._logged_in = self._selected = False

    def run(self) -> None:
        try:
            self._line("* OK sandbox mail ready")
            while line := self._hear():
                if not self._answer(line.decode("utf-8", "replace").rstrip("\r\n")):
                    return
        except OSError:
            return

    def _line(self, text: str) -> None:
        self._say(text.encode() + b"\r\n")

    def _answer(self, line: str) -> bool:
        """Whether the connection goes on."""
        tag, _, rest = line.partition(" ")
        words = [found[1] or found[2] or found[3] or "" for found in _WORD.finditer(rest)]
        name = " ".join(words[:2]).upper() if words[:1] and words[0].upper() == "UID" else (words or [""])[0].upper()
        self._box.commands.append(name)
        if self._struck(tag, name):
            return False
        try:
            self._do(name, words[name.count(" ") + 1 :], rest)
        except Bad as error:
            self._line(f"{tag} BAD {error}")
        except No as error:
            self._line(f"{tag} NO {error}")
        else:
            self._line(f"{tag} OK {name} completed")
        return name != "LOGOUT"

    def _struck(self, tag: str, name: str) -> bool:
        """An armed fault of this command: cut, a server that leaves, or one that speaks no IMAP."""
        fault = self._box.state.faults.take("mail", name, (Kind.CUT_CONNECTION, Kind.HTTP_500, Kind.NOT_JSON))
        if fault is None:
            return False
        if fault.kind is Kind.HTTP_500:
            self._line("* BYE [UNAVAILABLE] internal error")
        elif fault.kind is Kind.NOT_JSON:
            self._line(f"{tag} HTTP/1.1 502 Bad Gateway")
        self._cut()
        return True

    def _do(self, name: str, words: list[str], rest: str) -> None:
        throttled = self._box.state.faults.take("mail", name, (Kind.THROTTLE,))
        if throttled is not None:
            raise No("[LIMIT] too many requests")
        match name:
            case "CAPABILITY":
                self._line("* CAPABILITY IMAP4rev1 ID")
            case "NOOP":
                pass
            case "LOGOUT":
                self._line("* BYE see you")
            case "LOGIN":
                self._login(words)
            case "ID":
                self._line('* ID ("name" "sandbox")')
            case "EXAMINE" | "SELECT":
                self._select(name, words)
            case "UID SEARCH":
                self._search(words)
            case "UID FETCH":
                self._fetch(words, rest)
            case _:
                raise Bad(f"unknown command {name}")

    def _login(self, words: list[str]) -> None:
        if self._logged_in:
            raise Bad("already logged in")
        expired = self._box.state.faults.take("mail", "LOGIN", (Kind.EXPIRE_TOKEN,))
        if expired or words != [self._box.settings.user, self._box.settings.password]:
            raise No("[AUTHENTICATIONFAILED] LOGIN failed")
        self._logged_in = True

    def _select(self, name: str, words: list[str]) -> None:
        if not self._logged_in:
            raise Bad("not logged in")
        if words != [self._box.settings.folder]:
            raise No("[NONEXISTENT] no such folder")
        self._selected = True
        self._line(f"* {len(self._box.letters)} EXISTS")
        self._line(f"* OK [UIDVALIDITY {self._box.validity}] UIDs valid")
        self._line("* FLAGS (\\Seen)")
        if name == "EXAMINE":
            self._line("* OK [READ-ONLY] nothing will change")

    def _search(self, words: list[str]) -> None:
        if not self._selected:
            raise Bad("no folder selected")
        found = self._box.letters
        criteria = list(words)
        while criteria:
            key = criteria.pop(0).upper()
            if key == "UID":
                uids = _uids(criteria.pop(0), self._box.letters)
                found = [one for one in found if one.uid in uids]
                continue
            if key not in ("SINCE", "BEFORE"):
                raise Bad(f"unknown search key {key}")
            day = _day(criteria.pop(0))
            # The server's own zone, as the standard has it.
            found = [one for one in found if (one.at.astimezone(BEIJING).date() >= day) is (key == "SINCE")]
        self._line(" ".join(["* SEARCH", *(str(one.uid) for one in found)]))

    def _fetch(self, words: list[str], rest: str) -> None:
        if not self._selected:
            raise Bad("no folder selected")
        wanted = _uids(words[0], self._box.letters)
        parts = list(_SECTION.finditer(rest.split(" ", 3)[3]))
        for number, letter in enumerate(list(self._box.letters), 1):
            if letter.uid in wanted:
                shown = b" ".join(_shown(letter, part) for part in parts)
                self._say(f"* {number} FETCH (UID {letter.uid} ".encode() + shown + b")\r\n")


def _shown(letter: Letter, part: re.Match[str]) -> bytes:
    name = part[0].upper()
    if name == "INTERNALDATE":
        at = letter.at.astimezone(BEIJING)
        return f'INTERNALDATE "{at.day:2d}-{MONTHS[at.month - 1]}-{at.year} {at:%H:%M:%S} +0800"'.encode()
    if name == "RFC822.SIZE":
        return f"RFC822.SIZE {len(letter.raw)}".encode()
    if not name.startswith("BODY"):
        raise Bad(f"unknown part {name}")
    if ".PEEK" not in name:
        raise Bad("a program that only looks must not mark mails as seen")
    content = _head(letter.raw, part[1].split()) if part[1] else letter.raw
    said = part[0].replace(".PEEK", "")
    return f"{said} {{{len(content)}}}\r\n".encode() + content


def _head(raw: bytes, names: list[str]) -> bytes:
    wanted = {name.upper() for name in names}
    lines = re.split(rb"\r?\n(?![ \t])", re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0])
    kept = [line for line in lines if line.split(b":")[0].decode("latin-1").upper() in wanted]
    return b"\r\n".join([*kept, b"", b""])


def _uids(said: str, letters: list[Letter]) -> set[int]:
    """`*` is the highest UID there is; a range may be written either way round, so that one which begins behind the
    last mail means the last mail."""
    highest = max((letter.uid for letter in letters), default=0)
    found: set[int] = set()
    for part in said.split(","):
        ends = [str(highest) if end == "*" else end for end in part.split(":")]
        if len(ends) > 2 or not all(end.isdecimal() for end in ends):
            raise Bad("no set of UIDs")
        low, high = sorted((int(ends[0]), int(ends[-1])))
        found.update(range(low, high + 1))
    return found


def _day(said: str) -> date:
    try:
        day, month, year = said.split("-")
        return datetime(int(year), MONTHS.index(month.title()) + 1, int(day), tzinfo=BEIJING).date()
    except ValueError:
        raise Bad(f"no date: {said}") from None
