"""The page of an operation: its steps while it runs, its end, and what a restore leaves behind."""

import pytest

from backups import operation_states, operations
from billtracker.core.exceptions import DomainError
from tests.backups.made_backups import NOON, make_backup
from tests.factories import make_restoration

pytestmark = pytest.mark.django_db


def shown(signed_in, key: str) -> str:
    answer = signed_in.get(f"/admin/backups/operations/{key}/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_running_operation_shows_its_steps_and_asks_again(signed_in):
    with operations.begin("create", "ana") as operation:
        operation.report("Copying the database", 0.25)
        operation.report("Checking the copy", None)
        operation.report("Packing the media files", 0.5)
        text = shown(signed_in, operation.key)
        listed = signed_in.get("/admin/backups/").content.decode()
    assert "Making a backup" in text
    assert "by ana" in text
    assert 'value="50" max="100"' in text
    assert text.index("Copying the database") < text.index("Checking the copy")
    assert 'hx-trigger="every 1s"' in text
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in text
    assert operation.key in listed


def test_an_operation_that_ended_says_how_and_asks_no_more(signed_in):
    backup = make_backup()
    with operations.begin("verify", "ana") as operation:
        operation.name_backup(backup.id)
        operation.say(f"Backup {backup.id} is proven.")
    text = shown(signed_in, operation.key)
    assert f"Backup {backup.id} is proven." in text
    assert f'href="/admin/backups/{backup.id}/"' in text
    assert "hx-trigger" not in text
    assert "http-equiv" not in text


def test_a_refusal_a_fault_and_a_death_are_told_apart(signed_in):
    with pytest.raises(DomainError), operations.begin("import", "ana") as refused:
        raise DomainError("The zip is damaged or cut. Nothing was changed.")
    with pytest.raises(ZeroDivisionError), operations.begin("create", "ana") as failed:
        raise ZeroDivisionError
    killed = operation_states.new_state("restore", "ana", operation_states.new_key())
    operation_states.write_state(killed)
    texts = [shown(signed_in, key) for key in (refused.key, failed.key, killed.key)]
    assert "Refused" in texts[0]
    assert "The zip is damaged or cut." in texts[0]
    assert "unexpected fault (ZeroDivisionError)" in texts[1]
    assert "It was killed before it ended." in texts[2]


def test_after_a_restore_source_and_pre_restore_backup_are_named(signed_in):
    source, before = make_backup(), make_backup("pre-restore", NOON.replace(hour=13))
    make_restoration(source=source.id, pre_restore=before.id)
    with operations.begin("restore", "ana") as operation:
        operation.name_backup(source.id)
        operation.say("It is restored.")
    text = shown(signed_in, operation.key)
    for backup in (source, before):
        assert f'<a href="/admin/backups/{backup.id}/">{backup.id}</a>' in text


@pytest.mark.parametrize("kind", operation_states.KINDS)
def test_every_kind_of_operation_has_a_title(signed_in, kind):
    with operations.begin(kind, "server") as operation:
        assert "<h1>" in shown(signed_in, operation.key)


@pytest.mark.parametrize("key", ["nothing", "0" * 40, "0123456789abcdef"])
def test_an_operation_that_is_not_known_is_not_found(signed_in, key):
    assert signed_in.get(f"/admin/backups/operations/{key}/").status_code == 404
