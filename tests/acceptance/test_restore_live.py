"""A backup and a restore while people work: nothing fails, nothing is lost, nothing of the past is left."""

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import requests
from django.conf import settings

from tests.backups.conftest import furnish, manage
from tests.backups.load import Load
from tests.factories import PASSWORD
from tests.servers import wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")

PREPARE = """
import datetime as dt
from django.utils import timezone
from django_q.models import OrmQ
from billtracker.accounts.models import User
from notifications.services import post
User.objects.filter(username="ana").update(is_staff=True, is_superuser=True, email="ana@example.org")
ana = User.objects.get(username="ana")
post(kind="alert", subject="From the past", text="It waits for a mail server.", user=ana)
OrmQ.objects.all().delete()
OrmQ.objects.create(key="billtracker", payload="stale", lock=timezone.now() + dt.timedelta(days=1))
"""
AFTER = """
import json
from bills.models import Category
from billtracker.core.models import AuditEntry, Restoration
from django.contrib.sessions.models import Session
from django_q.models import OrmQ, Schedule
from notifications.models import Message
from notifications.services import deliver_waiting
row = Restoration.objects.get()
print(json.dumps({
    "names": list(Category.objects.values_list("name", flat=True)),
    "sessions": Session.objects.count(),
    "stale_jobs": OrmQ.objects.filter(payload="stale").count(),
    "held": list(Message.objects.filter(subject="From the past").values_list("state", flat=True)),
    "sent": deliver_waiting().sent,
    "source": row.source, "pre_restore": row.pre_restore,
    "restored_at": row.restored_at.timestamp(),
    "entry": AuditEntry.objects.get(action="backup.restored").actor_name,
}))
"""
HEARD = """
from billtracker.core.models import Restoration
from opsstatus.models import JobRun
after = Restoration.objects.get().restored_at
print(JobRun.objects.filter(started_at__gt=after, state="done").exists())
"""


def signed_in(server) -> requests.Session:
    session = requests.Session()
    page = session.get(f"{server.url}/accounts/login/", timeout=30)
    form = {"login": "ana", "password": PASSWORD, "csrfmiddlewaretoken": hidden(page.text)}
    assert session.post(f"{server.url}/accounts/login/", form, timeout=30).url == f"{server.url}/"
    return session


def hidden(html: str) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', html)[1]


def restore_by_page(server, session: requests.Session, backup_id: str) -> dict:
    """Restore as a person does, and wait for the end of it; returns the operation's state."""
    address = f"{server.url}/admin/backups/{backup_id}/restore/"
    form = {"typed": backup_id, "reason": "A drill"}
    form["csrfmiddlewaretoken"] = hidden(session.get(address, timeout=60).text)
    answer = session.post(address, form, timeout=60)
    assert "/admin/backups/operations/" in answer.url, answer.text
    key = answer.url.rstrip("/").rpartition("/")[2]
    path = server.data / "backups" / "operations" / f"{key}.json"
    wait_until(lambda: json.loads(path.read_text())["state"] != "running", "the restore")
    return json.loads(path.read_text())


def managed(server, *arguments: str) -> dict:
    """Run a command that answers in JSON, once the worker's own proof of a new backup has ended."""
    while True:
        done = manage(server, *arguments, "--json")
        if "Another operation" not in done.stderr:
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)


def categories_in(server, backup_id: str) -> set[str]:
    """The names of all categories in the file of a backup."""
    folder = server.data / "backups" / backup_id
    if (folder / "database.sqlite3").exists():
        with closing(sqlite3.connect(folder / "database.sqlite3")) as database:
            return {name for (name,) in database.execute("SELECT name FROM bills_category")}
    program = Path(settings.POSTGRES_BIN_DIR) / "pg_restore"
    command = [program, "-a", "-t", "bills_category", "-f", "-", folder / "database.dump"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\t"))


@pytest.fixture
def busy(server):
    """A server with two web processes and a worker, demo data, and an administrator's token."""
    server.environment["WEB_WORKERS"] = "2"
    furnish(server)
    server.ask(PREPARE)
    token = manage(server, "create_api_token", "--user", "ana", "--scope", "write").stdout.strip()
    server.start()
    server.wait_for_answer()
    return Load(server.url, token)


def test_people_work_on_while_a_backup_is_made_and_while_it_is_restored(server, busy):
    operator, bystander = signed_in(server), signed_in(server)
    worker = wait_until(lambda: server.child("qcluster"), "the worker")
    with busy:
        wait_until(lambda: len(busy.written) > 10, "people at work")
        made = managed(server, "create_backup")["id"]
        assert managed(server, "verify_backup", made)["ok"]
        wait_until(lambda: len(busy.written) > 30, "people at work")
        state = restore_by_page(server, operator, made)
        assert state["state"] == "done", state
        since = len(busy.written)
        wait_until(lambda: len(busy.written) > since + 20, "people at work")

    # Whoever could not be served was told when to come back, and nothing broke.
    assert set(busy.answers) <= {200, 201, 302, 503}, busy.answers
    assert busy.without_advice == 0
    after = json.loads(server.ask(AFTER).splitlines()[-1])
    assert (after["source"], after["entry"]) == (made, "ana")
    assert after["pre_restore"].endswith("-pre-restore")
    assert all(name in state["sentence"] for name in (made, after["pre_restore"]))

    # Each acknowledged write is in the data, or in the backup that was made of them before the restore.
    kept, before = set(after["names"]), categories_in(server, after["pre_restore"])
    assert [name for name in busy.written if name not in kept | before] == []
    late = {name for name, asked_at in busy.written.items() if asked_at > after["restored_at"]}
    assert len(late) > 10
    assert late <= kept
    assert {name for name in busy.written if name not in kept}, "what came behind the backup is gone"

    # Nothing stale: no job, no session but the operator's, no mail, and a worker of these data.
    assert (after["stale_jobs"], after["sessions"], after["sent"]) == (0, 1, 0)
    assert after["held"] == ["waiting"]
    assert operator.get(f"{server.url}/admin/backups/", timeout=30).url.endswith("/admin/backups/")
    assert "/login/" in bystander.get(f"{server.url}/admin/backups/", timeout=30).url
    wait_until(lambda: server.child("qcluster") not in (0, worker), "another worker")
    # The schedule is looked at within half a minute; here a job is sent at once.
    server.ask("from billtracker.core.process import jobs; jobs.enqueue('opsstatus.tasks.beat')")
    wait_until(lambda: server.ask(HEARD) == "True", "a job on the restored data")

    # The data are whole, and consistent in themselves.
    assert manage(server, "verify_audit").returncode == 0
    assert manage(server, "check_numbers").returncode == 0
    if not settings.DATABASE_URL:
        with closing(sqlite3.connect(server.data / "db" / "bills.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
