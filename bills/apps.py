"""Wiring of the bills app."""

from django.apps import AppConfig


class BillsConfig(AppConfig):
    name = "bills"

    def ready(self):
        from bills.services.bill_files import BillFiles
        from bills.services.payment_files import PaymentFiles
        from billtracker.core.imports.handlers import register

        register(BillFiles())
        register(PaymentFiles())
