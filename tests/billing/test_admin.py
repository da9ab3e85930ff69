"""The office's books in Django's admin: to look things up, for staff with an office role."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib import admin
from django.urls import reverse

from billing import services
from billing.models import CounterAdjustment, Sequence
from billing.services import take_number
from billtracker.core.models import AuditEntry
from tests.factories import (
    make_allocation,
    make_client,
    make_engagement,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
    make_user,
)

pytestmark = pytest.mark.django_db
MODELS = [model for model in admin.site._registry if model._meta.app_label == "billing"]


@pytest.fixture
def sequence():
    return Sequence.objects.get(code="SOA")


def staff(*roles):
    return make_office_user(*roles, is_staff=True, is_superuser=True)


def rows(sequence, time_machine=None):
    make_office()
    engagement = make_engagement(make_client())
    statement = make_issued(client=engagement.client)
    return {
        "client": engagement.client,
        "engagement": engagement,
        "statement": statement,
        "sequence": sequence,
        **money_rows(statement),
    }


def money_rows(statement) -> dict:
    reviewer, why = make_office_user("Reviewer"), "A reason that is long enough"
    payment, one = make_payment(statement.client), Decimal(1)
    settled = {"actor": reviewer, "statement": statement, "amount": one, "reason": why}
    day = {"refunded_on": payment.paid_on}
    return {
        "payment": payment,
        "allocation": make_allocation(payment, statement, "5.00"),
        "settlement": services.settle_statement(kind="write_off", **settled),
        "creditnote": services.issue_credit_note(**settled),
        "refund": services.refund_credit(actor=reviewer, payment=payment, amount=one, reason=why, **day),
    }


@pytest.mark.parametrize("role", ["Admin", "Viewer"])
def test_staff_with_an_office_role_look_things_up(client, sequence, role):
    client.force_login(staff(role))
    for name, row in rows(sequence).items():
        assert client.get(reverse(f"admin:billing_{name}_changelist")).status_code == 200
        page = client.get(reverse(f"admin:billing_{name}_change", args=[row.pk]))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_nobody_adds_changes_or_deletes_there(client, sequence, model):
    client.force_login(staff("Admin"))
    name = model._meta.model_name
    assert client.get(reverse(f"admin:billing_{name}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:billing_{name}_add")).status_code == 403
    known = rows(sequence).get(name)
    if known:
        before = type(known).objects.filter(pk=known.pk).values().get()
        for act in ("change", "delete"):
            assert (
                client.post(
                    reverse(f"admin:billing_{name}_{act}", args=[known.pk]), {"post": "yes"}
                ).status_code
                == 403
            )
        assert type(known).objects.filter(pk=known.pk).values().get() == before


@pytest.mark.parametrize(
    "build", [lambda: staff(), lambda: make_office_user("Admin"), lambda: make_user(is_staff=True)]
)
def test_others_do_not_get_in(client, build):
    client.force_login(build())
    assert client.get(reverse("admin:billing_client_changelist")).status_code in (302, 403)


# --- the counter -------------------------------------------------------------------------------
@pytest.fixture
def taken(sequence, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC))
    take_number(sequence, dt.date(2026, 11, 1))
    return sequence


def test_a_sequence_shows_the_next_number_of_each_year(client, taken):
    client.force_login(staff("Viewer"))
    page = client.get(reverse("admin:billing_sequence_change", args=[taken.pk]))
    assert "SOA-2026-0002" in page.content.decode()
    assert "Move a counter forward" not in page.content.decode()


def test_an_admin_moves_a_counter_forward_with_a_reason(client, taken):
    client.force_login(staff("Admin"))
    url = reverse("admin:billing_sequence_move", args=[taken.pk])
    assert url in client.get(reverse("admin:billing_sequence_change", args=[taken.pk])).content.decode()
    assert client.get(url).status_code == 200
    client.post(url, {"year": "2026", "next_number": "10", "reason": "2 to 9 were written by hand"})
    moved = CounterAdjustment.objects.get()
    assert (moved.from_number, moved.to_number, moved.counter.last_number) == (1, 9, 9)
    assert AuditEntry.objects.filter(action="counter.moved").count() == 1


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"next_number": "2", "reason": "x"}, "moves forward only"),
        ({"next_number": "10", "reason": " "}, "This field is required"),
        ({"next_number": "99999999999", "reason": "x"}, "moves forward only"),
        ({"next_number": "10", "reason": "x", "year": "1999"}, "Select a valid choice"),
    ],
)
def test_a_wrong_move_is_refused_beside_its_field(client, taken, data, sentence):
    client.force_login(staff("Admin"))
    page = client.post(reverse("admin:billing_sequence_move", args=[taken.pk]), {"year": "2026", **data})
    assert sentence in page.content.decode()
    assert not CounterAdjustment.objects.exists()


@pytest.mark.parametrize("role", ["Biller", "Reviewer", "Viewer"])
def test_nobody_else_moves_it(client, taken, role):
    client.force_login(staff(role))
    url = reverse("admin:billing_sequence_move", args=[taken.pk])
    assert client.post(url, {"year": "2026", "next_number": "10", "reason": "x"}).status_code == 403
    assert not CounterAdjustment.objects.exists()
