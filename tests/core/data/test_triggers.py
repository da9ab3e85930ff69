"""Rules of the database: what migrations leave behind is what the living lists give."""

import pytest
from django.db import connection, transaction

from billtracker.core.data import triggers
from tests.backups.databases import fresh, looking_at, migrated_file  # noqa: F401


def rules_after_renewal() -> tuple[dict[str, str], dict[str, str]]:
    """What stands when every rule was dropped, and when each was created again."""
    with transaction.atomic():
        triggers.drop_every_rule(connection)
        left = triggers.list_triggers(connection)
        triggers.renew_every_rule(connection)
        return left, triggers.list_triggers(connection)


@pytest.mark.engines("sqlite")
@pytest.mark.django_db
def test_migrations_and_lists_make_the_same_rules_on_sqlite(migrated_file):  # noqa: F811
    with looking_at(f"sqlite:///{migrated_file}"):
        migrated = triggers.list_triggers(connection)
        assert rules_after_renewal() == ({}, migrated)
    assert len(migrated) > 40


@pytest.mark.engines("postgresql")
@pytest.mark.django_db(transaction=True)
def test_migrations_and_lists_make_the_same_rules_on_postgres(fresh):  # noqa: F811
    with looking_at(fresh):
        migrated = triggers.list_triggers(connection)
        assert rules_after_renewal() == ({}, migrated)
    assert len(migrated) > 40


def test_no_two_rules_bear_one_name():
    names = [rule.name for rule_set in triggers.rule_sets() for rule in rule_set.rules]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("event", "only_on", "engines"),
    [
        ("UPDATE", "", ["sqlite", "postgresql"]),
        ("INSERT", "sqlite", ["sqlite"]),
        ("TRUNCATE", "", ["postgresql"]),
    ],
)
def test_a_rule_holds_on_the_engines_that_need_it(event, only_on, engines):
    rule = triggers.Rule("kept", event, "bills_bill", "", "No.", only_on)
    rules = triggers.RuleSet("bills", (rule,))
    assert [vendor for vendor in ("sqlite", "postgresql") if rules.of(vendor)] == engines
