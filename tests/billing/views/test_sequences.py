"""The page of the numbers, as an Admin uses it who is no administrator of the server."""

import datetime as dt

import pytest

from billing import services
from billing.models import Counter, Sequence
from tests.factories import make_office, make_office_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2027, 1, 4, 12, tzinfo=dt.UTC)),
]
URL = "/billing/sequences/"


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def sequence():
    make_office()
    return Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})[0]


def test_an_admin_moves_the_counter_of_a_year_that_has_no_number_yet(client, sequence):
    """O14"""
    admin = make_office_user("Admin")
    services.move_counter(actor=admin, sequence=sequence, year=2026, to=9, reason="Written by hand")
    client.force_login(admin)
    assert (admin.is_staff, admin.is_superuser) == (False, False)
    assert client.get(URL).context["year"] == 2026
    page = client.get(f"{URL}?year=2027")
    assert page.context["years"] == [2027, 2026]
    move = f"{URL}{sequence.pk}/2027/move/"
    assert move in text_of(page)
    said = client.post(move, {"move-next_number": "21", "move-reason": "The booklet"}, follow=True)
    assert "The next number is SOA-2027-0021." in text_of(said)
    assert Counter.objects.get(sequence=sequence, year=2027).last_number == 20


def test_other_roles_see_no_way_to_move_a_counter(client, sequence):
    """O14"""
    client.force_login(make_office_user("Reviewer"))
    move = f"{URL}{sequence.pk}/2027/move/"
    assert move not in text_of(client.get(f"{URL}?year=2027"))
    assert client.post(move, {"move-next_number": "21", "move-reason": "x"}).status_code == 403
    assert not Counter.objects.filter(year=2027).exists()
