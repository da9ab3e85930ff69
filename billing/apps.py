"""Wiring of the billing app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self):
        from billing.services.client_files import ClientFiles
        from billtracker.core.imports.handlers import register

        register(ClientFiles())
