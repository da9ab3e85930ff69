"""The account of ``make demo``: its first sign-in shows demo data and nothing else."""

import pytest

from billtracker import demo

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
