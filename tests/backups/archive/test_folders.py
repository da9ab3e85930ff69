"""What the list of backups says of a folder: whole by names, sizes and the manifest's own checksum."""

import json

import pytest

from backups import status
from backups.archive import folders
from backups.archive.manifests import CHECKSUMS, MANIFEST, MEDIA, checksum_lines, read_checksums
from backups.private_files import digest_of
from billtracker.core.exceptions import DomainError
from billtracker.core.process.health import Level
from tests.backups.made_backups import NOON, make_backup, prove

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def flip_in_manifest(backup, word: bytes) -> folders.Backup:
    path = backup.path / MANIFEST
    content = path.read_bytes()
    at = content.index(word)
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    return folders.find_backup(backup.id)


@pytest.mark.parametrize("word", [b"0001_initial", b'"format": 1', b"2026-11-20", b"media.tar"])
def test_one_bit_in_the_manifest_is_damage_and_no_newer_version(word):
    """S7"""
    backup = flip_in_manifest(prove(make_backup()), word)
    assert backup.manifest is None
    assert backup.is_damaged
    assert not backup.is_proven
    assert backup.fault.startswith("manifest.json of this backup was changed or cut")


def test_a_manifest_of_a_newer_format_with_its_checksum_is_told_as_such():
    """S7"""
    backup = make_backup()
    data = json.loads((backup.path / MANIFEST).read_text())
    (backup.path / MANIFEST).write_text(json.dumps(data | {"format": 2}))
    listed = read_checksums((backup.path / CHECKSUMS).read_text())
    listed[MANIFEST] = digest_of(backup.path / MANIFEST)
    (backup.path / CHECKSUMS).write_text(checksum_lines(listed))
    backup = folders.find_backup(backup.id)
    assert not backup.is_damaged
    with pytest.raises(DomainError, match="newer version") as refusal:
        backup.require_manifest()
    assert refusal.value.code == "newer"


@pytest.mark.parametrize("name", ["database", MEDIA])
@pytest.mark.parametrize("harm", ["missing", "changed or cut"])
def test_a_file_that_is_missing_or_of_another_size_is_seen_without_a_proof(name, harm):
    """S12"""
    backup = prove(make_backup())
    path = backup.path / (backup.manifest.database if name == "database" else name)
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1])
    backup = folders.find_backup(backup.id)
    assert harm in backup.fault
    latest = status.latest([backup], NOON)
    assert latest.level is Level.ERROR
    assert path.name in latest.value
    assert status.latest_proof([backup], NOON).level is Level.ERROR


def test_an_older_damaged_backup_is_counted_beside_a_good_new_one():
    """S12"""
    old = make_backup()
    (old.path / MEDIA).unlink()
    new = make_backup(at=NOON.replace(day=21))
    item = status.count([folders.read_backup(new.path), folders.read_backup(old.path)])
    assert item.level is Level.WARNING
    assert item.value.endswith("1 is damaged")
