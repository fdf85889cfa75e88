"""The yardstick of the callback: the smallest Flask there is, served as the hub is."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.post("/<path:_anything>")
def hello(_anything: str) -> str:
    return "hello"
