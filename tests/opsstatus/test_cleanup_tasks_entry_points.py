"""Cleanup by clock, command and button: one that fails stops no other, and everybody is told."""

import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billtracker.core.data.named_locks import try_database_lock
from billtracker.core.models import AuditEntry
from billtracker.core.process.jobs import JobFailed
from billtracker.core.settings import runtime_settings
from opsstatus import cleanup_tasks, panel_results, tasks
from opsstatus.models import RecentError, StoredFact
from tests.factories import make_job_run, make_recent_error

pytestmark = pytest.mark.django_db
LONG_AGO = "2026-01-01T12:00:00Z"


@pytest.fixture
def signed_in(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def broken(monkeypatch):
    """The task about errors fails, with words that nobody may see."""

    def fails(**rest):
        raise ValueError("Rent of anna")

    tasks_now = [
        task
        if task.name != "errors"
        else type(task)(task.name, task.title, task.rule, fails, switch=task.switch)
        for task in cleanup_tasks.TASKS
    ]
    monkeypatch.setattr(cleanup_tasks, "TASKS", tuple(tasks_now))
    monkeypatch.setattr(cleanup_tasks, "BY_NAME", {task.name: task for task in tasks_now})


def panel() -> dict:
    picture = panel_results.gather()
    return {str(item.name): item for one in picture.panels if one.title == "Cleanup" for item in one.items}


# --- the job -----------------------------------------------------------------------------------
def test_the_job_says_what_it_removed(clock):
    make_recent_error(resolved_at=LONG_AGO)
    make_job_run(started_at=LONG_AGO)
    assert tasks.clean_up() == "Removed 1 job run, 1 resolved error."
    assert tasks.clean_up() == "Nothing to remove."


def test_a_task_that_fails_stops_no_other_and_fails_the_job(clock, broken):
    make_recent_error(resolved_at=LONG_AGO)
    make_job_run(started_at=LONG_AGO)
    with pytest.raises(JobFailed, match=r"^Removed 1 job run\. Failed: Resolved errors\.$"):
        tasks.clean_up()
    assert RecentError.objects.filter(resolved_at__isnull=False).exists()


def test_only_one_process_at_a_time(clock):
    with try_database_lock("cleanup") as is_held:
        assert is_held
        if connection.vendor == "sqlite":  # on Postgres the same session may take its lock twice
            assert tasks.clean_up() == "Another cleanup is running; this one left everything to it."
    assert tasks.clean_up() == "Nothing to remove."


# --- the command -------------------------------------------------------------------------------
def test_the_command_says_one_sentence_for_each_task(clock, capsys):
    make_recent_error(resolved_at=LONG_AGO)
    call_command("cleanup")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == [task.title for task in cleanup_tasks.TASKS]
    assert "Resolved errors: Removed 1 resolved error." in lines
    assert "Import history: Switched off." in lines


def test_the_command_gives_json_and_ends_with_1_when_a_task_failed(clock, broken, capsys):
    with pytest.raises(SystemExit) as ended:
        call_command("cleanup", "--json")
    said = capsys.readouterr()
    found = {one["name"]: one for one in json.loads(said.out)["tasks"]}
    assert ended.value.code == 1
    assert found["errors"] == {"name": "errors", "state": "failed", "removed": {}, "error": "ValueError"}
    assert found["import_history"]["state"] == "skipped"
    assert found["bin"]["state"] == "done"
    assert "anna" not in said.out


# --- Status ------------------------------------------------------------------------------------
def test_status_says_when_and_what(healthy):
    assert panel()["Last cleanup"].level == "ok"
    assert panel()["Removed"].value == "Nothing to remove."
    make_recent_error(resolved_at=LONG_AGO)
    cleanup_tasks.clean_up(actor=None)
    assert panel()["Removed"].value == "Removed 1 resolved error."


def test_status_warns_when_cleanup_was_long_ago_and_does_not_know_before_the_first(healthy):
    healthy.shift(49 * 3600)
    assert panel()["Last cleanup"].level == "warning"
    StoredFact.objects.filter(name__startswith="cleanup").delete()
    assert panel()["Last cleanup"].level == "unknown"


def test_a_task_that_failed_is_red_until_it_comes_through_or_is_switched_off(healthy, broken, monkeypatch):
    cleanup_tasks.clean_up(actor=None)
    item = panel()["Resolved errors"]
    assert (item.level, item.url) == ("error", "/admin/cleanup/")
    assert item.value.startswith("Failed (ValueError); the log has more.")
    runtime_settings.save(None, "cleanup_records", False)
    assert "Resolved errors" not in panel()
    runtime_settings.clear(None, "cleanup_records")
    monkeypatch.undo()
    cleanup_tasks.clean_up(actor=None)
    assert "Resolved errors" not in panel()


# --- the page ----------------------------------------------------------------------------------
def test_the_page_shows_each_task_its_rule_and_its_last_result(clock, signed_in):
    page = signed_in.get("/admin/cleanup/").content.decode()
    for task in cleanup_tasks.TASKS:
        assert str(task.title) in page
    assert "Not yet" in page
    make_recent_error(resolved_at=LONG_AGO)
    answer = signed_in.post("/admin/cleanup/errors/run/", {"sent": 1}, follow=True)
    assert answer.redirect_chain == [("/admin/cleanup/", 302)]
    page = answer.content.decode()
    assert "Resolved errors: Removed 1 resolved error." in page
    assert AuditEntry.objects.get(action="cleanup.run").changes == {"errors": [{"errors": 1}, None]}


def test_all_tasks_run_with_one_button(clock, signed_in):
    make_recent_error(resolved_at=LONG_AGO)
    page = signed_in.post("/admin/cleanup/run/", {"sent": 1}, follow=True).content.decode()
    assert "Cleanup: Removed 1 resolved error." in page
    assert StoredFact.objects.filter(name="cleanup").exists()
    assert AuditEntry.objects.get(action="cleanup.run").changes["errors"] == [{"errors": 1}, None]


def test_a_failure_is_said_on_the_page_without_its_words(clock, signed_in, broken):
    page = signed_in.post("/admin/cleanup/errors/run/", {"sent": 1}, follow=True).content.decode()
    assert "Failed (ValueError); the log has more." in page
    assert "anna" not in page


def test_a_task_that_is_off_or_not_there_is_refused(clock, signed_in):
    page = signed_in.post("/admin/cleanup/import_history/run/", {"sent": 1}, follow=True).content.decode()
    assert "Import history is switched off in the settings. Nothing was removed." in page
    assert signed_in.post("/admin/cleanup/nothing/run/", {"sent": 1}).status_code == 404


def test_the_page_costs_a_few_queries(clock, signed_in):
    cleanup_tasks.clean_up(actor=None)
    with CaptureQueriesContext(connection) as seen:
        signed_in.get("/admin/cleanup/")
    assert len(seen) <= 8
