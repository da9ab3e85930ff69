"""Copying all rows to another database."""
