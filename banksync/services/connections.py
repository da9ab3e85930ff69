"""Connecting a bank, reconnecting it in place, and letting it go."""

import secrets

from django.db import transaction

from banksync.models import BankAccount, Connection
from banksync.simplefin.client import claim_access
from banksync.simplefin.tokens import AccessUrl, read_token
from billtracker.accounts.models import Household
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, InvalidInput
from billtracker.core.settings import runtime_settings
from billtracker.core.text import clean, one_line

State = Connection.State


def connect_bank(
    *, actor, household: Household, token: str, name: str = "", accepts_other_host: bool = False
) -> Connection:
    """Exchange a setup token, once, and store what it opens, encrypted, before anything else is asked.

    A pasted access URL is stored as it is. When the access leads to another server than the token did, the
    connection waits for ``confirm_host``. Raises InvalidInput and RequestFailed, with nothing stored.
    """
    _check_switched_on()
    name = one_line(clean(name))
    if len(name) > 100:
        raise InvalidInput("The name is too long: at most 100 characters.", field="name")
    access, is_same_host = _exchange(token)
    with transaction.atomic():
        connection = Connection.objects.create(
            household=household,
            name=name or access.host[:100],
            minute=secrets.randbelow(60),
            **_access_fields(access, is_same_host or accepts_other_host),
        )
        audit.record(actor, "bank_connection.created", connection, {"host": [None, access.host]})
    return connection


def reconnect_bank(
    *, actor, connection: Connection, token: str, accepts_other_host: bool = False
) -> Connection:
    """Replace the credential by a fresh one; accounts, transactions and settings stay."""
    _check_switched_on()
    access, is_same_host = _exchange(token)
    with transaction.atomic():
        connection = _lock(connection)
        before = {"host": connection.host, "state": connection.state}
        for field, value in _access_fields(access, is_same_host or accepts_other_host).items():
            setattr(connection, field, value)
        # It is asked at once; a warning was about the credential that is gone.
        connection.error, connection.paused_until, connection.tried_at = "", None, None
        connection.save()
        after = {"host": connection.host, "state": connection.state}
        audit.record(actor, "bank_connection.reconnected", connection, audit.changed_fields(before, after))
    return connection


def confirm_host(*, actor, connection: Connection) -> Connection:
    """Accept that the access leads to another server than the setup token did."""
    with transaction.atomic():
        connection = _lock(connection)
        if connection.state != State.UNCONFIRMED:
            raise DomainError(f"{connection} needs no confirmation.")
        connection.state = State.ACTIVE
        connection.save(update_fields=["state"])
        audit.record(
            actor, "bank_connection.confirmed", connection, {"state": [State.UNCONFIRMED, State.ACTIVE]}
        )
    return connection


@transaction.atomic
def disconnect_bank(*, actor, connection: Connection, keep_rows: bool) -> None:
    """Forget the credential, and with ``keep_rows=False`` accounts and transactions too.

    The provider is told nothing: access ends there when the user disables it.
    """
    connection = _lock(connection)
    if not keep_rows:
        audit.record(actor, "bank_connection.deleted", connection)
        connection.delete()
        return
    before, connection.state, connection.access_url = connection.state, State.DISCONNECTED, ""
    connection.save(update_fields=["state", "access_url"])
    audit.record(actor, "bank_connection.disconnected", connection, {"state": [before, State.DISCONNECTED]})


@transaction.atomic
def set_pending(*, actor, connection: Connection, has_pending: bool) -> Connection:
    """Ask for pending transactions from now on, or no longer."""
    connection = _lock(connection)
    if connection.has_pending != has_pending:
        connection.has_pending = has_pending
        connection.save(update_fields=["has_pending"])
        changes = {"has_pending": [not has_pending, has_pending]}
        audit.record(actor, "bank_connection.changed", connection, changes)
    return connection


@transaction.atomic
def set_monitored(*, actor, account: BankAccount, is_monitored: bool) -> BankAccount:
    """Store an account's transactions from now on, or nothing of it any more; what is stored stays."""
    account = (
        BankAccount.objects.select_for_update(of=("self",)).select_related("connection").get(pk=account.pk)
    )
    if account.is_monitored != is_monitored:
        account.is_monitored = is_monitored
        account.save(update_fields=["is_monitored"])
        changes = {"is_monitored": [not is_monitored, is_monitored]}
        audit.record(actor, "bank_account.changed", account, changes)
    return account


def _check_switched_on() -> None:
    if not runtime_settings.get("bank_sync_enabled"):
        raise DomainError("Bank sync is switched off on this server. Nothing was sent anywhere.")


def _exchange(token: str) -> tuple[AccessUrl, bool]:
    """Return the access that the text gives, and whether it leads where the text led."""
    pasted = read_token(token)
    if isinstance(pasted, AccessUrl):
        return pasted, True
    access = claim_access(pasted)
    return access, access.host == pasted.host


def _access_fields(access: AccessUrl, is_confirmed: bool) -> dict:
    state = State.ACTIVE if is_confirmed else State.UNCONFIRMED
    return {"host": access.host[:253], "access_url": access.secret, "state": state}


def _lock(connection: Connection) -> Connection:
    locked = Connection.objects.select_for_update().filter(pk=connection.pk).first()
    if locked is None:
        raise DomainError("The connection was removed meanwhile.")
    return locked
