"""Restoring by page: what happens is said before, and nothing happens without name and reason."""

import datetime as dt

import pytest
from django.db import connection, transaction

from billtracker.core import audit
from tests.backups.made_backups import make_backup, text
from tests.factories import make_household

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def backup(time_machine):
    time_machine.move_to(NOW)
    return make_backup()


def test_the_page_says_what_happens_and_what_is_lost(signed_in, backup):
    household = make_household()  # the administrator got one by signing in, which is the third change
    with transaction.atomic():
        for _ in range(2):
            audit.record(None, "household.updated", household)
    shown = text(signed_in.get(f"/admin/backups/{backup.id}/restore/"))
    for words in (
        "Lost is everything entered since 20 Nov 2026, 12:00: 3 changes stand in the audit log.",
        "A backup of the data as they are now is made",
        "Everybody else is signed out.",
        "Outgoing mail is held until you decide",
        "This backup is not proven.",
    ):
        assert words in shown, words


@pytest.mark.parametrize("sent", [
    {}, {"typed": "yes", "reason": "Lost"}, {"typed": "{id}", "reason": " "}, {"reason": "Lost"},
])  # fmt: skip
def test_nothing_happens_without_name_and_reason(signed_in, backup, begun, sent):
    sent = {name: value.format(id=backup.id) for name, value in sent.items()} or {"sent": 1}
    answer = signed_in.post(f"/admin/backups/{backup.id}/restore/", sent)
    assert (answer.status_code, begun) == (422, [])
    assert answer.content.decode().count("errorlist") >= 1


def test_name_and_reason_begin_the_restore_that_keeps_ones_own_session(signed_in, backup, begun):
    sent = {"typed": backup.id, "reason": "The disk was lost"}
    answer = signed_in.post(f"/admin/backups/{backup.id}/restore/", sent)
    assert answer.url == "/admin/backups/operations/1a2b3c4d5e6f/"
    assert begun == [("restore", "root-of-all", {
        "backup": backup.id, "passphrase": None, "session_key": signed_in.session.session_key,
        "reason": "The disk was lost",
    })]  # fmt: skip


def test_an_encrypted_backup_asks_for_its_passphrase(signed_in, begun):
    backup = make_backup(is_encrypted=True)
    path = f"/admin/backups/{backup.id}/restore/"
    assert 'name="passphrase"' in signed_in.get(path).content.decode()
    signed_in.post(path, {"typed": backup.id, "reason": "Lost", "passphrase": "four words"})
    assert begun[0][2]["passphrase"] == "four words"


def test_what_cannot_be_restored_says_why_and_takes_no_form(signed_in, begun):
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    for reason, overrides in (
        ("and this server runs on", {"engine": other}),
        ("this one does not know core.9999_later", {"migrations": {"core": ["9999_later"]}}),
    ):
        backup = make_backup(**overrides)
        path = f"/admin/backups/{backup.id}/restore/"
        shown = signed_in.get(path).content.decode()
        assert reason in shown
        assert 'name="typed"' not in shown
        assert signed_in.post(path, {"typed": backup.id, "reason": "Lost"}).status_code == 422
    assert begun == []
