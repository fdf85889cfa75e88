"""How the web door is served: threads, so that a slow answer holds one of them and nobody else."""

import gc
import os
from typing import Any

bind = os.environ.get("HUB_BIND", "127.0.0.1:8780")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))  # each may hold 25 connections, see wire.WEB
threads = 64
timeout = 30
graceful_timeout = 5
keepalive = 5
accesslog = None
loglevel = "warning"
control_socket_disable = True


def post_fork(server: Any, _worker: object) -> None:
    """Join the hub here: where hub.toml is wrong, only this code keeps gunicorn from starting workers for ever."""
    import wire

    try:
        wire.hub(wire.WEB)
    except SystemExit:
        raise SystemExit(server.WORKER_BOOT_ERROR) from None


def post_worker_init(_worker: object) -> None:
    """What is loaded by now stays: the collector need not walk through it again and again. An answer makes hundreds of
    short-lived objects, nearly none of them in circles: it need not look several times in each."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
