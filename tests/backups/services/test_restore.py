"""What a restore refuses, and that then nothing has changed; what it keeps of the data as they were."""

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from backups.archive import folders
from backups.services import restore as service
from backups.services.create import create_backup
from backups.services.restore import restore_backup
from billtracker.accounts.models import Household
from billtracker.core.data import data_lock
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry, Restoration
from billtracker.core.settings import runtime_settings
from tests.backups.conftest import names_in
from tests.factories import make_administrator, make_household

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backup(home):
    """A backup in which the household is called "Then"; now it is called "Now"."""
    make_household(make_administrator(username="ana"), name="Then")
    made = create_backup(actor=None)
    Household.objects.update(name="Now")
    return made


def require_unchanged(home, backup) -> None:
    assert Household.objects.get().name == "Now"
    assert not Restoration.objects.exists()
    assert [name for name in names_in(home) if "pre-restore" not in name] == [backup.id]
    with data_lock.share_data(0):
        pass


def refuse_space(monkeypatch, backup):
    usage = folders.shutil.disk_usage(folders.backups_folder())._replace(free=1000)
    monkeypatch.setattr(folders.shutil, "disk_usage", lambda path: usage)


def flip(monkeypatch, backup):
    path = backup.path / backup.require_manifest().database
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(monkeypatch, backup):
    path = backup.path / "media.tar"
    path.write_bytes(path.read_bytes()[:-600])


def come_from_tomorrow(monkeypatch, backup):
    newer = {**backup.manifest.migrations, "core": [*backup.manifest.migrations["core"], "0999_tomorrow"]}
    object.__setattr__(backup.manifest, "migrations", newer)


def fail_beforehand(monkeypatch, backup):
    def damaged(**options):
        raise DomainError("The database file is damaged.")

    monkeypatch.setattr(service, "create_backup", damaged)


def differ_when_restored(monkeypatch, backup):
    def differ(expected):
        raise DomainError("Restored, these differ.")

    monkeypatch.setattr(service, "require_same", differ)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (refuse_space, "are free on the disk"),
        (flip, "was changed or cut"),
        (cut, "was changed or cut"),
        (come_from_tomorrow, "newer version"),
        (fail_beforehand, "could not be kept beforehand"),
        (differ_when_restored, "these differ"),
    ],
)
def test_what_is_refused_changes_nothing(backup, home, monkeypatch, spoil, word):
    spoil(monkeypatch, backup)
    with pytest.raises(DomainError, match=word):
        restore_backup(actor=None, backup=backup)
    require_unchanged(home, backup)


def test_an_encrypted_backup_needs_its_passphrase(home):
    runtime_settings.save(None, "backup_passphrase", "correct horse battery")
    make_household(make_administrator(), name="Then")
    backup = create_backup(actor=None)
    Household.objects.update(name="Now")
    with pytest.raises(DomainError, match="passphrase"):
        restore_backup(actor=None, backup=backup, passphrase="wrong horse battery")
    require_unchanged(home, backup)
    assert restore_backup(actor=None, backup=backup, passphrase="correct horse battery").row_count
    assert Household.objects.get().name == "Then"


def test_who_asked_stays_signed_in_and_is_named(backup):
    ana = Household.objects.get().memberships.get().user
    for key in ("operator", "bystander"):
        Session.objects.create(session_key=key, session_data="-", expire_date=timezone.now())
    done = restore_backup(actor=ana, backup=backup, session_key="operator", reason="A drill")
    assert list(Session.objects.values_list("session_key", flat=True)) == ["operator"]
    row, entry = Restoration.objects.get(), AuditEntry.objects.get(action="backup.restored")
    assert (row.source, row.pre_restore, row.actor_name) == (backup.id, done.pre_restore_id, "ana")
    assert (entry.actor_name, entry.reason) == ("ana", "A drill")
    assert Household.objects.get().name == "Then"

    back = restore_backup(actor=ana, backup=folders.find_backup(done.pre_restore_id))
    assert Household.objects.get().name == "Now"
    assert done.pre_restore_id in back.sentence


def test_while_others_work_it_waits_and_in_the_end_gives_up(backup, home, monkeypatch):
    def busy(wait=0):
        raise data_lock._still_in_use()

    monkeypatch.setattr(service.data_lock, "exclusive", busy)
    with pytest.raises(DomainError, match="did not come to an end in time"):
        restore_backup(actor=None, backup=backup)
    require_unchanged(home, backup)


def test_what_cannot_be_cleared_outside_the_database_is_said(backup, monkeypatch):
    def out_of_reach():
        raise OSError

    monkeypatch.setitem(service.OUTSIDE, "the queue", out_of_reach)
    assert "Not emptied: the queue" in restore_backup(actor=None, backup=backup).sentence


@pytest.mark.engines("postgresql")
def test_without_the_right_to_make_databases_it_is_compared_before_it_is_live(backup, monkeypatch):
    def no_right(*args, **options):
        raise DomainError("The right to create databases is missing.", code="no_right")

    monkeypatch.setattr(service, "proven_figures", no_right)
    restore_backup(actor=None, backup=backup)
    assert Household.objects.get().name == "Then"
