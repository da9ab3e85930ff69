"""The machine is gone: its last backup on an empty one brings back every number, total and paper."""

import json
import shutil
from contextlib import contextmanager, nullcontext

import pytest
from django.conf import settings

from tests.backups.conftest import manage
from tests.servers import Server, migrate, postgres_database

pytestmark = pytest.mark.engines("sqlite", "postgresql")

OFFICE = """
from billing.tasks import make_missing_documents
from billtracker import demo
from billtracker.demo.office import load_office
load_office(actor=demo.make_visitor(username="ana", password="a long enough passphrase 7"))
make_missing_documents()
"""
# Numbers, totals and checksums as the database says them, and the checksum of each stored paper.
BOOKS = """
import hashlib, json
from django.core.files.storage import default_storage
from billing.models import Document, Payment, Statement
statements = [[s.number, str(s.total), s.currency, s.state] for s in Statement.objects.order_by("pk")]
papers = []
for row in Document.objects.order_by("pk"):
    with default_storage.open(row.path) as file:
        papers.append([row.path, row.sha256, hashlib.sha256(file.read()).hexdigest()])
payments = [[p.pk, str(p.amount)] for p in Payment.objects.order_by("pk")]
print(json.dumps([statements, papers, payments]))
"""
PACK = """
from pathlib import Path
from backups.archive.folders import find_backup
from backups.archive.packing import stream_zip
Path({path!r}).write_bytes(b"".join(stream_zip(find_backup({backup!r}))))
"""
PENDING = "from billtracker.core.data.readiness import is_ready; print(is_ready())"


@contextmanager
def machine(folder, template):
    """A server in a folder of its own, with a database of its own."""
    folder.mkdir()
    place = postgres_database(template) if settings.DATABASE_URL else nullcontext(("", ""))
    with place as (_, url), Server(folder, url) as server:
        yield server


@pytest.fixture
def first(tmp_path, migrated):
    """A machine with an office's books and papers."""
    with machine(tmp_path / "first", migrated) as server:
        if not settings.DATABASE_URL:
            shutil.copytree(migrated, server.data)
        server.ask(OFFICE)
        yield server


@pytest.fixture
def second(tmp_path):
    """A machine on which nothing was ever done."""
    with machine(tmp_path / "second", "template1") as server:
        migrate(server)
        yield server


def answer(server, *arguments: str) -> dict:
    done = manage(server, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_empty_machine_has_the_same_numbers_totals_and_papers(first, second, tmp_path):
    books = json.loads(first.ask(BOOKS))
    statements, papers, payments = books
    assert [number for number, *_ in statements if number]
    assert papers
    assert payments
    made = answer(first, "create_backup")["id"]
    first.ask(PACK.format(path=str(tmp_path / "copy.zip"), backup=made))
    shutil.rmtree(first.data)

    brought = answer(second, "import_backup", str(tmp_path / "copy.zip"))["id"]
    done = answer(second, "restore_backup", brought, "--yes")
    assert done["files"] >= len(papers)
    assert json.loads(second.ask(BOOKS)) == books
    assert all(stored == found for _, stored, found in json.loads(second.ask(BOOKS))[1])
    for command in ("verify_audit", "check_numbers"):
        assert manage(second, command).returncode == 0


def test_a_backup_of_an_older_version_migrates_itself(first):
    books = json.loads(first.ask(BOOKS))
    for app, name in (("core", "0004"), ("notifications", "0001"), ("backups", "zero")):
        assert manage(first, "migrate", app, name).returncode == 0
    made = answer(first, "create_backup")["id"]
    assert first.ask(PENDING) == "False"
    assert manage(first, "migrate").returncode == 0
    first.ask("from billing.models import Client; Client.objects.update(name='Changed since')")

    assert answer(first, "verify_backup", made)["ok"]
    answer(first, "restore_backup", made, "--yes")
    assert first.ask(PENDING) == "True"
    assert json.loads(first.ask(BOOKS)) == books
    names = first.ask(
        "from billing.models import Client; print(set(Client.objects.values_list('name', flat=True)))"
    )
    assert "Changed since" not in names
    assert manage(first, "verify_audit").returncode == 0
