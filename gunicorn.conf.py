"""How the web door is served: threads, so that a slow answer holds one of them and nobody else."""

import os

bind = os.environ.get("HUB_BIND", "127.0.0.1:8780")
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 64
timeout = 30
graceful_timeout = 5
keepalive = 5
accesslog = None
loglevel = "warning"
control_socket_disable = True
