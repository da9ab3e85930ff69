"""Asks a tree to which the field ``meter_number`` of a bill was added: page, API and database have it."""

import json

import pytest

from bills.models import Bill
from billtracker.accounts.sign_in.tokens import make_token
from tests.factories import make_bill, make_household, make_user

pytestmark = pytest.mark.django_db


def test_the_api_takes_the_field_and_the_form_shows_it(client):
    owner = make_user()
    bill = make_bill(make_household(owner))
    _, token = make_token(user=owner, scope="write")
    answer = client.patch(
        f"/api/bills/{bill.pk}/",
        json.dumps({"meter_number": "E-4711"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["meter_number"] == "E-4711"
    assert Bill.objects.get(pk=bill.pk).meter_number == "E-4711"
    client.force_login(owner)
    assert "E-4711" in client.get(f"/bills/{bill.pk}/edit/").content.decode()
