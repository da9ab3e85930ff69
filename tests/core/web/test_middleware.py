"""Each change says through which door it came, and in which request."""

import pytest

from billtracker.core import audit
from billtracker.core.audit.sources import command_of
from billtracker.core.models import AuditEntry
from billtracker.core.web.middleware import entry_point_of
from tests.factories import make_household, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "entry_point"),
    [
        ("/", "page"),
        ("/tracker/2026/11/", "page"),
        ("/api/bills/", "api"),
        ("/admin/settings/", "admin"),
        ("/apiary/", "page"),
    ],
)
def test_the_entry_point_is_read_from_the_address(path, entry_point):
    assert entry_point_of(path) == entry_point


def test_an_entry_carries_its_entry_point_and_the_name_of_its_request(client):
    user = make_user()
    make_household(user)
    client.force_login(user)
    answer = client.post("/categories/", {"name": "Fun"}, headers={"X-Request-ID": "chosen by somebody"})
    entry = AuditEntry.objects.get(action="category.created")
    assert (entry.source, entry.request_id) == ("page", answer.headers["X-Request-ID"])
    assert entry.request_id != "chosen by somebody"
    assert audit.request_id.get() == ""


def test_two_requests_have_two_names(client):
    names = {client.get("/healthz").headers["X-Request-ID"] for _ in range(5)}
    assert len(names) == 5


def test_a_command_names_itself():
    assert command_of(["/srv/manage.py", "run_retainer_cycle", "2025-09"]) == "command run_retainer_cycle"
    assert command_of(["/srv/pytest"]) == command_of([]) == ""


def test_a_block_gives_its_entry_point_back_when_it_fails():
    with pytest.raises(ZeroDivisionError), audit.coming_from("import"):
        raise ZeroDivisionError
    assert audit.source_of_change.get() == ""


def test_inside_a_block_the_request_stays_the_same():
    with audit.coming_from("page", "4711"), audit.coming_from("import"):
        assert (audit.source_of_change.get(), audit.request_id.get()) == ("import", "4711")


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize(
    "path", ["/", "/bills/", "/accounts/profile/", "/api/bills/", "/api/households/", "/nowhere/"]
)
def test_no_private_page_and_no_answer_of_the_api_is_stored(client, path):
    """S9"""
    client.force_login(make_user())
    answer = client.get(path, follow=True)
    assert "no-store" in answer.headers["Cache-Control"]
