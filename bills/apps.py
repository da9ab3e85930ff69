"""Wiring of the bills app."""

from django.apps import AppConfig


class BillsConfig(AppConfig):
    name = "bills"
