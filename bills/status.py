"""How much is tracked on this server: counts over all households, no household's own numbers."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bills.models import Bill, Occurrence, Payment
from billtracker.core.periods import Month, today
from billtracker.core.process.health import Facts, Item, signal_of_fact


def measure() -> dict:
    """Count bills and payments, and this month's occurrences; the worker does it every hour."""
    day = today(settings.TIME_ZONE)
    month = Month.of(day)
    due = Occurrence.objects.due_in(month.span).filter(bill__deleted_at=None, bill__is_active=True)
    live = Payment.objects.live()
    return {
        "active_bills": Bill.objects.active().count(),
        "payments": live.count(),
        "month": str(month),
        "due": due.count(),
        "skipped": due.exclude(skipped_at=None).count(),
        "overdue": due.overdue(day).count(),
        "paid": live.paid_in(month.span).count(),
    }


def statistics(facts: Facts) -> list[Item]:
    """Return active bills and payments as of the last count."""
    found = facts.get("bills")
    return [
        signal_of_fact(gettext_lazy("Active bills"), found, lambda values: f"{values['active_bills']:,}"),
        signal_of_fact(gettext_lazy("Payments"), found, lambda values: f"{values['payments']:,}"),
    ]


def status_items(facts: Facts) -> list[Item]:
    """Return this month over all households as of the last count."""

    def sentence(values: dict) -> str:
        words = _("%(due)s due, %(paid)s payments, %(overdue)s overdue, %(skipped)s skipped in %(month)s")
        numbers = {name: f"{values[name]:,}" for name in ("due", "paid", "overdue", "skipped")}
        return words % (numbers | {"month": values["month"]})

    return [signal_of_fact(gettext_lazy("This month"), facts.get("bills"), sentence)]
