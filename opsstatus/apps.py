"""Wiring of the opsstatus app."""

from django.apps import AppConfig


class OpsstatusConfig(AppConfig):
    name = "opsstatus"
