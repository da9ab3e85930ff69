"""What billing keeps: the office, its clients, statements and their numbers, money that came in, periods."""

from billing.models.account_statements import AccountStatement
from billing.models.allocations import Allocation
from billing.models.checks import BooksCheck
from billing.models.clients import Client, Contact, PayerGroup
from billing.models.engagements import Engagement, FeeStep
from billing.models.office import OfficeProfile
from billing.models.payments import Payment, Proof, Refund
from billing.models.periods import ClosePack, Period, PeriodException
from billing.models.retainer_cycle import CycleLine, CycleRun
from billing.models.sequences import Counter, CounterAdjustment, Sequence
from billing.models.settlements import CreditNote, Settlement
from billing.models.statements import Document, Statement, StatementLine

__all__ = [
    "AccountStatement",
    "Allocation",
    "BooksCheck",
    "Client",
    "ClosePack",
    "Contact",
    "Counter",
    "CounterAdjustment",
    "CreditNote",
    "CycleLine",
    "CycleRun",
    "Document",
    "Engagement",
    "FeeStep",
    "OfficeProfile",
    "PayerGroup",
    "Payment",
    "Period",
    "PeriodException",
    "Proof",
    "Refund",
    "Sequence",
    "Settlement",
    "Statement",
    "StatementLine",
]
