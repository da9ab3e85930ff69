"""What people do with a line survives every sync."""

import pytest

from banksync import services
from billtracker.core.exceptions import InvalidInput
from billtracker.core.models import AuditEntry
from tests import simplefin_server as server
from tests.banksync.conftest import rows_of, sync
from tests.factories import make_bank_transaction

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def test_own_words_and_deletions_survive_every_later_sync(bank, anna, connection):
    """Requirement 14"""
    bank.accounts = [server.account("a", server.transaction("t1"), server.transaction("t2", amount="-5.00"))]
    sync(connection)
    rows = rows_of(connection)
    services.edit_transaction(
        actor=anna, bank_transaction=rows["t1"], own_description=" With\x00 Ben ", note="shared"
    )
    services.delete_transaction(actor=anna, bank_transaction=rows["t2"])
    for row in bank.accounts[0]["transactions"]:
        row["description"] = "CAFE"
    assert sync(connection).changed_count == 2
    # The bank issues another id for the deleted one.
    bank.accounts[0]["transactions"][1]["id"] = "t3"
    assert sync(connection).new_count == 0
    rows = rows_of(connection)
    assert (rows["t1"].description, str(rows["t1"]), rows["t1"].note) == ("CAFE", "With Ben", "shared")
    assert rows["t3"].deleted_at is not None


def test_each_act_is_in_the_log_once(anna):
    """Requirement 14"""
    row = make_bank_transaction()
    for _ in range(2):
        services.edit_transaction(actor=anna, bank_transaction=row, own_description="Ben", note="")
        services.delete_transaction(actor=anna, bank_transaction=row)
    for _ in range(2):
        services.restore_transaction(actor=anna, bank_transaction=row)
    actions = AuditEntry.objects.filter(action__startswith="bank_transaction.").values_list(
        "action", flat=True
    )
    assert [action.partition(".")[2] for action in actions] == ["changed", "deleted", "restored"]


def test_a_text_has_an_end(anna):
    """Requirement 14"""
    with pytest.raises(InvalidInput):
        services.edit_transaction(
            actor=anna, bank_transaction=make_bank_transaction(), own_description="", note="x" * 501
        )
