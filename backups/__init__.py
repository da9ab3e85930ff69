"""Copies of everything, proven by restoring them."""
