"""What can be done with bank connections, accounts and transactions."""

from banksync.services.connections import (
    confirm_host,
    connect_bank,
    disconnect_bank,
    reconnect_bank,
    set_monitored,
    set_pending,
)
from banksync.services.relinking import relink_account
from banksync.services.schedule import DueSyncs, request_sync, sync_due_connections
from banksync.services.syncing import run_sync, start_run
from banksync.services.transactions import delete_transaction, edit_transaction, restore_transaction

__all__ = [
    "DueSyncs",
    "confirm_host",
    "connect_bank",
    "delete_transaction",
    "disconnect_bank",
    "edit_transaction",
    "reconnect_bank",
    "relink_account",
    "request_sync",
    "restore_transaction",
    "run_sync",
    "set_monitored",
    "set_pending",
    "start_run",
    "sync_due_connections",
]
