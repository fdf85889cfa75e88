"""A shortage is counted once: as the matter of its SKU, not again as each of the orders that wait for it."""

from __future__ import annotations

from typing import Final

ONCE: Final = """
    NOT (c.kind = 'short_stock' AND EXISTS (SELECT FROM cases sku WHERE sku.kind = 'shortage' AND sku.order_id IS NULL
        AND sku.state IN ('open', 'claimed') AND c.evidence -> 'skus' ? sku.group_key))
"""
"""Of live `cases c` those that are no part of a SKU's matter."""
