"""Jobs go with their transaction, and the stored schedule is the one in the code."""

import datetime as dt

import pytest
from django.db import transaction
from django_q.models import OrmQ, Schedule

from billtracker.core import audit
from billtracker.core.process import jobs
from billtracker.schedule import SCHEDULE

HOUR = dt.timedelta(hours=1)


@pytest.mark.django_db
def test_a_job_waits_in_the_queue_with_its_ids():
    jobs.enqueue("bills.tasks.make_occurrences", 7)
    task = OrmQ.objects.get().task
    assert (task["func"], task["args"]) == ("bills.tasks.make_occurrences", (7,))


@pytest.mark.django_db
def test_a_rollback_takes_the_job_back():
    with transaction.atomic():
        jobs.enqueue("bills.tasks.make_occurrences")
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


@pytest.mark.django_db
def test_rows_are_no_arguments():
    with pytest.raises(TypeError, match="a job takes ids"):
        jobs.enqueue("bills.tasks.make_occurrences", {"amount": 1})


@pytest.mark.django_db
def test_with_redis_a_job_is_handed_over_after_the_commit(
    settings, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr(jobs, "async_task", lambda *args: sent.append(args))
    settings.Q_CLUSTER = {"redis": "redis://localhost"}
    with django_capture_on_commit_callbacks(execute=True):
        jobs.enqueue("bills.tasks.make_occurrences", 7)
        assert sent == []
    assert sent == [("bills.tasks.make_occurrences", 7)]


@pytest.mark.django_db
def test_the_stored_schedule_becomes_the_one_in_the_code():
    Schedule.objects.create(name="gone.tasks.old", func="gone.tasks.old", schedule_type=Schedule.DAILY)
    jobs.sync_schedule(SCHEDULE)
    stored = Schedule.objects.values_list("name", "func", "schedule_type", "minutes", "repeats")
    assert sorted(stored) == sorted(
        (job.name, job.name, Schedule.MINUTES, job.every // dt.timedelta(minutes=1), -1) for job in SCHEDULE
    )


@pytest.mark.django_db
def test_a_second_worker_changes_nothing():
    jobs.sync_schedule([jobs.Job("bills.tasks.make_occurrences", every=HOUR)])
    before = list(Schedule.objects.values())
    jobs.sync_schedule([jobs.Job("bills.tasks.make_occurrences", every=HOUR)])
    assert list(Schedule.objects.values()) == before


def test_the_audit_log_names_the_job():
    token = audit.source_of_change.set("")
    jobs.name_the_source(task={"func": "bills.tasks.make_occurrences"}, sender="django_q")
    assert audit.source_of_change.get() == "job bills.tasks.make_occurrences"
    audit.source_of_change.reset(token)
