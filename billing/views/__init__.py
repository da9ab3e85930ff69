"""Pages of the office, by noun."""
