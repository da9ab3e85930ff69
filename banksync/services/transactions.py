"""What people do with a bank's lines: words of their own, and taking one out of sight."""

from django.db import transaction
from django.utils import timezone

from banksync.models import BankTransaction
from billtracker.core import audit
from billtracker.core.exceptions import InvalidInput
from billtracker.core.text import clean, one_line

LONGEST = 500


@transaction.atomic
def edit_transaction(
    *, actor, bank_transaction: BankTransaction, own_description: str, note: str
) -> BankTransaction:
    """Give a line a description of one's own and a note; no sync changes them, empty takes them back."""
    row = _lock_transaction(bank_transaction)
    before = {"own_description": row.own_description, "note": row.note}
    after = {"own_description": one_line(clean(own_description)), "note": one_line(clean(note))}
    for name, text in after.items():
        if len(text) > LONGEST:
            raise InvalidInput(f"The text is too long: at most {LONGEST} characters.", field=name)
        setattr(row, name, text)
    if changes := audit.changed_fields(before, after):
        row.save(update_fields=list(changes))
        audit.record(actor, "bank_transaction.changed", row, changes)
    return row


@transaction.atomic
def delete_transaction(*, actor, bank_transaction: BankTransaction) -> BankTransaction:
    """Take a line out of lists, totals and matching; no sync brings it back."""
    row = _lock_transaction(bank_transaction)
    if row.deleted_at is None:
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        audit.record(actor, "bank_transaction.deleted", row)
    return row


@transaction.atomic
def restore_transaction(*, actor, bank_transaction: BankTransaction) -> BankTransaction:
    """Bring a deleted line back."""
    row = _lock_transaction(bank_transaction)
    if row.deleted_at is not None:
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        audit.record(actor, "bank_transaction.restored", row)
    return row


def _lock_transaction(bank_transaction: BankTransaction) -> BankTransaction:
    rows = BankTransaction.objects.select_related("account__connection").select_for_update(of=("self",))
    return rows.get(pk=bank_transaction.pk)
