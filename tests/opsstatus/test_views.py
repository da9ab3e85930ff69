"""The pages for administrators: lists that are filtered by the address, and the resolve button."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billtracker.core.models import AuditEntry
from opsstatus.models import RecentError
from tests.factories import make_job_run, make_recent_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, administrator):
    client.force_login(administrator)
    return client


def test_runs_are_filtered_by_state_and_job(signed_in):
    make_job_run(sentence="Made 3 occurrences.")
    make_job_run(name="opsstatus.tasks.measure", state="failed", error="KeyError in bills.x.y, line 3.")
    page = signed_in.get("/admin/jobs/?state=failed").content.decode()
    assert "KeyError in bills.x.y, line 3." in page
    assert "Made 3" not in page
    assert "Made 3" in signed_in.get("/admin/jobs/?name=bills.tasks.make_occurrences").content.decode()
    assert (
        "No run fits"
        in signed_in.get("/admin/jobs/?state=done&name=opsstatus.tasks.measure").content.decode()
    )


@pytest.mark.parametrize("query", ["state=nonsense", "name=%00", "page=99999", "page=x", "state=&name="])
def test_an_address_that_makes_no_sense_shows_all(signed_in, query):
    make_job_run(sentence="Made 3 occurrences.")
    assert "Made 3" in signed_in.get(f"/admin/jobs/?{query}").content.decode()


def test_runs_stand_on_pages_of_fifty_and_cost_the_same(signed_in):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            signed_in.get("/admin/jobs/?page=2")
        return len(seen)

    for _ in range(51):
        make_job_run()
    few = queries()
    for _ in range(60):
        make_job_run()
    assert queries() == few
    assert "51 to 100 of 111" in signed_in.get("/admin/jobs/?page=2").content.decode()


def test_an_error_is_resolved_with_an_entry_in_the_audit_log(signed_in):
    error = make_recent_error()
    answer = signed_in.post(f"/admin/errors/{error.pk}/resolve/", {"sent": "1"}, follow=True)
    assert "The error is resolved." in answer.content.decode()
    assert "No errors" in answer.content.decode()
    assert RecentError.objects.get().resolved_at
    assert AuditEntry.objects.get(action="error.resolved").scope == "office"
    assert "Resolved" in signed_in.get("/admin/errors/?show=all").content.decode()


def test_an_error_that_is_not_there_is_not_found(signed_in):
    assert signed_in.post("/admin/errors/999/resolve/", {"sent": "1"}).status_code == 404


@pytest.mark.parametrize("path", ["/admin/status/", "/admin/jobs/", "/admin/errors/", "/admin/"])
def test_one_place_of_the_menu_is_the_current_one(signed_in, path):
    menu = signed_in.get(path).context["server_menu"]
    current = [item.url for item in menu if item.is_current]
    assert current == ["/admin/" if path == "/admin/" else "/admin/status/"]


def test_an_error_is_resolved_from_status_too(signed_in):
    error = make_recent_error()
    assert f'action="/admin/errors/{error.pk}/resolve/"' in signed_in.get("/admin/status/").content.decode()
