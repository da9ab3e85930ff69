"""An account that came back under another id, as after a new sign-in: a person says that it is the same."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from banksync.models import BankAccount, BankTransaction, Connection
from banksync.rules.identity import plan_sync
from banksync.services.storing import OF_ACCOUNT, OF_TRANSACTION, apply_changes
from banksync.simplefin.answers import SentTransaction
from banksync.simplefin.client import Window
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import FIRST_DAY

EDITS = ("own_description", "note", "deleted_at")


@transaction.atomic
def relink_account(*, actor, account: BankAccount, successor: BankAccount) -> BankAccount:
    """Let an account that is gone go on as ``successor``: one account with the rows of both, each once.

    Rows that are alike become one, with what people wrote on either. Raises DomainError and changes nothing
    when the two cannot be the same account.
    """
    connection = Connection.objects.select_for_update().get(pk=account.connection_id)
    rows = connection.accounts.select_for_update().filter(pk__in=[account.pk, successor.pk])
    both = {row.pk: row for row in rows}
    if len(both) != 2:
        raise DomainError("The two accounts don't belong to the same connection. Nothing was changed.")
    old, new = both[account.pk], both[successor.pk]
    _check_may_be_same(connection, old, new)
    _merge_transactions(old, new)
    taken = {
        name: getattr(new, name)
        for name in (*OF_ACCOUNT, "institution_id", "remote_id", "seen_at", "good_at")
    }
    before = {"institution_id": old.institution_id, "remote_id": old.remote_id}
    new.delete()
    for name, value in {**taken, "error": ""}.items():
        setattr(old, name, value)
    old.save()
    changes = audit.changed_fields(before, {name: taken[name] for name in before})
    audit.record(actor, "bank_account.relinked", old, changes)
    return old


def _check_may_be_same(connection: Connection, old: BankAccount, new: BankAccount) -> None:
    if (old.currency, old.custom_currency) != (new.currency, new.custom_currency):
        raise DomainError("The two accounts have different currencies. Nothing was changed.")
    if old.seen_at and connection.synced_at and old.seen_at >= connection.synced_at:
        raise DomainError(f"The bank still has {old}: it is another account. Nothing was changed.")


def _merge_transactions(old: BankAccount, new: BankAccount) -> None:
    """Bring the rows of the new account over; alike ones stay the old rows and take the new ids."""
    stored, fresh = list(old.transactions.all()), {row.remote_id: row for row in new.transactions.all()}
    for row in stored:
        row.account = old
    sent = [_as_sent(row) for row in fresh.values()]
    plan = plan_sync(stored, sent, Window(FIRST_DAY), is_complete=True, with_pending=False)
    pairs = [*plan.known, *plan.rekeyed]
    _keep_edits((row, fresh[same.id]) for row, same in pairs if isinstance(row, BankTransaction))
    BankTransaction.objects.filter(pk__in=[fresh[same.id].pk for _, same in pairs]).delete()
    apply_changes(pairs, timezone.now())
    new.transactions.update(account=old)


def _as_sent(row: BankTransaction) -> SentTransaction:
    return SentTransaction(id=row.remote_id, **{name: getattr(row, name) for name in OF_TRANSACTION})


def _keep_edits(pairs: Iterable[tuple[BankTransaction, BankTransaction]]) -> None:
    """Give rows that stay what people wrote on those that go, where they have nothing of their own."""
    edited = []
    for row, same in pairs:
        missing = [name for name in EDITS if getattr(same, name) and not getattr(row, name)]
        for name in missing:
            setattr(row, name, getattr(same, name))
        if missing:
            edited.append(row)
    BankTransaction.objects.bulk_update(edited, EDITS)
