"""Characters that no font has are named before anybody issues the document."""

import pytest

from billing import services
from billing.documents.printable import unprintable_characters
from tests.billing.documents.test_pdf import SCRIPTS
from tests.billing.samples import make_snapshot
from tests.factories import make_client, make_draft, make_office, make_office_user

NOWHERE = "\U0010fffd"


def test_every_script_that_prints_is_no_fault():
    snapshot = make_snapshot()
    snapshot["statement"]["notes"] = list(SCRIPTS.values())
    snapshot["client"]["name"] = "Zoë\u200d & Ș̌"
    assert unprintable_characters(snapshot) == []


def test_each_field_is_named_with_its_characters():
    """O11: whoever issues knows what to change."""
    snapshot = make_snapshot()
    snapshot["client"]["name"] = f"Casa {NOWHERE}{NOWHERE}"
    snapshot["client"]["address"] = ["1 Road", NOWHERE]
    snapshot["lines"][0]["description"] = f"Retainer {NOWHERE}"
    assert unprintable_characters(snapshot) == [
        ("the client's name", NOWHERE),
        ("the client's address", NOWHERE),
        ("line 1", NOWHERE),
    ]


@pytest.mark.django_db
def test_the_draft_and_the_desk_say_so_before_it_is_issued(client):
    """O11: nobody is told by the printed sheet."""
    make_office()
    draft = make_draft(make_client(name=f"Casa {NOWHERE}"))
    services.submit_statement(actor=make_office_user("Biller"), statement=draft)
    client.force_login(make_office_user("Reviewer"))
    for address in (f"/billing/statements/{draft.pk}/", f"/billing/review/{draft.pk}/"):
        page = client.get(address).content.decode()
        assert "would print as boxes" in page
        assert f"{NOWHERE} in the client&#x27;s name" in page
