"""Signing in: allauth's adapter, sessions and API tokens."""
