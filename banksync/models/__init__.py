"""What the bank says, and what is known of how it was asked."""

from banksync.models.accounts import BankAccount
from banksync.models.connections import Connection, RequestRecord, SyncRun
from banksync.models.transactions import BankTransaction, TransactionChange

__all__ = ["BankAccount", "BankTransaction", "Connection", "RequestRecord", "SyncRun", "TransactionChange"]
