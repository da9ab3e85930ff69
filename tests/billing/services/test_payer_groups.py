"""Payer groups: made and changed by a person, told to the audit log, and refused where they do not fit."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Allocation, Client, PayerGroup
from billing.reports.balances import outstanding
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import (
    make_client,
    make_issued,
    make_office,
    make_office_user,
    make_payer_group,
    make_payment,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)),
]


@pytest.fixture(autouse=True)
def office():
    return make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def abad():
    return make_client(name="Abad")


@pytest.fixture
def casa():
    return make_client(name="Casa")


def everything():
    models = (PayerGroup, Client, AuditEntry)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def refused(sentence: str, verb, **facts) -> str:
    before = everything()
    with pytest.raises(DomainError) as error:
        verb(**facts)
    assert sentence in error.value.sentence
    assert everything() == before
    return error.value.code


def test_a_group_is_made_of_clients_and_its_entry_names_them(biller, abad, casa):
    """P3"""
    group = services.save_payer_group(actor=biller, name="  Abad   family ", members=[casa, abad])
    assert (group.name, list(group.members.all())) == ("Abad family", [abad, casa])
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.target_type, entry.target_id) == (
        "payer_group.created", "billing.payergroup", str(group.pk)
    )  # fmt: skip
    assert entry.changes == {"name": [None, "Abad family"], "members": [None, ["Abad", "Casa"]]}


def test_a_change_leaves_alone_what_it_does_not_name(biller, abad, casa):
    """P3"""
    group = make_payer_group(abad, casa, name="Family")
    services.save_payer_group(actor=biller, group=group, members=[abad])
    assert AuditEntry.objects.get().changes == {"members": [["Abad", "Casa"], ["Abad"]]}
    services.save_payer_group(actor=biller, group=group, name="Kin")
    services.save_payer_group(actor=biller, group=group, name="Kin", members=[abad])
    assert [entry.action for entry in AuditEntry.objects.all()] == ["payer_group.changed"] * 2
    group.refresh_from_db()
    assert (group.name, list(group.members.all())) == ("Kin", [abad])


@pytest.mark.parametrize("name", ["FAMILY", "ｆａｍｉｌｙ", " Fam\u200bily "])
def test_a_name_is_there_once_however_it_is_written(biller, name):
    """P3"""
    make_payer_group(name="Family")
    assert refused("group of this name: Family", services.save_payer_group, actor=biller, name=name) == (
        "name_taken"
    )


@pytest.mark.parametrize("name", ["", " \u200b ", "x" * 81, "ﷺ" * 20])
def test_a_name_can_be_compared(biller, name):
    assert refused("Enter a name", services.save_payer_group, actor=biller, name=name) == "invalid"


def test_a_client_is_in_one_group(biller, abad, casa):
    """P3"""
    make_payer_group(casa, name="Casa & co")
    facts = {"actor": biller, "name": "Family", "members": [abad, casa]}
    assert refused("Casa is in the payer group Casa & co.", services.save_payer_group, **facts) == (
        "other_group"
    )


def test_a_viewer_changes_nothing(abad):
    viewer, group = make_office_user("Viewer"), make_payer_group(abad)
    assert refused("may not edit", services.save_payer_group, actor=viewer, name="A") == "not_allowed"
    assert refused("may not edit", services.delete_payer_group, actor=viewer, group=group) == "not_allowed"


def test_a_deleted_group_leaves_its_clients_and_what_they_paid(biller, abad, casa):
    """P3"""
    group = make_payer_group(abad, casa, name="Family")
    paid, owed = make_payment(abad, "600.00"), make_issued(client=casa, amount="300.00")
    facts = {"actor": biller, "payment": paid}
    row = services.allocate_payment(statement=owed, amount=Decimal("100.00"), **facts)
    services.delete_payer_group(actor=biller, group=group)
    entry = AuditEntry.objects.order_by("position").last()
    assert entry.action == "payer_group.deleted"
    assert entry.changes == {"name": ["Family", None], "members": [["Abad", "Casa"], None]}
    assert outstanding(owed) == Decimal("200.00")
    later = make_issued(client=casa, amount="50.00")
    with pytest.raises(DomainError, match="is in no payer group with Abad"):
        services.allocate_payment(statement=later, amount=Decimal("50.00"), **facts)
    services.unapply_allocation(actor=biller, allocation=row)
    assert (outstanding(owed), Allocation.objects.count()) == (300, 2)
    assert refused("was deleted meanwhile", services.delete_payer_group, actor=biller, group=group)


def test_a_saved_client_keeps_the_group_it_was_put_in_meanwhile(biller, abad):
    stale = Client.objects.get(pk=abad.pk)
    group = services.save_payer_group(actor=biller, name="Family", members=[abad])
    stale.tax_number = "1"
    services.save_client(actor=biller, client=stale)
    abad.refresh_from_db()
    assert (abad.tax_number, abad.payer_group) == ("1", group)
