"""Labels of clients that paid for each other become payer groups of exactly those clients."""

import importlib

import pytest
from django.apps import apps
from django.db import connection, transaction

from billing.models import Client, PayerGroup
from billtracker.core.data import triggers
from tests.factories import make_allocation, make_client, make_issued, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
migration = importlib.import_module("billing.migrations.0017_payers_by_group")


@pytest.fixture(autouse=True)
def before_the_rule():
    """Let money be applied as it could before; the rules come back with the end of the transaction."""
    with transaction.atomic():
        triggers.drop_every_rule(connection)
        yield
        transaction.set_rollback(True)


def pay(payer: Client, owing: Client):
    owed = make_issued(client=owing, amount="100.00")
    return owed, make_allocation(paid := make_payment(payer, "100.00"), owed, "10.00"), paid


def groups() -> dict[str, list[str]]:
    migration.make_payer_groups(apps, None)
    return {
        group.name: [client.name for client in group.members.all()] for group in PayerGroup.objects.all()
    }


def labelled(label: str, *names: str) -> list[Client]:
    return [make_client(name=name, group=label) for name in names]


def test_those_who_paid_become_a_group_and_the_others_of_the_label_do_not():
    """P3"""
    abad, casa, ding, _idle = labelled("South", "Abad", "Casa", "Ding", "Idle")
    pay(abad, casa)
    pay(abad, ding)
    pay(casa, casa)
    labelled("North", "Far")
    assert groups() == {"South": ["Abad", "Casa", "Ding"]}


def test_pairs_of_one_label_are_one_group_however_the_label_is_written():
    """P3"""
    first, second = labelled("South", "Abad", "Bo"), labelled(" SOUTH ", "Casa", "Ding")
    pay(*first)
    pay(*second)
    assert groups() == {"South": ["Abad", "Bo", "Casa", "Ding"]}


def test_what_was_taken_off_again_makes_no_group():
    """P3"""
    abad, casa = labelled("South", "Abad", "Casa")
    owed, row, paid = pay(abad, casa)
    make_allocation(paid, owed, "-10.00", reverses=row)
    assert groups() == {}


def test_a_label_changed_since_still_joins_those_who_paid_and_names_stay_apart():
    """P3: nothing that is applied stands outside a group."""
    pay(*labelled("South", "Abad", "Casa"))
    [ding], [eva] = labelled("South", "Ding"), labelled("North", "Eva")
    pay(ding, eva)
    [fe], [gil] = labelled("", "Fe"), labelled("", "Gil")
    pay(fe, gil)
    assert groups() == {"South": ["Abad", "Casa"], "South 2": ["Ding", "Eva"], "Fe": ["Fe", "Gil"]}
    for row in Client.objects.exclude(payer_group=None):
        assert row.payer_group.members.count() == 2
