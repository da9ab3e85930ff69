"""Emptying the bin: bills and categories that were deleted long enough ago, with what hangs on them."""

import datetime as dt
from collections import Counter

from django.db import transaction
from django.utils import timezone

from bills.models import Bill, Category, Occurrence, Payment, PaymentSplit
from bills.reminders.stages import subject_of
from billtracker.accounts.models import Household
from billtracker.core import audit
from notifications.services import forget_reminders

KEPT_FOR = dt.timedelta(days=30)


def purge_bin(*, older_than: dt.timedelta = KEPT_FOR) -> dict[str, int]:
    """Really delete bills and categories that were put in the bin that long ago; returns how many of what.

    With a bill go its due dates, their payments and the ledger of its reminders; each household is one
    transaction, audited. A bill that shares a payment with one that stays is kept: no payment is cut. Bills
    of a purged category have none from then on.
    """
    limit, removed = timezone.now() - older_than, Counter[str]()
    old = [model.objects.filter(deleted_at__lte=limit) for model in (Bill, Category)]
    for pk in sorted({pk for rows in old for pk in rows.order_by().values_list("household", flat=True)}):
        removed.update(purge_household(Household(pk=pk), limit))
    return {name: removed[name] for name in ("bills", "due_dates", "payments", "categories")}


@transaction.atomic
def purge_household(household: Household, limit: dt.datetime) -> dict[str, int]:
    audit.lock_chain(household.audit_scope)
    return {**_purge_bills(household, limit), "categories": _purge_categories(household, limit)}


# --- bills -------------------------------------------------------------------------------------
def _purge_bills(household: Household, limit: dt.datetime) -> dict[str, int]:
    """Delete a household's old bills in the bin, but for those that share a payment with one that stays."""
    rows = Bill.objects.filter(household=household, deleted_at__lte=limit)
    bills = {bill.pk: bill for bill in rows.select_for_update().order_by("pk")}
    going = _free_of_others(set(bills), limit)
    due_dates = list(Occurrence.objects.filter(bill__in=going).values_list("bill", "scheduled_date"))
    paid = Payment.objects.filter(splits__occurrence__bill__in=going).values_list("pk", flat=True)
    payments = Payment.objects.filter(pk__in=set(paid)).delete()[1].get(Payment._meta.label, 0)
    Bill.objects.filter(pk__in=going).delete()
    forget_reminders(subjects=[subject_of(*due_date) for due_date in due_dates])
    gone = Counter(bill for bill, _ in due_dates)
    purged = [(bill, {"due_dates": [gone[pk], 0]}) for pk, bill in bills.items() if pk in going]
    if purged:
        audit.record_many(None, "bill.purged", purged, scope=household.audit_scope)
    return {"bills": len(going), "due_dates": len(due_dates), "payments": payments}


def _free_of_others(bills: set[int], limit: dt.datetime) -> set[int]:
    """Return those of the bills that share no payment with any bill outside, also by way of each other.

    Payments undone that long ago count nowhere and hold nobody back.
    """
    undone = Payment.objects.filter(deleted_at__lte=limit).values("pk")
    payments = Payment.objects.filter(splits__occurrence__bill__in=bills).exclude(pk__in=undone).values("pk")
    pairs = PaymentSplit.objects.filter(payment__in=payments).values_list("payment", "occurrence__bill")
    shared: dict[int, set[int]] = {}
    for payment, bill in pairs:
        shared.setdefault(payment, set()).add(bill)
    while held := {bill for group in shared.values() if group - bills for bill in group & bills}:
        bills = bills - held
    return bills


# --- categories --------------------------------------------------------------------------------
def _purge_categories(household: Household, limit: dt.datetime) -> int:
    """Delete a household's old categories in the bin; bills that still name one have none."""
    rows = Category.objects.filter(household=household, deleted_at__lte=limit)
    categories = list(rows.select_for_update().order_by("pk"))
    purged = [
        (category, {"bills": [Bill.objects.filter(category=category).update(category=None), 0]})
        for category in categories
    ]
    Category.objects.filter(pk__in=[category.pk for category in categories]).delete()
    if purged:
        audit.record_many(None, "category.purged", purged, scope=household.audit_scope)
    return len(purged)
