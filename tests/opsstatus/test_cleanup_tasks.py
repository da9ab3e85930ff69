"""Each cleanup task removes exactly what its rule says, at both ends of its age, and reports it."""

import datetime as dt
import os

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from django_q.models import Failure

from billtracker.core.data import idempotency
from billtracker.core.exceptions import DomainError
from billtracker.core.imports import batches, previews
from billtracker.core.models import (
    AuditEntry,
    IdempotencyRecord,
    ImportBatch,
    ImportedThing,
    ImportPreview,
    ImportRow,
)
from billtracker.core.settings import runtime_settings
from notifications.models import Message
from opsstatus import cleanup_tasks
from opsstatus.models import JobRun, RecentError
from tests.core.imports.test_batches import ready
from tests.factories import make_household, make_job_run, make_message, make_recent_error, make_user

pytestmark = pytest.mark.django_db
SECOND, HOUR, DAY = dt.timedelta(seconds=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def run(name: str) -> dict[str, int]:
    """Run one task and return what it says it removed."""
    (outcome,) = cleanup_tasks.clean_up(actor=None, names=[name]).outcomes
    assert outcome.error == ""
    return dict(outcome.removed)


def tune(name: str, value) -> None:
    runtime_settings.save(None, name, value)


@pytest.fixture
def owner(db):
    return make_user()


@pytest.fixture
def household(owner):
    return make_household(owner)


# --- imports -----------------------------------------------------------------------------------
def test_previews_go_when_their_24_hours_are_over_and_not_a_second_before(clock, household, owner):
    old = ready(household, owner)
    clock.shift(SECOND)
    young = ready(household, owner)
    clock.shift(24 * HOUR - SECOND)
    assert run("import_previews") == {"previews": 1, "rows": 2}
    assert set(ImportRow.objects.values_list("preview", flat=True)) == {young.pk}
    states = dict(ImportPreview.objects.values_list("pk", "state"))
    assert states == {old.pk: "expired", young.pk: "ready"}
    assert run("import_previews") == {"previews": 0, "rows": 0}


@pytest.mark.parametrize("days", [30, 3_650])
def test_import_history_goes_at_both_ends_of_its_age(clock, household, owner, days):
    tune("cleanup_import_history", True)
    tune("cleanup_import_history_days", days)
    old = applied(household, owner)
    expired = ready(household, owner, b"bill,amount,due day\nWater,30,3\n")
    ImportPreview.objects.filter(pk=expired.pk).update(state="expired")
    clock.shift(SECOND)
    young = applied(household, owner, b"bill,amount,due day\nPhone,20,3\n")
    entries = AuditEntry.objects.count()
    clock.shift(days * DAY - SECOND)
    assert run("import_history") == {"batches": 1, "previews": 2}
    assert list(ImportBatch.objects.all()) == [young]
    assert list(ImportPreview.objects.all()) == [young.preview]
    assert set(ImportedThing.objects.values_list("batch", flat=True)) == {young.pk}
    assert not ImportRow.objects.filter(preview=old.preview_id).exists()
    assert household.bills.count() == 3  # what it brought in stays
    assert AuditEntry.objects.count() == entries


def applied(household, owner, *file) -> ImportBatch:
    batch = batches.apply_preview(actor=owner, preview=ready(household, owner, *file))
    assert batch is not None
    return batch


def test_a_file_that_waits_for_its_answers_is_no_history(clock, household, owner):
    tune("cleanup_import_history", True)
    preview = ready(household, owner)
    clock.shift(4_000 * DAY)
    assert run("import_history") == {"batches": 0, "previews": 0}
    assert previews.is_expired(preview)


# --- files -------------------------------------------------------------------------------------
@pytest.fixture
def exports(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "exports"
    settings.EXPORTS_DIR.mkdir()
    return settings.EXPORTS_DIR


def put(path, age: dt.timedelta, content=b"12345"):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    moment = (timezone.now() - age).timestamp()
    os.utime(path, (moment, moment))
    return path


@pytest.mark.parametrize("hours", [1, 72])
def test_exports_go_at_both_ends_of_their_age(clock, exports, hours):
    tune("cleanup_exports_hours", hours)
    put(exports / "old.csv", hours * HOUR)
    put(exports / "below" / "old.zip", hours * HOUR + SECOND, b"x" * 10)
    young = put(exports / "below" / "young.zip", hours * HOUR - SECOND)
    assert run("exports") == {"files": 2, "bytes": 15}
    assert [path for path in exports.rglob("*") if path.is_file()] == [young]


def test_a_link_among_the_exports_is_removed_and_not_followed(clock, exports, tmp_path):
    elsewhere = put(tmp_path / "elsewhere" / "evidence.pdf", 100 * DAY)
    for name, target in (("file", elsewhere), ("folder", elsewhere.parent)):
        link = exports / name
        link.symlink_to(target)
        os.utime(link, (0, 0), follow_symlinks=False)
    assert run("exports")["files"] == 2
    assert elsewhere.exists()


def test_empty_folders_among_the_exports_go_too(clock, exports):
    (exports / "empty").mkdir()
    os.utime(exports / "empty", (0, 0))
    (exports / "new").mkdir()
    now = timezone.now().timestamp()
    os.utime(exports / "new", (now, now))
    run("exports")
    assert [path.name for path in exports.iterdir()] == ["new"]


def test_an_export_that_cannot_be_removed_stops_no_other(clock, exports, monkeypatch):
    put(exports / "a.csv", 100 * DAY), put(exports / "b.csv", 100 * DAY)
    unlink = type(exports).unlink

    def refuse_a(path, **rest):
        if path.name == "a.csv":
            raise PermissionError
        unlink(path, **rest)

    monkeypatch.setattr(type(exports), "unlink", refuse_a)
    (outcome,) = cleanup_tasks.clean_up(actor=None, names=["exports"]).outcomes
    assert (outcome.state, outcome.error) == ("failed", "PermissionError")
    assert [path.name for path in exports.iterdir()] == ["a.csv"]


def test_no_exports_folder_is_no_error(settings, tmp_path):
    settings.EXPORTS_DIR = tmp_path / "gone"
    (outcome,) = cleanup_tasks.clean_up(actor=None, names=["exports"]).outcomes
    assert str(outcome) == "Nothing to remove."


@pytest.fixture
def backups(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


def test_leftovers_of_backups_go_after_two_hours_and_whole_backups_never(clock, backups):
    old, young = 2 * HOUR + SECOND, 2 * HOUR - SECOND
    put(backups / "20261121-095959-manual.partial" / "database.sqlite3", old)
    put(backups / "20261121-100001-manual.partial" / "database.sqlite3", young)
    put(backups / "20261001-000000-scheduled" / "database.sqlite3", 50 * DAY)
    for path in backups.iterdir():
        os.utime(path, (0, 0))
    put(backups / "old.upload", old), put(backups / "young.upload", young)
    assert run("backup_leftovers") == {"leftovers": 2}
    assert sorted(path.name for path in backups.iterdir()) == [
        "20261001-000000-scheduled", "20261121-100001-manual.partial", "young.upload",
    ]  # fmt: skip


# --- records -----------------------------------------------------------------------------------
def test_sessions_go_at_their_end_and_not_a_second_before(clock):
    now = timezone.now()
    for key, left in (("over", 0 * SECOND), ("alive", SECOND)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + left)
    assert run("sessions") == {"sessions": 1}
    assert Session.objects.get().session_key == "alive"


def test_runs_of_jobs_go_after_30_days(clock):
    now = timezone.now()
    make_job_run(started_at=now - 30 * DAY)
    young = make_job_run(started_at=now - 30 * DAY + SECOND)
    for number, started in enumerate((now - 30 * DAY, now - 30 * DAY + SECOND)):
        Failure.objects.create(
            id=f"{number}", name="f", func="f", started=started, stopped=now, success=False
        )
    assert run("job_history") == {"runs": 1, "failures": 1}
    assert JobRun.objects.get() == young
    assert Failure.objects.get().id == "1"


def test_resolved_errors_go_after_30_days_and_open_ones_never(clock):
    now = timezone.now()
    make_recent_error(resolved_at=now - 30 * DAY)
    young = make_recent_error(resolved_at=now - 30 * DAY + SECOND)
    open_one = make_recent_error(last_seen_at=now - 4_000 * DAY)
    assert run("errors") == {"errors": 1}
    assert set(RecentError.objects.all()) == {young, open_one}


def test_messages_that_ended_go_after_90_days_and_waiting_ones_never(clock):
    now = timezone.now()
    make_message(state="sent", sent_at=now, tried_at=now, next_try_at=None, created_at=now - 90 * DAY)
    young = make_message(
        state="sent", sent_at=now, tried_at=now, next_try_at=None, created_at=now - 90 * DAY + SECOND
    )
    waits = make_message(created_at=now - 4_000 * DAY)
    assert run("messages") == {"messages": 1}
    assert set(Message.objects.all()) == {young, waits}


def test_keys_of_repeated_requests_go_after_90_days(clock, owner):
    made = [idempotency.once(owner, key, b"body", lambda: owner) for key in ("old", "young")]
    assert made == [owner.pk, owner.pk]
    IdempotencyRecord.objects.filter(key="old").update(created_at=timezone.now() - 90 * DAY)
    IdempotencyRecord.objects.filter(key="young").update(created_at=timezone.now() - 90 * DAY + SECOND)
    assert run("idempotency_keys") == {"keys": 1}
    assert IdempotencyRecord.objects.get().key == "young"


# --- switches ----------------------------------------------------------------------------------
def test_import_history_is_off_and_everything_else_on_by_default():
    assert [one.task.name for one in cleanup_tasks.standings({}) if not one.is_on] == ["import_history"]


@pytest.mark.parametrize(
    "task", [task for task in cleanup_tasks.TASKS if task.switch], ids=lambda task: task.name
)
def test_a_task_that_is_switched_off_does_nothing_and_refuses_to_be_run(task, monkeypatch):
    tune(task.switch, False)
    monkeypatch.setitem(cleanup_tasks.BY_NAME, task.name, task)
    outcomes = {one.name: one for one in cleanup_tasks.clean_up(actor=None).outcomes}
    assert (outcomes[task.name].state, str(outcomes[task.name])) == ("skipped", "Switched off.")
    with pytest.raises(DomainError, match="is switched off in the settings"):
        cleanup_tasks.clean_up(actor=None, names=[task.name])


@pytest.mark.parametrize(("name", "values"), [
    ("cleanup_exports_hours", ("0", "73", "-1", "x", "")),
    ("cleanup_import_history_days", ("29", "3651", "1.5")),
])  # fmt: skip
def test_an_age_beyond_its_limits_is_refused(name, values):
    for value in values:
        with pytest.raises(DomainError, match="whole number from"):
            tune(name, value)


def test_the_rule_says_the_age_that_is_set():
    tune("cleanup_exports_hours", 72)
    rules = {one.task.name: one.rule for one in cleanup_tasks.standings({})}
    assert rules["exports"].startswith("Files in the exports folder last changed 3 days ago or earlier.")
    assert "%" not in "".join(rules.values())
