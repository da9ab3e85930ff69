"""Wiring of the bills app."""

from django.apps import AppConfig


class BillsConfig(AppConfig):
    name = "bills"

    def ready(self):
        # Not before every app is loaded: these lead to models.
        from bills.imports.bills import BillFiles
        from bills.imports.payments import PaymentFiles
        from billtracker.core.imports.handlers import register

        register(BillFiles())
        register(PaymentFiles())
