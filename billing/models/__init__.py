"""What billing keeps: the office, its clients and engagements, statements and their numbers, cycle runs."""

from billing.models.checks import BooksCheck
from billing.models.clients import Client, Contact
from billing.models.cycles import CycleLine, CycleRun
from billing.models.engagements import Engagement, FeeStep
from billing.models.office import OfficeProfile
from billing.models.sequences import Counter, CounterAdjustment, Sequence
from billing.models.statements import Document, Statement, StatementLine

__all__ = [
    "BooksCheck", "Client", "Contact", "Counter", "CounterAdjustment", "CycleLine", "CycleRun", "Document",
    "Engagement", "FeeStep", "OfficeProfile", "Sequence", "Statement", "StatementLine",
]  # fmt: skip
