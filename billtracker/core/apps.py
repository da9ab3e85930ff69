"""Wiring of the ground floor."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "billtracker.core"
    label = "core"
