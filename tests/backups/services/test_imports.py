"""What comes from elsewhere joins the list once it is proven; anything else is refused and leaves nothing."""

import hashlib
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from backups.archive import folders
from backups.archive.manifests import CHECKSUMS, MANIFEST, MEDIA, checksum_lines
from backups.archive.packing import stream_zip
from backups.private_files import digest_of
from backups.services.imports import import_backup
from backups.services.verify import verify_backup
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from billtracker.core.settings import runtime_settings
from tests.backups.archive.test_packing import zipped
from tests.backups.conftest import names_in, opened_as_default

pytestmark = pytest.mark.django_db


@pytest.fixture
def download(sample, tmp_path):
    """The sample as one file, and no longer in the list."""
    path = tmp_path / "download.zip"
    path.write_bytes(b"".join(stream_zip(sample)))
    shutil.move(sample.path, tmp_path / "sample")
    return path


@pytest.fixture
def bare(download, sample, tmp_path):
    """The sample's database file alone."""
    return shutil.copy(tmp_path / "sample" / sample.manifest.database, tmp_path / "mine.db")


def brought_in(path, **arguments) -> folders.Backup:
    return import_backup(actor=None, path=path, name=path.name, **arguments)


def refused(home, path, **arguments) -> str:
    """Return the reason; nothing may have changed."""
    with pytest.raises(DomainError) as refusal:
        brought_in(path, **arguments)
    assert names_in(home) == []
    assert not AuditEntry.objects.filter(action="backup.imported").exists()
    return refusal.value.sentence


# --- what is taken -----------------------------------------------------------------------------
def test_our_own_download_comes_in_and_is_proven(download, sample, home):
    backup = brought_in(download)
    assert (backup.kind, backup.manifest.kind) == ("imported", "imported")
    assert backup.manifest.created_at == sample.manifest.created_at
    assert backup.manifest.figures == sample.manifest.figures
    assert names_in(home) == [backup.id]
    assert verify_backup(actor=None, backup=backup).is_ok
    entry = AuditEntry.objects.get(action="backup.imported")
    assert entry.changes["file"] == [None, "download.zip"]


def test_a_bare_database_comes_in_with_figures_of_its_own(bare, sample, home):
    backup = brought_in(bare)
    assert backup.manifest.figures == sample.manifest.figures
    assert backup.manifest.migrations == sample.manifest.migrations
    assert verify_backup(actor=None, backup=backup).is_ok


def test_with_a_passphrase_a_bare_database_is_kept_encrypted(bare):
    runtime_settings.save(None, "backup_passphrase", "sesame")
    backup = brought_in(bare)
    assert backup.manifest.is_encrypted
    assert verify_backup(actor=None, backup=backup).is_ok


@pytest.mark.parametrize("shape", [str.lower, str.upper, " {} ".format])
def test_the_right_checksum_is_taken(download, shape):
    digest = hashlib.sha256(download.read_bytes()).hexdigest()
    assert brought_in(download, sha256=shape(digest)).manifest


def test_an_upload_is_removed_whatever_becomes_of_it(download, home):
    upload = home / "backups" / "x.upload"
    shutil.copy(download, upload)
    brought_in(upload)
    assert not upload.exists()
    upload.write_bytes(b"rubbish")
    with pytest.raises(DomainError):
        brought_in(upload)
    assert not upload.exists()
    assert download.exists()


@pytest.mark.engines("sqlite")
def test_an_older_schema_comes_in_and_is_proven_by_migrating_it(bare):
    with opened_as_default(bare):
        call_command("migrate", "backups", "zero", verbosity=0)
        call_command("migrate", "notifications", "0001", verbosity=0)
    backup = brought_in(bare)
    assert "backups" not in backup.manifest.migrations
    assert verify_backup(actor=None, backup=backup).is_ok


# --- what is refused ---------------------------------------------------------------------------
def test_a_wrong_checksum(download, home):
    assert "SHA-256 is another one" in refused(home, download, sha256="a" * 64)
    assert "64 digits" in refused(home, download, sha256="abc")


def test_a_file_over_the_limit(download, home):
    limit = runtime_settings.get("backup_import_limit_mb")
    assert limit == 100
    with download.open("r+b") as file:
        file.truncate(limit * 1_000_000 + 1)
    assert "more than the 100 MB" in refused(home, download)


def test_what_is_no_backup_at_all(home, tmp_path):
    path = tmp_path / "notes.txt"
    for content in (b"", b"hello", b"\x1f\x8b\x08rubbish", b"PK"):
        path.write_bytes(content)
        assert "none of the files" in refused(home, path)
    assert "cannot be read" in refused(home, tmp_path / "nowhere")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_cut_file(download, bare, home, share):
    for path in (download, bare):
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])
        assert refused(home, path)


def test_a_damaged_database(bare, home):
    content = bytearray(bare.read_bytes())
    for at in range(4096 * 3, len(content), 4096):
        content[at : at + 200] = b"\xff" * 200
    bare.write_bytes(content)
    assert refused(home, bare)


def test_a_dump_of_the_other_engine(home, tmp_path):
    path = tmp_path / "other"
    path.write_bytes(
        b"PGDMP\x01\x0e" if connection.vendor == "sqlite" else b"SQLite format 3\x00" + bytes(4096)
    )
    assert "this server runs on" in refused(home, path)


def repacked(tmp_path, change) -> folders.Path:
    """Zip the sample after a change to its files, with checksums that fit."""
    folder = tmp_path / "sample"
    change(folder)
    data = json.loads((folder / MANIFEST).read_text())
    for file in data["files"]:
        path = folder / file["name"]
        file |= {"size": path.stat().st_size, "sha256": digest_of(path)}
    (folder / MANIFEST).write_text(json.dumps(data))
    digests = {file["name"]: file["sha256"] for file in data["files"]}
    digests[MANIFEST] = digest_of(folder / MANIFEST)
    (folder / CHECKSUMS).write_text(checksum_lines(digests))
    names = [MANIFEST, CHECKSUMS, *(file["name"] for file in data["files"])]
    return zipped(tmp_path / "changed.zip", [(name, (folder / name).read_bytes()) for name in names])


def with_manifest(**changes):
    def change(folder):
        data = json.loads((folder / MANIFEST).read_text())
        (folder / MANIFEST).write_text(json.dumps(data | changes))

    return change


@pytest.mark.parametrize(("changes", "word"), [
    ({"migrations": {"billing": ["9999_from_the_future"]}}, "newer version"),
    ({"format": 2}, "newer version"),
    ({"figures": None}, "manifest of this backup is damaged"),
    ({"kind": "evil"}, "manifest of this backup is damaged"),
    ({"created_at": "yesterday"}, "manifest of this backup is damaged"),
    ({"figures": {"rows": {}, "money": [], "headline": {}}}, "differ"),
])  # fmt: skip
def test_a_manifest_that_does_not_fit(download, tmp_path, home, changes, word):
    assert word in refused(home, repacked(tmp_path, with_manifest(**changes)))


def test_a_backup_of_the_other_engine(download, tmp_path, home):
    def change(folder):
        other = {"sqlite": ("postgresql", "database.dump"), "postgresql": ("sqlite", "database.sqlite3")}
        engine, name = other[connection.vendor]
        data = json.loads((folder / MANIFEST).read_text())
        database = next(file for file in data["files"] if file["name"] != MEDIA)
        (folder / database["name"]).rename(folder / name)
        database["name"] = name
        (folder / MANIFEST).write_text(json.dumps(data | {"engine": engine}))

    assert "this server runs on" in refused(home, repacked(tmp_path, change))


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../evil"])
def test_a_hostile_name_in_the_media_files(download, tmp_path, home, name):
    def change(folder):
        with tarfile.open(folder / MEDIA, "w") as tar:
            tar.addfile(tarfile.TarInfo(name))

    assert "leads elsewhere" in refused(home, repacked(tmp_path, change))


def test_an_encrypted_download_needs_its_passphrase(bare, tmp_path, home):
    runtime_settings.save(None, "backup_passphrase", "sesame")
    sealed = brought_in(bare)
    path = tmp_path / "sealed.zip"
    path.write_bytes(b"".join(stream_zip(sealed)))
    runtime_settings.clear(None, "backup_passphrase")
    folders.remove_backup(sealed)
    for passphrase, word in ((None, "its passphrase is needed"), ("open", "passphrase is wrong")):
        with pytest.raises(DomainError, match=word):
            brought_in(path, passphrase=passphrase)
        assert names_in(home) == []
    assert brought_in(path, passphrase="sesame").manifest.is_encrypted


# --- SQLite files of strangers -----------------------------------------------------------------
def spoilt(path, *statements: str):
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for statement in statements:
            database.execute(statement)
    return path


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize(("statement", "word"), [
    ("CREATE TRIGGER evil AFTER INSERT ON bills_bill BEGIN SELECT 1; END", "a trigger 'evil'"),
    ("CREATE VIEW evil AS SELECT 1", "views or virtual tables"),
    ("CREATE VIRTUAL TABLE evil USING fts5(x)", "views or virtual tables"),
    ("CREATE TABLE evil (x)", "a table 'evil'"),
    ("ALTER TABLE bills_bill ADD COLUMN evil TEXT", "a table 'bills_bill'"),
    ("ALTER TABLE bills_bill ADD COLUMN evil GENERATED ALWAYS AS (1) VIRTUAL", "a table 'bills_bill'"),
    ("DROP TRIGGER audit_no_update", "a trigger 'audit_no_update'"),
    ("CREATE INDEX evil ON bills_bill (abs(id))", "an index 'evil'"),
    ("DROP TABLE accounts_user", "not BillTracker's"),
])  # fmt: skip
def test_a_database_that_is_made_otherwise_than_by_our_migrations(bare, home, statement, word):
    assert word in refused(home, spoilt(bare, statement))


@pytest.mark.engines("sqlite")
def test_a_changed_trigger_is_refused_in_a_download_too(download, tmp_path, home):
    def change(folder):
        spoilt(
            folder / "database.sqlite3",
            "DROP TRIGGER audit_no_update",
            "CREATE TRIGGER audit_no_update BEFORE UPDATE ON core_auditentry BEGIN SELECT 1; END",
        )

    assert "a trigger 'audit_no_update'" in refused(home, repacked(tmp_path, change))


@pytest.mark.engines("sqlite")
def test_a_database_of_a_newer_version(bare, home):
    with opened_as_default(bare):
        MigrationRecorder.Migration.objects.create(app="billing", name="9999_from_the_future")
    assert "billing.9999_from_the_future" in refused(home, bare)


@pytest.mark.engines("sqlite")
def test_a_database_of_another_program(home, tmp_path):
    path = spoilt(tmp_path / "other.db", "CREATE TABLE notes (text)")
    assert "not BillTracker's" in refused(home, path)
