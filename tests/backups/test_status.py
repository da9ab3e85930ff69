"""Each signal about backups goes through its levels."""

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from backups import operations
from backups.archive import folders
from backups.archive.folders import StoredProof
from backups.models import Proof
from backups.status import status_items
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from billtracker.core.process.health import Level
from billtracker.core.settings import runtime_settings
from tests.factories import make_administrator

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
    assert signal("Last error") == (Level.OK, "None open")


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


def fail(kind: str, sentence: str = "The disk is full.", code: str | None = None):
    with pytest.raises(DomainError), operations.begin(kind, "ana"):
        raise DomainError(sentence, code=code)


def come_through(kind: str):
    with operations.begin(kind, "ana"):
        pass


def errors() -> list[tuple[str, str]]:
    names = ("Failed backup", "Failed proof", "Failed restore", "Failed move", "Failed import")
    items = [item for item in status_items({}) if str(item.name) in names]
    return [(str(item.name), item.value) for item in items if item.level is Level.ERROR]


def test_an_error_is_red_until_the_same_work_came_through():
    """S4"""
    fail("scheduled")
    assert errors() == [("Failed backup", "The disk is full. (just now)")]
    come_through("delete")
    come_through("verify")
    come_through("proof")
    assert errors() == [("Failed backup", "The disk is full. (just now)")]
    come_through("create")
    assert errors() == []
    assert signal("Last error") == (Level.OK, "None open")


def test_a_persons_own_refused_act_is_no_fault_of_the_server():
    """S4"""
    fail("restore", "There is no backup '20261121-110532-manual'.", "not_found")
    fail("restore", "The passphrase is wrong.", "passphrase")
    fail("move", "A target looks like postgres://user:password@host:port/name.")
    fail("import", "The file has 120 MB.", "too_large")
    fail("verify", "This backup is encrypted.", "passphrase")
    assert errors() == []
    with pytest.raises(KeyboardInterrupt), operations.begin("create", "ana"):
        raise KeyboardInterrupt
    assert errors() == [("Failed backup", "It was interrupted. Nothing of it remains. (just now)")]


def test_a_refusal_puts_no_older_fault_out():
    """S4"""
    with pytest.raises(KeyError), operations.begin("restore", "ana"):
        raise KeyError("x")
    fail("restore", "The passphrase is wrong.", "passphrase")
    assert [name for name, _ in errors()] == ["Failed restore"]


def test_an_open_error_outlives_any_number_of_other_operations():
    """S4"""
    fail("move", "The disk is full.", "full")
    for _ in range(60):
        come_through("delete")
    assert [name for name, _ in errors()] == ["Failed move"]


def test_an_administrator_marks_an_error_as_seen(client):
    """S4"""
    fail("scheduled")
    fail("move", "The disk is full.", "full")
    item = next(one for one in status_items({}) if str(one.name) == "Failed move")
    client.force_login(make_administrator())
    answer = client.post(item.act_url, follow=True)
    assert "Marked as seen" in answer.content.decode()
    assert [name for name, _ in errors()] == ["Failed backup"]
    entry = AuditEntry.objects.get(action="backup.fault_seen")
    assert entry.changes == {"sentence": ["The disk is full.", None]}

    assert "no such open error" in client.post(item.act_url, follow=True).content.decode()


def test_the_command_marks_every_error_as_seen(capsys):
    """S4"""
    fail("scheduled")
    call_command("mark_backup_errors_seen")
    assert capsys.readouterr().out == "scheduled: The disk is full.\n1 marked as seen.\n"
    assert errors() == []
    assert AuditEntry.objects.filter(action="backup.fault_seen").count() == 1
    fail("scheduled")
    assert [name for name, _ in errors()] == ["Failed backup"]
