"""The month tracker, the home of the product."""

import datetime as dt
import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bills import reports, services
from bills.access import FIRST_YEAR, LAST_YEAR, month_or_404
from bills.filter_forms import TrackerFilterForm
from bills.lines import lines_of
from bills.models import Bill, Occurrence
from bills.occurrences import occurrences_due
from billtracker.accounts.households import household_required, require_editor
from billtracker.core.doors import back_to, refusing, say
from billtracker.core.exports import csv_response
from billtracker.core.money import to_text
from billtracker.core.periods import Month, Span


@require_safe
@household_required
def tracker(request: HttpRequest) -> HttpResponse:
    """Show this month, by the household's clock."""
    return month_page(request, Month.of(request.membership.household.today))


@require_safe
@household_required
def tracker_month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Show one month."""
    return month_page(request, month_or_404(year, month))


def filters_of(request: HttpRequest) -> tuple[TrackerFilterForm, reports.Filters]:
    form = TrackerFilterForm(request.GET, household=request.membership.household, auto_id="filter_%s")
    form.is_valid()
    return form, form.filters()


def month_page(request: HttpRequest, month: Month) -> HttpResponse:
    household = request.membership.household
    form, filters = filters_of(request)
    view = reports.month_tracker(household, month, household.today, filters)
    may_edit = request.membership.may_edit
    context = {
        "tracker": view,
        "periods": [(period, lines_of(period.rows, may_edit=may_edit)) for period in view.periods],
        "overdue_lines": lines_of(view.overdue_shown, may_edit=may_edit, with_age=True),
        "filters": filters,
        "form": form,
        "has_filters": filters != reports.Filters(sort=filters.sort),
        "has_bills": bool(view.rows or view.overdue)
        or Bill.objects.live().filter(household=household).exists(),
        "key": uuid.uuid4().hex,
        **months_beside(month),
    }
    return render(request, "bills/tracker.html", context)


def months_beside(month: Month) -> dict[str, Month | None]:
    """Return the months before and after, as far as they have pages."""
    return {
        "previous": month.previous if month.previous.year >= FIRST_YEAR else None,
        "next": month.next if month.next.year <= LAST_YEAR else None,
    }


@require_safe
@household_required
def tracker_csv(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """Give the rows of a month as the filters show them."""
    month, household = month_or_404(year, month), request.membership.household
    view = reports.month_tracker(household, month, household.today, filters_of(request)[1])
    header = ["due", "bill", "category", "state", "currency", "owed", "paid", "left", "note"]
    rows = [
        [
            row.occurrence.due_date,
            row.bill.name,
            str(row.category or ""),
            row.standing.state.value,
            row.currency,
        ]
        + [to_text(amount, row.currency) for amount in (row.owed, row.paid, row.left)]
        + [row.occurrence.note]
        for period in view.periods
        for row in period.rows
    ]
    return csv_response(f"tracker-{month}.csv", header, rows)


@require_POST
@household_required
def pay_due(request: HttpRequest) -> HttpResponse:
    """Pay what is left on each occurrence the person saw listed."""
    require_editor(request.membership)
    household = request.membership.household
    with refusing(request):
        payments = services.pay_in_full(
            actor=request.user,
            household=household,
            occurrences=chosen_occurrences(household, request.POST.getlist("due")),
            paid_on=household.today,
            idempotency_key=request.POST.get("key", "")[:60] or None,
        )
        count = len(payments)
        undo = (
            reverse("payments_undo", query={"ids": ",".join(str(p.pk) for p in payments)}) if payments else ""
        )
        say(request, ngettext("Paid %(n)d bill.", "Paid %(n)d bills.", count) % {"n": count}
            if payments else _("Nothing was left to pay."), undo=undo)  # fmt: skip
    return back_to(request, reverse("tracker"))


def chosen_occurrences(household, marks: list[str]) -> list[Occurrence]:
    """Return the household's occurrences named by ``bill:date`` marks; other marks name nothing."""
    wanted = set(marks[:500])
    days = [day for mark in wanted if (day := day_of(mark))]
    if not days:
        return []
    margin = dt.timedelta(days=3)
    due = occurrences_due(household, Span(min(days) - margin, max(days) + margin))
    return [o for o in due if f"{o.bill_id}:{o.scheduled_date}" in wanted]


def day_of(mark: str) -> dt.date | None:
    """Return the date of a ``bill:date`` mark within the years that have pages, else None."""
    try:
        day = dt.date.fromisoformat(mark.partition(":")[2])
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
