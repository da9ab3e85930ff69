"""Lets tests that commit be cleaned up, although the audit log and issued documents refuse to be emptied."""

from contextlib import contextmanager

import pytest
from django.db import connections, transaction
from django.db.backends.base.operations import BaseDatabaseOperations

from billing import freezing, ledger_rules
from billtracker.core import audit_triggers


@contextmanager
def audit_log_unlocked(connection):
    """Drop the triggers for the length of a block, in one transaction with what happens there."""
    with transaction.atomic(using=connection.alias):
        for triggers in (ledger_rules, audit_triggers, freezing):
            triggers.drop(connection)
        yield
        for triggers in (audit_triggers, freezing, ledger_rules):
            triggers.create(connection)


@pytest.fixture(autouse=True, scope="session")
def flushing_empties_the_audit_log():
    """Django empties all tables after a test that commits; the triggers step aside for that alone."""
    as_it_was = BaseDatabaseOperations.execute_sql_flush

    def flush(operations, sql_list):
        if not any("core_auditentry" in sql for sql in sql_list):
            return as_it_was(operations, sql_list)
        with audit_log_unlocked(connections[operations.connection.alias]):
            return as_it_was(operations, sql_list)

    BaseDatabaseOperations.execute_sql_flush = flush
    yield
    BaseDatabaseOperations.execute_sql_flush = as_it_was
