"""How much is tracked on this server: counts over all households, no household's own numbers."""

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bills.models import Bill, Occurrence, Payment
from billtracker.core.health import Facts, Item, measured
from billtracker.core.money import ZERO, MoneyField
from billtracker.core.periods import Month, today


def measure() -> dict:
    """Count bills and payments, and this month's occurrences; the worker does it every hour."""
    day = today(settings.TIME_ZONE)
    month = Month.of(day)
    due = Occurrence.objects.due_in(month.span).filter(bill__deleted_at=None, bill__is_active=True)
    live = Payment.objects.live()
    return {
        "active_bills": Bill.objects.live().filter(is_active=True).count(),
        "payments": live.count(),
        "month": str(month),
        "due": due.count(),
        "skipped": due.exclude(skipped_at=None).count(),
        "overdue": overdue(due, day).count(),
        "paid": live.filter(paid_on__gte=month.span.start, paid_on__lt=month.span.end).count(),
    }


def overdue(due, day):
    """Return those of the occurrences that are past due and not settled, skipped or snoozed."""
    owed = Coalesce("override_amount", "expected_amount", output_field=MoneyField())
    rows = due.filter(due_date__lt=day, skipped_at=None).exclude(snoozed_until__gt=day).with_paid()
    unpaid = rows.annotate(owed_amount=owed).filter(paid__lt=F("owed_amount"))
    return unpaid.exclude(Q(is_autopay=True, autopay_failed_at=None, paid=ZERO))


def statistics(facts: Facts) -> list[Item]:
    """Return active bills and payments as of the last count."""
    found = facts.get("bills")
    return [
        measured(gettext_lazy("Active bills"), found, lambda values: f"{values['active_bills']:,}"),
        measured(gettext_lazy("Payments"), found, lambda values: f"{values['payments']:,}"),
    ]


def status_items(facts: Facts) -> list[Item]:
    """Return this month over all households as of the last count."""

    def sentence(values: dict) -> str:
        words = _("%(due)s due, %(paid)s payments, %(overdue)s overdue, %(skipped)s skipped in %(month)s")
        numbers = {name: f"{values[name]:,}" for name in ("due", "paid", "overdue", "skipped")}
        return words % (numbers | {"month": values["month"]})

    return [measured(gettext_lazy("This month"), facts.get("bills"), sentence)]
