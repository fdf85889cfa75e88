"""A SKU that is short: one matter for all the orders that wait for it, and what people decide about them."""
