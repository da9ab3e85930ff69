"""Lets tests forge the audit log and issued documents, which refuse to be changed."""

from contextlib import contextmanager

from django.db import transaction

from billtracker.core.data.triggers import drop_every_rule, renew_every_rule


@contextmanager
def audit_log_unlocked(connection):
    """Drop the triggers for the length of a block, in one transaction with what happens there."""
    with transaction.atomic(using=connection.alias):
        drop_every_rule(connection)
        yield
        renew_every_rule(connection)
