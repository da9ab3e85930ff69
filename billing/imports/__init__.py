"""Clients and engagements from files."""
