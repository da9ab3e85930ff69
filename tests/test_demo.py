"""The account of ``make demo``: its first sign-in shows demo data and nothing else."""

from collections import Counter

import pytest

from billing.models import Client, CreditNote, Payment, Proof, Refund, Settlement, Statement
from billing.reports.aging import aging
from billing.reports.statement_money import state_of
from billtracker import demo
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import today
from billtracker.demo import office
from tests.factories import make_client

pytestmark = pytest.mark.django_db


def test_a_visitor_signs_in_and_sees_the_demo_household(client):
    demo.make_visitor(username="demo", password="a long enough passphrase 7")
    assert client.login(username="demo", password="a long enough passphrase 7")
    page = client.get("/").content.decode()
    assert demo.NAME in page
    assert "Rent" in page


def test_a_visitor_who_clears_the_demo_data_gets_a_household_of_their_own(client):
    user = demo.make_visitor(username="demo", password="a long enough passphrase 7")
    assert demo.clear(actor=user) == 1
    client.login(username="demo", password="a long enough passphrase 7")
    assert [m.household.is_demo for m in user.memberships.all()] == [False]


def test_loading_twice_makes_one_demo_household():
    user = demo.make_visitor(username="demo", password="a long enough passphrase 7")
    assert demo.load(actor=user) == user.memberships.get().household


def test_a_fresh_database_gets_an_office_with_statements_in_every_state():
    user = demo.make_visitor(username="demo", password="a long enough passphrase 7")
    office.load_office(actor=user)
    states = Counter(Statement.objects.values_list("state", flat=True))
    assert (states["void"], states["in_review"]) == (1, 1)
    assert states["issued"] > 10
    assert states["draft"] > 2
    assert Client.objects.count() == len(office.SAMPLES)
    assert audit.verify(["office"]) == []
    paid = Counter(Payment.objects.values_list("state", flat=True))
    assert paid == {"posted": 3, "draft": 1, "verified": 1, "void": 1}
    now = today(office.TIME_ZONE)
    owing = {state_of(one, now) for one in Statement.objects.all().with_balance().with_cash()}
    assert owing >= {"paid", "settled", "overdue"}
    assert Settlement.objects.filter(kind="withholding", certificate_received_on=None).count() == 1
    assert (CreditNote.objects.count(), Refund.objects.count(), Proof.objects.count()) == (1, 1, 1)
    assert {row.credit for row in aging(now)} == {0, 500}


def test_an_office_with_books_gets_no_demo_data():
    user = demo.make_visitor(username="demo", password="a long enough passphrase 7")
    make_client()
    with pytest.raises(DomainError, match="books of its own"):
        office.load_office(actor=user)
    assert not Statement.objects.exists()


def test_the_button_leaves_the_office_alone(client):
    user = demo.make_visitor(username="demo", password="a long enough passphrase 7")
    demo.clear(actor=user)
    demo.load(actor=user)
    assert not office.has_books()
