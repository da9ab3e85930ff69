"""By the clock: one backup when due, one after downtime, one mail a day for failures, room for new ones."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from backups import operation_lock, operation_states, operations
from backups.archive import folders
from backups.services import scheduled
from backups.services.create import create_backup
from backups.services.running import run_operation
from billtracker.core.exceptions import DomainError
from billtracker.core.process.jobs import JobFailed
from billtracker.core.settings import runtime_settings
from notifications.models import Message
from tests.factories import make_user

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def administrator(db):
    return make_user(username="root", email="root@example.org", is_staff=True, is_superuser=True)


@pytest.fixture
def here(monkeypatch):
    """Let operations run in this very process instead of one of their own."""

    def start(kind, actor, /, **arguments):
        key = operation_states.new_key()
        try:
            run_operation(kind, actor, key=key, **arguments)
        except DomainError as error:
            if error.code == operation_lock.BUSY:
                raise
        return key

    monkeypatch.setattr(operations, "start", start)


@pytest.fixture
def quick(monkeypatch, sample_folder):
    """Make backups by copying the sample: what is in them is not what these tests are about."""
    state = {"fault": None, "made": 0}

    def create_backup(*, actor, kind, report):
        if state["fault"]:
            raise state["fault"]
        state["made"] += 1
        name = folders.new_id(kind, timezone.now())
        target = folders.backups_folder() / name
        folders.shutil.copytree(sample_folder, target)
        return folders.read_backup(target)

    monkeypatch.setattr(scheduled, "create_backup", create_backup)
    return state


def daily(time: str = "02:30", keep: int = 3) -> None:
    runtime_settings.save(None, "backup_schedule", "daily")
    runtime_settings.save(None, "backup_time", time)
    runtime_settings.save(None, "backup_keep", keep)


def ids(kind: str = "scheduled") -> list[str]:
    return [backup.id for backup in folders.all_backups() if backup.kind == kind]


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock", "here")]


def test_nothing_is_made_without_a_schedule(quick):
    assert scheduled.run_schedule() == "No backup is due."
    assert quick["made"] == 0


def test_one_is_made_when_due_and_only_one(quick, clock):
    daily()
    assert "is complete" in scheduled.run_schedule()
    for _ in range(20):
        clock.shift(5 * MINUTE)
        assert scheduled.run_schedule() == "No backup is due."
    assert quick["made"] == 1
    clock.move_to(NOON + DAY - 10 * HOUR)
    assert scheduled.run_schedule() == "No backup is due."
    clock.move_to(NOON + DAY - 9.5 * HOUR)
    assert "is complete" in scheduled.run_schedule()


def test_after_ten_days_of_downtime_one_is_made(quick, clock):
    daily()
    scheduled.run_schedule()
    clock.shift(10 * DAY)
    for _ in range(5):
        scheduled.run_schedule()
        clock.shift(5 * MINUTE)
    assert quick["made"] == 2


def test_old_ones_go_after_a_good_new_one(quick, clock):
    daily(keep=3)
    for _ in range(6):
        scheduled.run_schedule()
        clock.shift(DAY)
    assert len(ids()) == 3
    assert ids()[0].startswith("20261126")


def test_thirty_days_of_failing_backups_remove_nothing(quick, clock, administrator):
    daily(keep=2)
    for _ in range(2):
        scheduled.run_schedule()
        clock.shift(DAY)
    good = ids()
    quick["fault"] = DomainError("The backup needs 3 GB and 1 GB are free on the disk.", code="space")
    for _ in range(30):
        for _ in range(3):
            with pytest.raises(JobFailed):
                scheduled.run_schedule()
            assert "did not come about yet" in scheduled.run_schedule()
            clock.shift(HOUR)
        clock.shift(21 * HOUR)
    assert ids() == good
    mails = Message.objects.filter(kind="alert")
    assert mails.count() == 30
    assert mails.first().text == "The backup needs 3 GB and 1 GB are free on the disk."
    quick["fault"] = None
    clock.shift(HOUR)
    assert "is complete" in scheduled.run_schedule()
    assert len(ids()) == 2


def test_a_killed_backup_is_told_too_and_tried_again(quick, clock, administrator):
    daily()
    killed = operation_states.new_state("scheduled", "server", operation_states.new_key())
    operation_states.write_state(killed)
    assert "did not come about yet: It was killed" in scheduled.run_schedule()
    assert Message.objects.filter(kind="alert").count() == 1
    clock.shift(HOUR)
    assert "is complete" in scheduled.run_schedule()
    assert Message.objects.filter(kind="alert").count() == 1


def test_while_another_operation_runs_it_waits(quick):
    daily()
    with operations.begin("verify", "ana"):
        assert scheduled.run_schedule() == operation_lock.BUSY_SENTENCE
    assert "is complete" in scheduled.run_schedule()


def test_a_scheduled_backup_is_of_its_kind_and_the_rest_stays(sample, monkeypatch, quick):
    backup = scheduled.make_scheduled_backup(actor=None)
    assert backup.kind == "scheduled"
    assert ids("manual") == [sample.id]


# --- the weekly proof --------------------------------------------------------------------------
def test_the_newest_backup_is_proven_once_a_week(sample, clock):
    assert "is proven" in scheduled.run_proof()
    for _ in range(5):
        clock.shift(HOUR)
        assert scheduled.run_proof() == "The newest backup was proven this week."
    clock.move_to(dt.datetime(2026, 11, 22, 4, 30, tzinfo=dt.UTC))
    assert "is proven" in scheduled.run_proof()


def test_a_proof_that_fails_is_a_failed_job_and_one_mail(sample, clock, administrator):
    path = sample.path / sample.manifest.database
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(JobFailed, match="is NOT good"):
        scheduled.run_proof()
    assert Message.objects.get(kind="alert").subject == "The newest backup could not be proven"
    assert operation_states.latest().state == "failed"


@pytest.mark.django_db(transaction=True)
def test_what_was_brought_in_under_another_passphrase_is_passed_over(sample, clock):
    clock.move_to(sample.created_at + 7 * DAY)
    runtime_settings.save(None, "backup_passphrase", "somebody else's")
    brought = create_backup(actor=None, kind="imported")
    runtime_settings.save(None, "backup_passphrase", "our own")
    assert scheduled.fitting() == [brought, sample]
    assert scheduled.prove_newest_backup(actor=None).backup_id == sample.id


@pytest.mark.django_db(transaction=True)
def test_an_own_backup_under_a_lost_passphrase_is_not_passed_over(sample, clock):
    clock.move_to(sample.created_at + 7 * DAY)
    runtime_settings.save(None, "backup_passphrase", "lost")
    create_backup(actor=None)
    runtime_settings.clear(None, "backup_passphrase")
    with pytest.raises(DomainError, match="passphrase"):
        scheduled.prove_newest_backup(actor=None)


def test_without_a_backup_there_is_nothing_to_prove():
    assert scheduled.run_proof() == "There is no backup to prove."
