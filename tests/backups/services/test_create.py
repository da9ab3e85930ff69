"""A backup is one instant, whole, for its owner alone, or not there at all."""

import os
import pty
import shutil
import signal
import sqlite3
import subprocess
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from backups.archive import folders
from backups.archive.manifests import MEDIA
from backups.archive.media import checked_members
from backups.engines import engine
from backups.services.create import create_backup
from backups.services.verify import verify_backup
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditChain, AuditEntry
from billtracker.core.settings import runtime_settings
from tests.backups.conftest import forked, names_in
from tests.conftest import cannot_run
from tests.factories import make_household, make_user

PASSPHRASE = "correct horse, battery: stäple"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def media():
    """A media file, gone after the test."""
    name = default_storage.save("papers/SOA-2026-0001.pdf", ContentFile(b"%PDF paper"))
    yield name
    default_storage.delete(name)


def test_a_backup_says_what_it_holds_and_is_for_its_owner_alone(media, home):
    user = make_user()
    make_household(user)
    backup = create_backup(actor=user)
    manifest = backup.manifest
    assert (manifest.id, manifest.kind, manifest.engine) == (backup.id, "manual", engine().name)
    assert manifest.figures.rows["accounts_user"] == 1
    assert manifest.migrations["backups"][0] == "0001_initial"
    assert [one.name for one in checked_members(backup.path / MEDIA)] == [media]
    assert backup.path.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in backup.path.iterdir()} == {0o600}
    assert manifest.size == sum((backup.path / file.name).stat().st_size for file in manifest.files)
    check = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=backup.path, capture_output=True)
    assert check.returncode == 0
    entry = AuditEntry.objects.get(action="backup.created")
    assert (entry.actor_id, entry.target_type, entry.target_id) == (user.pk, "backups.backup", backup.id)
    assert names_in(home) == [backup.id]
    assert verify_backup(actor=None, backup=backup).is_ok


def test_two_in_one_second_have_two_names(home):
    first, second = create_backup(actor=None), create_backup(actor=None)
    assert first.id != second.id
    assert [one.id for one in folders.all_backups()] == sorted([first.id, second.id], reverse=True)


@pytest.mark.parametrize(("free_times", "is_made"), [(1.45, False), (1.55, True)])
def test_a_disk_with_less_than_one_and_a_half_times_the_space_is_refused_beforehand(
    monkeypatch, home, free_times, is_made
):
    size = folders.expected_size(engine().live_size(), [])
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda path: SimpleNamespace(free=size * free_times))
    if is_made:
        create_backup(actor=None)
        return
    with pytest.raises(DomainError, match="free on the disk") as refusal:
        create_backup(actor=None)
    assert refusal.value.code == "space"
    assert names_in(home) == []


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left on device"), DomainError("damaged"), KeyError()]
)
def test_a_fault_half_way_leaves_nothing(monkeypatch, home, fault):
    def fails(*args):
        raise fault

    monkeypatch.setattr(folders, "finish_folder", fails)
    with pytest.raises((DomainError, KeyError)):
        create_backup(actor=None)
    assert names_in(home) == []
    assert not AuditEntry.objects.filter(action="backup.created").exists()


def test_the_next_is_expected_to_be_as_large_as_the_last_or_as_the_live_data(sample):
    assert folders.expected_size(10, [sample]) == sample.size
    assert folders.expected_size(sample.size + 1, [sample]) == sample.size + 1
    assert folders.expected_size(10, []) == 10


# --- encryption --------------------------------------------------------------------------------
@pytest.fixture
def encrypted(media):
    make_user(username="beatrix-the-secret")
    runtime_settings.save(None, "backup_passphrase", PASSPHRASE)
    return create_backup(actor=None)


def test_an_encrypted_backup_tells_nothing_without_the_passphrase(encrypted):
    assert encrypted.manifest.is_encrypted
    assert encrypted.manifest.figures is None
    names = {path.name for path in encrypted.path.iterdir()}
    plain = {"manifest.json", "SHA256SUMS", "key.age"}
    assert {name for name in names if not name.endswith(".age")} <= plain
    everything = b"".join(path.read_bytes() for path in encrypted.path.iterdir())
    assert b"beatrix-the-secret" not in everything
    assert b"%PDF paper" not in everything
    assert b"rows" not in (encrypted.path / "manifest.json").read_bytes()


def test_an_encrypted_backup_is_proven_with_its_passphrase_alone(encrypted):
    found = verify_backup(actor=None, backup=encrypted)
    assert found.is_ok, found.fault
    assert verify_backup(actor=None, backup=encrypted, passphrase=PASSPHRASE).is_ok
    with pytest.raises(DomainError, match="passphrase is wrong"):
        verify_backup(actor=None, backup=encrypted, passphrase="correct horse")
    runtime_settings.clear(None, "backup_passphrase")
    with pytest.raises(DomainError, match="its passphrase is needed"):
        verify_backup(actor=None, backup=encrypted)
    # A wrong passphrase says nothing about the backup.
    assert folders.find_backup(encrypted.id).is_proven


def test_a_flipped_byte_in_an_encrypted_file_is_found(encrypted):
    for file in encrypted.manifest.files:
        path = encrypted.path / file.name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert not verify_backup(actor=None, backup=encrypted).is_ok
        path.write_bytes(whole)
    assert verify_backup(actor=None, backup=encrypted).is_ok


@pytest.mark.real_passphrases
def test_the_common_tool_opens_it_as_the_manual_says(encrypted, tmp_path):
    if shutil.which("age") is None:
        cannot_run("The tool age is not installed (apt-get install age).")
    database = encrypted.manifest.database
    command = ["age", "-d", "-i", "key.age", "-o", str(tmp_path / database), f"{database}.age"]
    assert typed(command, "wrong", encrypted.path) != 0
    assert not (tmp_path / database).exists()
    assert typed(command, PASSPHRASE, encrypted.path) == 0
    engine().examine(tmp_path / database)


def typed(command: list[str], passphrase: str, folder) -> int:
    """Run a command that asks for a passphrase on a terminal, and return its exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvp(command[0], command)
    said = b""
    try:
        while b"passphrase" not in said.lower():
            said += os.read(terminal, 1000)
        os.write(terminal, passphrase.encode() + b"\n")
        while os.read(terminal, 1000):
            pass
    except OSError:
        pass  # the terminal closed with the command
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@pytest.mark.engines("sqlite")
def test_a_disk_that_fills_up_half_way_is_said_and_leaves_nothing(monkeypatch, home):
    def full(*args):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("backups.engines.sqlite.deadline", full)
    with pytest.raises(DomainError, match="The disk is full"):
        create_backup(actor=None)
    assert names_in(home) == []


# --- while others write ------------------------------------------------------------------------
def test_a_backup_under_a_steady_writer_ends_and_is_one_instant(home):
    """Each entry and its chain's length are one transaction: in no backup do they differ."""
    with steady_writers(2) as written:
        for _ in range(3):
            backup = create_backup(actor=None)
            figures = backup.manifest.figures
            with engine().scratch(backup.path / backup.manifest.database):
                assert audit.verify() == []
                lengths = sum(AuditChain.objects.values_list("length", flat=True))
                assert lengths == AuditEntry.objects.count() == figures.rows["core_auditentry"]
    assert written() > 20


@contextmanager
def steady_writers(count: int):
    """Let processes write audit entries as fast as they can; yields a question for how many so far."""
    before = AuditEntry.objects.count()
    pids = [forked(write_for_ever, number) for number in range(count)]
    try:
        yield lambda: AuditEntry.objects.count() - before
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def write_for_ever(number: int) -> None:
    target = SimpleNamespace(pk=number, _meta=SimpleNamespace(label_lower="tests.writer"))
    while True:
        with transaction.atomic():
            audit.record(None, "test.written", target, scope=f"household:{number}")
