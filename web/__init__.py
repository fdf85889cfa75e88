"""The H5 board: columns of open orders, an order with its trail, and the same buttons as the cards."""

from web.board import blueprint

__all__ = ["blueprint"]
