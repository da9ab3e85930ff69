"""The list of backups, one backup, its download and its end."""

import datetime as dt
import io
import zipfile

import pytest

from backups.archive import folders
from billtracker.core.data import data_lock
from billtracker.core.models import AuditEntry
from tests.backups.made_backups import NOON, make_backup, prove, text
from tests.factories import make_message, make_restoration

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
BUSY = "Another operation on backups is running. Nothing was done"


# --- the list ----------------------------------------------------------------------------------
def test_without_a_backup_the_list_says_how_to_begin(signed_in):
    assert "No backup yet" in text(signed_in.get("/admin/backups/"))


def test_the_list_has_the_newest_first_and_says_how_each_stands(signed_in):
    prove(make_backup())
    prove(make_backup("scheduled", NOON + DAY), is_ok=False, fault="media.tar was changed.")
    make_backup("pre-restore", NOON + 2 * DAY)
    damaged = make_backup("imported", NOON + 3 * DAY, is_encrypted=True)
    (damaged.path / "manifest.json").write_text("{")
    rows = text(signed_in.get("/admin/backups/")).split("<tr data-row>")[1:]
    words = [("Brought in", "Damaged"), ("Before a restore", "Not proven yet"),
             ("By the clock", "Not good"), ("By hand", "Proven")]  # fmt: skip
    assert [all(word in row for word in pair) for row, pair in zip(rows, words, strict=True)] == [True] * 4
    assert "20 Nov 2026, 12:00" in rows[3]


def test_the_list_stands_on_pages_of_fifty(signed_in):
    for number in range(51):
        make_backup(at=NOON + number * DAY)
    assert text(signed_in.get("/admin/backups/")).count("<tr data-row>") == 50
    assert text(signed_in.get("/admin/backups/?page=2")).count("<tr data-row>") == 1


def test_create_begins_an_operation_and_leads_to_its_page(signed_in, begun):
    answer = signed_in.post("/admin/backups/create/", {"sent": 1})
    assert answer.url == "/admin/backups/operations/1a2b3c4d5e6f/"
    assert begun == [("create", "root-of-all", {"kind": "manual"})]


def test_two_operations_at_once_are_refused_in_words(signed_in, busy):
    backup = make_backup()
    for path in ("/admin/backups/create/", f"/admin/backups/{backup.id}/verify/"):
        assert BUSY in text(signed_in.post(path, {"sent": 1}, follow=True))


# --- one backup --------------------------------------------------------------------------------
def test_a_backup_shows_its_files_rows_and_totals(signed_in):
    backup = prove(make_backup())
    shown = text(signed_in.get(f"/admin/backups/{backup.id}/"))
    for file in backup.manifest.files:
        assert file.sha256 in shown
    assert "total 1,204,311.50 USD; last number SOA-2026-0417" in shown
    assert "amount 40,000 JPY; amount 1,204,311.50 USD" in " ".join(shown.split())
    assert "12,406" in shown
    assert "20 Nov 2026, 12:00 UTC, in 41 s." in shown


def test_of_an_encrypted_backup_no_figures_are_shown_and_the_passphrase_is_asked_for(signed_in):
    backup = make_backup(is_encrypted=True)
    shown = text(signed_in.get(f"/admin/backups/{backup.id}/"))
    assert "Rows and totals are encrypted too" in shown
    assert 'name="passphrase"' in shown


def test_a_damaged_backup_says_so_and_can_only_be_deleted(signed_in):
    backup = make_backup()
    (backup.path / "manifest.json").unlink()
    shown = text(signed_in.get(f"/admin/backups/{backup.id}/"))
    assert "This backup has no manifest any more." in shown
    assert "/delete/" in shown
    assert "/restore/" not in shown
    assert "/download/" not in shown
    answer = signed_in.post(f"/admin/backups/{backup.id}/download/", {"sent": 1}, follow=True)
    assert "This backup has no manifest any more." in text(answer)


@pytest.mark.parametrize("name", ["20260101-000000-manual", "nothing", "20260101-000000-manual-x"])
@pytest.mark.parametrize("act", ["", "verify/", "download/", "restore/", "delete/"])
def test_a_backup_that_is_not_there_is_not_found(signed_in, name, act):
    ask = signed_in.post if act in ("verify/", "download/") else signed_in.get
    assert ask(f"/admin/backups/{name}/{act}").status_code == 404


def test_verify_begins_a_proof_with_the_passphrase_that_was_given(signed_in, begun):
    backup = make_backup(is_encrypted=True)
    signed_in.post(f"/admin/backups/{backup.id}/verify/", {"passphrase": " a b "})
    signed_in.post(f"/admin/backups/{backup.id}/verify/", {"passphrase": ""})
    assert [arguments for _, _, arguments in begun] == [
        {"backup": backup.id, "passphrase": " a b "}, {"backup": backup.id, "passphrase": None},
    ]  # fmt: skip


# --- download ----------------------------------------------------------------------------------
def test_a_download_is_one_zip_with_everything_and_is_audited(signed_in):
    backup = make_backup()
    answer = signed_in.post(f"/admin/backups/{backup.id}/download/", {"sent": 1})
    assert answer["content-disposition"] == f'attachment; filename="billtracker-{backup.id}.zip"'
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert archive.testzip() is None
        assert set(archive.namelist()) == {
            "manifest.json",
            "SHA256SUMS",
            backup.manifest.database,
            "media.tar",
        }
    entry = AuditEntry.objects.get(action="backup.downloaded")
    assert (entry.target_id, entry.actor_name, entry.scope) == (backup.id, "root-of-all", "office")


@pytest.mark.engines("sqlite")  # where each file that is opened is a hold of its own
def test_a_slow_download_keeps_no_restore_waiting(signed_in):
    answer = signed_in.post(f"/admin/backups/{make_backup().id}/download/", {"sent": 1})
    pieces = iter(answer.streaming_content)
    next(pieces)
    with data_lock.exclusive(0):
        assert next(pieces)
    assert b"".join(pieces)


# --- delete ------------------------------------------------------------------------------------
def test_a_backup_goes_only_with_its_name_typed(signed_in):
    backup, other = make_backup(), make_backup(at=NOON + DAY)
    path = f"/admin/backups/{backup.id}/delete/"
    for typed in ("", "yes", other.id, f"{backup.id}x"):
        answer = signed_in.post(path, {"typed": typed})
        assert answer.status_code == 422
    assert "This is not the name of the backup. Nothing was changed." in text(answer)
    answer = signed_in.post(path, {"typed": backup.id}, follow=True)
    assert f"Backup {backup.id} was removed." in text(answer)
    assert [one.id for one in folders.all_backups()] == [other.id]
    assert AuditEntry.objects.get(action="backup.deleted").target_id == backup.id


def test_the_only_proven_backup_is_named_as_such_before_it_goes(signed_in):
    backup = prove(make_backup())
    path = f"/admin/backups/{backup.id}/delete/"
    assert "the only backup that is proven" in text(signed_in.get(path))
    prove(make_backup(at=NOON + DAY))
    assert "the only backup that is proven" not in text(signed_in.get(path))


def test_nothing_is_deleted_while_an_operation_runs(signed_in, busy):
    backup = make_backup()
    answer = signed_in.post(f"/admin/backups/{backup.id}/delete/", {"typed": backup.id}, follow=True)
    assert BUSY in text(answer)
    assert folders.find_backup(backup.id)


# --- held mail ---------------------------------------------------------------------------------
def test_held_mail_is_told_with_both_ways_out(signed_in):
    assert "Outgoing mail is held" not in text(signed_in.get("/admin/backups/"))
    held = make_restoration()
    shown = text(signed_in.get("/admin/backups/"))
    assert f"Outgoing mail is held since the restore of {held.source}" in shown
    assert "Send what waits" in shown
    assert "Take back what waits" in shown


@pytest.mark.parametrize(("act", "said", "after"), [
    ("send", "Mail goes out again; 1 message that waited is on its way.", "waiting"),
    ("withdraw", "1 message was taken back; new mail goes out again.", "withdrawn"),
])  # fmt: skip
def test_what_waits_is_sent_or_taken_back(signed_in, act, said, after):
    make_restoration()
    message = make_message()
    assert said in text(signed_in.post("/admin/backups/mail/", {"act": act}, follow=True))
    message.refresh_from_db()
    assert message.state == after
    assert "No mail is held." in text(signed_in.post("/admin/backups/mail/", {"act": act}, follow=True))


def test_an_act_that_is_neither_changes_nothing(signed_in):
    held = make_restoration()
    assert signed_in.post("/admin/backups/mail/", {"act": "x"}).status_code == 404
    held.refresh_from_db()
    assert held.mail_released_at is None
