"""A measurement that fails is a result: red with a sentence, and it stops no other."""

import pytest
from django.db import DatabaseError

from billing.models import BooksCheck
from billing.services import books_check
from billing.status import status_items as billing_items
from billtracker.core.process.health import Level
from billtracker.core.process.jobs import JobFailed
from opsstatus import panel_results, services, tasks
from opsstatus.models import StoredFact
from tests.factories import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
MALFORMED = DatabaseError("database disk image is malformed")


def signal(name: str):
    item = next(one for one in panel_results.gather().items if str(one.name) == name)
    return item.level, item.value


def failing(*args, **options):
    raise MALFORMED


def test_an_integrity_check_that_raises_is_red_and_a_good_one_turns_it_green(monkeypatch):
    """S1"""
    services.check_database()
    monkeypatch.setattr(services, "_count_faults", failing)
    with pytest.raises(JobFailed, match="The database is damaged"):
        tasks.check_database()
    level, words = signal("Integrity")
    assert level is Level.ERROR
    assert words.startswith("The database is damaged (database disk image is malformed).")
    monkeypatch.undo()
    tasks.check_database()
    assert signal("Integrity")[0] is Level.OK


def test_one_count_that_fails_is_red_and_stops_no_other(monkeypatch):
    """S1"""
    make_client()
    monkeypatch.setitem(tasks.MEASURES, "billing", failing)
    monkeypatch.setitem(tasks.MEASURES, "people", lambda: {}["users"])
    with pytest.raises(JobFailed, match="people, billing"):
        tasks.measure()
    assert StoredFact.objects.get(name="bills").error == ""
    assert signal("Active bills")[0] is Level.OK
    assert signal("Users") == (Level.ERROR, "The measurement failed (KeyError); the log has more. (just now)")
    for name in ("Statements", "PDFs", "Billed months"):
        assert signal(name)[0] is Level.ERROR


def test_books_that_cannot_be_read_are_red(monkeypatch):
    """S1"""
    make_client()
    monkeypatch.setattr(books_check.audit, "verify", failing)
    monkeypatch.setattr(books_check, "check_numbers", failing)
    from billing.tasks import check_books

    with pytest.raises(JobFailed, match="The audit chain was not checked"):
        check_books()
    items = {str(item.name): item for item in billing_items({})}
    assert items["Audit chain"].level is items["Number register"].level is Level.ERROR
    assert "malformed" in items["Audit chain"].value
    assert not BooksCheck.objects.get().chain_holds


def test_facts_that_cannot_be_read_are_red(monkeypatch):
    """S1"""
    monkeypatch.setattr(panel_results, "known_facts", failing)
    picture = panel_results.gather()
    assert picture.panels[0].title == "Measurements"
    assert picture.panels[0].level is Level.ERROR
