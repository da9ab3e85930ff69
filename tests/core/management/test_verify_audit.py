"""The command names the first entry that was changed, removed or moved."""

import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billtracker.core import audit
from billtracker.core.models import AuditEntry
from tests.audit_unlock import audit_log_unlocked
from tests.factories import make_household

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    """Five entries of one household."""
    household = make_household()
    with transaction.atomic():
        for number in range(5):
            audit.record(None, "bill.changed", household, {"amount": [number, number + 1]})
    return household.audit_scope


def broken(capsys) -> str:
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit")
    assert ended.value.code == 1
    return capsys.readouterr().out


def test_a_log_that_holds_says_so(chain, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == "5 entries in 1 chains: every chain holds.\n"
    call_command("verify_audit", "--json")
    assert json.loads(capsys.readouterr().out) == {"chains": 1, "entries": 5, "holds": True, "broken": []}


def test_the_first_edited_entry_is_named(chain, capsys):
    with audit_log_unlocked(connection):
        AuditEntry.objects.filter(scope=chain, position__gte=3).update(reason="nothing")
    assert broken(capsys) == f"{chain}: broken at entry 3: the entry or its place was changed.\n"


def test_the_first_deleted_entry_is_named(chain, capsys):
    with audit_log_unlocked(connection):
        AuditEntry.objects.filter(scope=chain, position=2).delete()
    assert broken(capsys) == f"{chain}: broken at entry 2: an entry is missing.\n"


def test_the_first_reordered_entry_is_named(chain, capsys):
    with audit_log_unlocked(connection):
        for old, new in ((2, 99), (4, 2), (99, 4)):
            AuditEntry.objects.filter(scope=chain, position=old).update(position=new)
    assert broken(capsys).startswith(f"{chain}: broken at entry 2:")
