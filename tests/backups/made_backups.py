"""Backups as their pages meet them: a folder with a manifest, its files a few letters long."""

import datetime as dt
import hashlib
import re

from django.db import connection

from backups.archive import folders
from backups.archive.folders import Backup, StoredProof
from backups.archive.manifests import DATABASES, FIGURES, KEY, MEDIA, Manifest, StoredFile
from backups.engines.figures import Figures, MoneyColumn

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def make_backup(kind: str = "manual", at: dt.datetime = NOON, **overrides) -> Backup:
    """Put a backup of that second into the list; ``is_encrypted=True`` seals its figures away."""
    is_encrypted = overrides.get("is_encrypted", False)
    partial = folders.begin_folder(kind, at)
    engine = overrides.get("engine", connection.vendor)
    names = [DATABASES[engine], MEDIA]
    if is_encrypted:
        names = [KEY, *(f"{name}.age" for name in [*names, FIGURES])]
    for name in names:
        (partial / name).write_bytes(f"the {name}".encode())
    fields = {
        "id": partial.name.removesuffix(folders.PARTIAL), "kind": kind, "created_at": at, "engine": engine,
        "engine_version": "3.40.1", "client_version": "", "app_version": "0.1.0",
        "migrations": {"core": ["0001_initial"]}, "files": tuple(stored(partial / name) for name in names),
        "figures": None if is_encrypted else some_figures(), **overrides,
    }  # fmt: skip
    return folders.finish_folder(partial, Manifest(**fields))


def text(answer) -> str:
    """The answer's page, its times as plain words."""
    return re.sub(r"</?time[^>]*>", "", answer.content.decode())


def stored(path) -> StoredFile:
    content = path.read_bytes()
    return StoredFile(path.name, len(content), hashlib.sha256(content).hexdigest())


def some_figures() -> Figures:
    amount = MoneyColumn("bills_payment", "amount", "currency")
    return Figures(
        rows={"bills_bill": 12, "bills_payment": 12_406},
        money={amount: {"JPY": 400_000_000, "USD": 12_043_115_000}},
        headline={"totals": {"USD": "1204311.50"}, "last_number": "SOA-2026-0417"},
    )


def prove(backup: Backup, *, is_ok: bool = True, at: dt.datetime = NOON, fault: str = "") -> Backup:
    """Let the backup have been verified."""
    folders.keep_proof(backup, StoredProof(at, is_ok, 41.0, fault))
    return folders.find_backup(backup.id)
