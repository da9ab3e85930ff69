"""Payer groups as JSON, and the group of a client."""

import json

import pytest

from billing.models import PayerGroup
from tests.factories import make_client, make_office_user, make_payer_group

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
URL = "/api/billing/payer-groups/"


@pytest.fixture
def send(client):
    client.force_login(make_office_user("Biller"))

    def send(method: str, path: str, **body):
        answer = client.generic(method, path, json.dumps(body), content_type="application/json")
        return answer.status_code, json.loads(answer.content or "null")

    return send


def test_a_group_is_made_changed_listed_and_deleted(send):
    """P3"""
    abad, casa = make_client(name="Abad"), make_client(name="Casa")
    status, made = send("POST", URL, name="Family", members=[casa.pk, abad.pk])
    assert status == 201
    assert [member["name"] for member in made["members"]] == ["Abad", "Casa"]
    assert send("GET", f"/api/billing/clients/{abad.pk}/")[1]["payer_group"] == {
        "id": made["id"], "name": "Family"
    }  # fmt: skip
    assert send("GET", URL)[1]["count"] == 1
    url = f"{URL}{made['id']}/"
    assert send("PATCH", url, name="Kin")[1]["name"] == "Kin"
    assert len(send("GET", url)[1]["members"]) == 2
    assert send("PATCH", url, members=[])[1]["members"] == []
    assert send("DELETE", url) == (204, None)
    assert send("GET", f"/api/billing/clients/{abad.pk}/")[1]["payer_group"] is None


def test_what_does_not_fit_is_refused_with_its_field(send):
    """P3"""
    taken = make_client(name="Casa")
    make_payer_group(taken, name="Blanca")
    for body, status, field in (
        ({"name": "BLANCA"}, 409, "name"),
        ({"name": "Family", "members": [taken.pk]}, 409, "members"),
        ({"name": "Family", "members": [taken.pk + 1000]}, 400, "members"),
        ({"name": ""}, 400, "name"),
        ({"name": "Family", "group": "x"}, 400, "group"),
    ):
        got, answer = send("POST", URL, **body)
        assert (got, answer["error"]["field"]) == (status, field)
    assert PayerGroup.objects.count() == 1


def test_a_client_takes_no_payer_group_of_its_own(send):
    """P3: who pays for whom is made on purpose, never beside something else."""
    group = make_payer_group()
    assert send("POST", "/api/billing/clients/", name="Abad", payer_group=group.pk)[0] == 400
