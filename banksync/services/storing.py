"""What an answer says of one account, stored in one transaction: all of it or nothing."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from banksync.models import BankAccount, BankTransaction, Connection, TransactionChange
from banksync.rules.identity import PENDING_DAYS, plan_sync
from banksync.simplefin.answers import Answer, SentAccount, SentTransaction
from banksync.simplefin.client import Window
from billtracker.core.data.bulk_writes import insert_all
from billtracker.core.exceptions import DomainError

CHUNK = 500
OF_ACCOUNT = ("institution", "name", "balance", "available_balance", "balance_at")
OF_TRANSACTION = (
    "amount", "posted_on", "transacted_on", "description", "payee", "memo", "category_code", "is_pending",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredCounts:
    """How many transactions an answer made, changed and withdrew."""

    new: int = 0
    changed: int = 0
    withdrawn: int = 0

    def __add__(self, other: "StoredCounts") -> "StoredCounts":
        return StoredCounts(
            self.new + other.new, self.changed + other.changed, self.withdrawn + other.withdrawn
        )


@transaction.atomic
def store_account(
    *, connection: Connection, sent: SentAccount, answer: Answer, window: Window, now: dt.datetime
) -> StoredCounts:
    """Store one account of an answer and its transactions; nothing of an account that is switched off.

    What people edited or deleted stays so. Raises DomainError when the connection was removed meanwhile
    or the account's currency is another than before.
    """
    if not Connection.objects.select_for_update().exclude(state="disconnected").filter(pk=connection.pk):
        raise DomainError("The connection was removed meanwhile.")
    account = _lock_account(connection, sent, answer)
    if not account.is_monitored:
        return StoredCounts()
    _update_account(account, sent)
    rows = [row for row in sent.transactions if connection.has_pending or not row.is_pending]
    plan = plan_sync(
        _load_stored(account, rows, window),
        rows,
        window,
        is_complete=answer.is_complete_for(sent),
        with_pending=connection.has_pending,
    )
    new = [_make_transaction(account, row, now) for row in plan.new]
    insert_all(BankTransaction, new)
    changed = apply_changes([*plan.known, *plan.rekeyed], now)
    withdrawn = [row.pk for row in plan.withdrawn if isinstance(row, BankTransaction)]
    if withdrawn:
        BankTransaction.objects.filter(pk__in=withdrawn).update(withdrawn_at=now)
    return StoredCounts(len(new), changed, len(withdrawn))


def _lock_account(connection: Connection, sent: SentAccount, answer: Answer) -> BankAccount:
    """Return the row of the account, a new one if it is seen for the first time."""
    locked = connection.accounts.select_for_update()
    account = locked.filter(institution_id=sent.institution_id, remote_id=sent.id).first()
    account = account or _take_over_renamed_bank(connection, sent, answer)
    if account is None:
        return BankAccount.objects.create(
            connection=connection,
            institution_id=sent.institution_id,
            remote_id=sent.id,
            currency=sent.currency,
            custom_currency=sent.custom_currency,
            **{name: getattr(sent, name) for name in OF_ACCOUNT},
        )
    account.connection = connection
    if (account.currency, account.custom_currency) != (sent.currency, sent.custom_currency):
        raise DomainError("The bank reports another currency than before; nothing of it was changed.")
    return account


def _take_over_renamed_bank(connection: Connection, sent: SentAccount, answer: Answer) -> BankAccount | None:
    """Return the account of the same id whose bank has another id now, as when a provider goes to version 2.

    Only one that nothing else can be: its old key is gone and its id stands once on both sides.
    """
    keys = {(other.institution_id, other.id) for other in answer.accounts}
    if sum(key == sent.id for _, key in keys) > 1 or not answer.is_complete_for(sent):
        return None
    same = list(connection.accounts.select_for_update().filter(remote_id=sent.id))
    if len(same) != 1 or (same[0].institution_id, sent.id) in keys:
        return None
    same[0].institution_id = sent.institution_id
    same[0].save(update_fields=["institution_id"])
    return same[0]


def _update_account(account: BankAccount, sent: SentAccount) -> None:
    changed = [name for name in OF_ACCOUNT if getattr(account, name) != getattr(sent, name)]
    for name in changed:
        setattr(account, name, getattr(sent, name))
    if changed:
        account.save(update_fields=changed)


def _load_stored(
    account: BankAccount, rows: Sequence[SentTransaction], window: Window
) -> list[BankTransaction]:
    """Return the stored rows that the answer may be about: of its days, pending, or named by it."""
    near = Q(posted_on=None) | Q(is_pending=True) | Q(posted_on__gte=window.start - PENDING_DAYS)
    stored = list(account.transactions.filter(near))
    known = {row.remote_id for row in stored}
    others = [row.id for row in rows if row.id not in known]
    for start in range(0, len(others), CHUNK):
        stored += account.transactions.filter(remote_id__in=others[start : start + CHUNK])
    for row in stored:
        row.account = account  # its currency is asked for each amount
    return stored


def _make_transaction(account: BankAccount, row: SentTransaction, now: dt.datetime) -> BankTransaction:
    values = {name: getattr(row, name) for name in OF_TRANSACTION}
    return BankTransaction(account=account, remote_id=row.id, created_at=now, **values)


def apply_changes(pairs: Iterable[tuple], now: dt.datetime) -> int:
    """Write what differs, with its history; returns how many rows that were."""
    changed, history = [], []
    for stored, row in pairs:
        changes = _take_over(stored, row)
        if changes or stored.withdrawn_at:
            stored.withdrawn_at = None
            changed.append(stored)
            history.append(TransactionChange(transaction=stored, at=now, changes=changes))
    BankTransaction.objects.bulk_update(changed, [*OF_TRANSACTION, "remote_id", "withdrawn_at"], CHUNK)
    insert_all(TransactionChange, history)
    return len(changed)


def _take_over(stored: BankTransaction, row: SentTransaction) -> dict[str, list]:
    """Give the stored row what the bank says now; returns {field: [before, after]}."""
    said = {name: getattr(row, name) for name in OF_TRANSACTION} | {"remote_id": row.id}
    # No date is no news, and what was posted is not pending again.
    for name in ("posted_on", "transacted_on"):
        said[name] = said[name] or getattr(stored, name)
    said["is_pending"] = said["is_pending"] and stored.is_pending
    changes = {}
    for name, value in said.items():
        before = getattr(stored, name)
        if before != value:
            changes[name] = [_as_json(before), _as_json(value)]
            setattr(stored, name, value)
    return changes


def _as_json(value):
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else value
