"""Buyers who are not trusted: the list that people keep, and who of an order stands in it."""
