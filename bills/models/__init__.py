"""What bills, their occurrences and their payments are."""

from bills.models.bills import Bill, Category, SoftDeleteQuerySet, is_first_date
from bills.models.occurrences import Occurrence
from bills.models.payments import Payment, PaymentSplit

__all__ = ["Bill", "Category", "Occurrence", "Payment", "PaymentSplit", "SoftDeleteQuerySet", "is_first_date"]
