"""The pages of the bills app."""
