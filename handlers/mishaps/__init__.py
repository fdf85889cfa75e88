"""Wrong, missing, short and damaged goods: registered, settled, and what they came of."""
