"""Wiring of the billing app."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from billing.imports.clients import ClientFiles
        from billtracker.core.imports.handlers import register

        register(ClientFiles())
