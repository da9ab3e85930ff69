"""Each signal about backups goes through its levels."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from backups import operations
from backups.archive import folders
from backups.archive.folders import StoredProof
from backups.models import Proof
from backups.status import status_items
from billtracker.core.exceptions import DomainError
from billtracker.core.process.health import Level
from billtracker.core.settings import runtime_settings

pytestmark = pytest.mark.django_db
HEADLINE = {"totals": {"USD": "1204311.50"}, "paid": {}, "last_number": "SOA-2026-0417"}


def signal(name: str) -> tuple[Level, str]:
    item = next(item for item in status_items({}) if str(item.name) == name)
    assert item.url
    return item.level, item.value


def prove(backup, at: dt.datetime, fault: str = "") -> None:
    folders.keep_proof(backup, StoredProof(at, not fault, 41.2, fault))
    Proof.objects.create(
        backup_id=backup.id, at=at, is_ok=not fault, seconds=41.2, row_count=12_418, headline=HEADLINE
    )


def test_without_a_backup_it_says_so():
    assert signal("Backups")[0] == Level.WARNING
    assert signal("Latest") == (Level.OK, "None yet")
    assert signal("Latest proof") == (Level.OK, "None yet")
    assert signal("Last error") == (Level.OK, "None")


def test_count_and_latest(sample):
    level, words = signal("Backups")
    assert (level, words.split(",")[0]) == (Level.OK, "1")
    level, words = signal("Latest")
    assert (level, words.split(",")[0]) == (Level.OK, "manual")
    (sample.path / "manifest.json").write_text("{}")
    assert signal("Latest")[0] == Level.ERROR


def test_the_proof_says_day_duration_rows_total_and_last_number(sample):
    assert signal("Latest proof")[0] == Level.WARNING
    sunday = dt.datetime(2026, 11, 22, 4, 31, tzinfo=dt.UTC)
    with time_machine.travel(sunday + dt.timedelta(days=2), tick=False):
        prove(sample, sunday)
        words = "proved Sunday, 41 s, 12,418 rows, total 1,204,311.50 USD, last number SOA-2026-0417"
        assert signal("Latest proof") == (Level.OK, words)
    with time_machine.travel(sunday + dt.timedelta(days=9), tick=False):
        level, words = signal("Latest proof")
        assert (level, words[:17]) == (Level.WARNING, "proved 2026-11-22")


def test_a_proof_without_its_row_still_counts(sample):
    prove(sample, timezone.now())
    Proof.objects.all().delete()
    level, words = signal("Latest proof")
    assert (level, words.endswith(", 41 s")) == (Level.OK, True)


def test_a_bad_proof_is_red(sample):
    prove(sample, timezone.now(), "media.tar of this backup was changed.")
    assert signal("Latest proof") == (
        Level.ERROR,
        f"Backup {sample.id} is not good: media.tar of this backup was changed.",
    )


def test_the_schedule_and_a_backup_that_did_not_come(sample):
    assert signal("Schedule") == (Level.OK, "Off: backups are made by hand only")
    runtime_settings.save(None, "backup_schedule", "daily")
    runtime_settings.save(None, "backup_time", "02:30")
    with time_machine.travel(dt.datetime(2026, 11, 21, 3, tzinfo=dt.UTC), tick=False):
        assert signal("Schedule") == (Level.OK, "Every day at 02:30")
    with time_machine.travel(dt.datetime(2026, 11, 21, 5, tzinfo=dt.UTC), tick=False):
        words = "Every day at 02:30; the last one that was due, 2 hours ago, was not made."
        assert signal("Schedule") == (Level.ERROR, words)
        sample.path.rename(sample.path.with_name("20261121-024000-scheduled"))
        assert signal("Schedule")[0] == Level.OK


def test_retention_and_encryption():
    runtime_settings.save(None, "backup_keep", 7)
    assert signal("Retention") == (Level.OK, "The last 7 scheduled ones stay, and the last proven one")
    assert signal("Encryption")[1].startswith("Off")
    runtime_settings.save(None, "backup_passphrase", "sesame")
    assert signal("Encryption") == (Level.OK, "New backups are encrypted with the passphrase")


def test_a_lost_passphrase_is_red(settings):
    runtime_settings.save(None, "backup_passphrase", "sesame")
    settings.ENCRYPTION_KEYS = ["A" * 43 + "="]
    assert signal("Encryption")[0] == Level.ERROR


def test_the_last_error_is_red_until_the_same_work_came_through():
    with pytest.raises(DomainError), operations.begin("scheduled", "server"):
        raise DomainError("The disk is full.")
    assert signal("Last error") == (Level.ERROR, "The disk is full. (just now)")
    with operations.begin("delete", "ana"):
        pass
    assert signal("Last error")[0] == Level.ERROR
    with operations.begin("create", "ana"):
        pass
    assert signal("Last error") == (Level.OK, "The disk is full. (just now)")
