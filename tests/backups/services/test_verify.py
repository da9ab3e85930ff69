"""A proof turns red on any change, and says nothing against a backup that is whole."""

import json

import pytest

from backups.archive import folders
from backups.archive.manifests import CHECKSUMS, MANIFEST, checksum_lines, read_checksums
from backups.models import Proof
from backups.private_files import digest_of
from backups.services.verify import verify_backup
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.backups.conftest import names_in

pytestmark = pytest.mark.django_db
FILES = ("database", "media.tar", MANIFEST, CHECKSUMS)


def file_of(backup, name: str):
    return backup.path / (backup.manifest.database if name == "database" else name)


def test_a_whole_backup_is_proven_and_the_proof_is_kept(sample, home):
    found = verify_backup(actor=None, backup=sample)
    assert found.is_ok, found.fault
    assert found.rows == sample.manifest.figures.row_count > 100
    proof = Proof.objects.get()
    assert (proof.backup_id, proof.is_ok, proof.row_count) == (sample.id, True, found.rows)
    assert proof.headline == sample.manifest.figures.headline
    kept = folders.find_backup(sample.id)
    assert kept.is_proven
    assert set(json.loads((sample.path / "proof.json").read_text())) == {"at", "ok", "seconds", "fault"}
    assert AuditEntry.objects.get(action="backup.verified").target_id == sample.id
    assert names_in(home) == [sample.id]


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_in_any_file_is_found(sample, name):
    path = file_of(sample, name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found = verify_backup(actor=None, backup=folders.find_backup(sample.id))
    assert not found.is_ok
    assert folders.find_backup(sample.id).proof.fault == found.fault != ""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("left", [0, 0.5, 0.999])
def test_a_cut_file_is_found(sample, name, left):
    path = file_of(sample, name)
    content = path.read_bytes()
    path.write_bytes(content[: min(int(len(content) * left), len(content) - 1)])
    assert not verify_backup(actor=None, backup=folders.find_backup(sample.id)).is_ok


@pytest.mark.parametrize("name", ["database", "media.tar", CHECKSUMS, MANIFEST])
def test_a_missing_file_is_found(sample, name):
    file_of(sample, name).unlink()
    assert not verify_backup(actor=None, backup=folders.find_backup(sample.id)).is_ok


def rewrite_manifest(backup, change) -> folders.Backup:
    """Change the manifest and make its checksum fit again, as somebody would who wants to deceive."""
    data = json.loads((backup.path / MANIFEST).read_text())
    change(data)
    (backup.path / MANIFEST).write_text(json.dumps(data))
    listed = read_checksums((backup.path / CHECKSUMS).read_text())
    listed[MANIFEST] = digest_of(backup.path / MANIFEST)
    (backup.path / CHECKSUMS).write_text(checksum_lines(listed))
    database = next(file["name"] for file in data["files"] if file["name"].startswith("database"))
    file_of(backup, "database").rename(backup.path / database)
    return folders.find_backup(backup.id)


def one_row_more(data):
    data["figures"]["rows"]["bills_bill"] += 1


def one_cent_more(data):
    payments = next(one for one in data["figures"]["money"] if one["table"] == "bills_payment")
    payments["sums"] = {currency: amount + 100 for currency, amount in payments["sums"].items()}


def another_number(data):
    data["figures"]["headline"]["last_number"] = "SOA-2026-9999"


def a_table_more(data):
    data["figures"]["rows"]["gone_table"] = 0


@pytest.mark.parametrize(("change", "word"), [
    (one_row_more, "rows of bills_bill"), (one_cent_more, "bills_payment.amount"),
    (another_number, "last number"), (a_table_more, "gone_table"),
])  # fmt: skip
def test_figures_that_differ_from_the_data_are_found(sample, change, word):
    found = verify_backup(actor=None, backup=rewrite_manifest(sample, change))
    assert not found.is_ok
    assert word in found.fault


def test_money_is_summed_per_currency_and_exactly(sample):
    sums = {(one.table, one.column): amounts for one, amounts in sample.manifest.figures.money.items()}
    assert all(isinstance(amount, int) for amounts in sums.values() for amount in amounts.values())
    assert sum(sums["bills_payment", "amount"].values()) > 0
    assert set(sums["bills_payment", "amount"]) <= {"USD", "EUR", "PHP", "JPY"}


def of_the_other_engine(data):
    other = {"sqlite": ("postgresql", "database.dump"), "postgresql": ("sqlite", "database.sqlite3")}
    data["engine"], name = other[data["engine"]]
    database = next(file for file in data["files"] if file["name"].startswith("database"))
    database["name"] = name


def of_the_future(data):
    data["migrations"]["billing"].append("9999_from_the_future")


@pytest.mark.parametrize(("change", "word"), [(of_the_other_engine, "runs on"), (of_the_future, "newer")])
def test_what_is_not_the_backups_fault_is_refused_and_nothing_is_recorded(sample, change, word):
    with pytest.raises(DomainError, match=word):
        verify_backup(actor=None, backup=rewrite_manifest(sample, change))
    assert folders.find_backup(sample.id).proof is None
    assert not Proof.objects.exists()


def test_a_disk_that_fills_up_is_not_the_backups_fault(sample, monkeypatch):
    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("backups.services.verify.restore_aside", full)
    with pytest.raises(DomainError, match="No space left"):
        verify_backup(actor=None, backup=sample)
    assert not Proof.objects.exists()
