"""The month tracker, the home of the product."""

import datetime as dt
import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from bills import services
from bills.access import month_or_404
from bills.forms.filters import TrackerFilterForm
from bills.models import Occurrence, Payment
from bills.reports.due_dates import occurrences_due
from bills.reports.rows import DueRow
from bills.reports.tracker import Filters, month_tracker
from bills.views.tracker_rows import lines_of
from billtracker.accounts.access.households import household_required, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.money import to_number
from billtracker.core.periods import Month, Span, day_in
from billtracker.core.web.exports import Row, csv_response
from billtracker.core.web.pages import back_to, paginate, refusing, say

OVERDUE_PAGE = 50
CSV_HEADER = ["due", "bill", "category", "state", "currency", "owed", "paid", "left", "note"]


@require_safe
@household_required
def tracker(request: HouseholdRequest) -> HttpResponse:
    """Show this month, by the household's clock."""
    return _month_page(request, Month.of(request.membership.household.today))


@require_safe
@household_required
def tracker_month(request: HouseholdRequest, year: int, month: int) -> HttpResponse:
    """Show one month."""
    return _month_page(request, month_or_404(year, month))


def _filters_of(request: HouseholdRequest) -> tuple[TrackerFilterForm, Filters]:
    form = TrackerFilterForm(request.GET, household=request.membership.household, auto_id="filter_%s")
    form.is_valid()
    return form, form.filters()


def _month_page(request: HouseholdRequest, month: Month) -> HttpResponse:
    household = request.membership.household
    form, filters = _filters_of(request)
    view = month_tracker(household, month, household.today, filters)
    may_edit = request.membership.may_edit
    overdue = paginate(request, view.overdue, OVERDUE_PAGE)
    context = {
        "tracker": view,
        "overdue": overdue,
        "overdue_payable": [row for row in overdue if not row.is_unknown],
        "periods": [(period, lines_of(period.rows, may_edit=may_edit)) for period in view.periods],
        "overdue_lines": lines_of(overdue, may_edit=may_edit, with_age=True),
        "filters": filters,
        "form": form,
        "has_filters": filters != Filters(sort=filters.sort),
        "has_bills": bool(view.rows or view.overdue) or household.bills.live().exists(),
        "key": uuid.uuid4().hex,
        **_months_beside(month),
    }
    return render(request, "bills/tracker.html", context)


def _months_beside(month: Month) -> dict[str, Month | None]:
    """Return the months before and after, as far as they have pages."""
    return {
        "previous": month.previous if month.previous.is_within_reach else None,
        "next": month.next if month.next.is_within_reach else None,
    }


@require_safe
@household_required
def tracker_csv(request: HouseholdRequest, year: int, month: int) -> HttpResponse:
    """Give the rows of a month as the filters show them."""
    household = request.membership.household
    view = month_tracker(household, month_or_404(year, month), household.today, _filters_of(request)[1])
    rows = [_csv_row(row) for period in view.periods for row in period.rows]
    return csv_response(f"tracker-{month}.csv", CSV_HEADER, rows)


def _csv_row(row: DueRow) -> Row:
    """Return a row's cells; what nobody knows yet is empty, which is not the same as zero."""
    cells: dict[str, object] = {
        "due": row.occurrence.due_date,
        "bill": row.bill.name,
        "category": str(row.category or ""),
        "state": row.standing.state.value,
        "currency": row.currency,
        "paid": to_number(row.paid, row.currency),
        "note": row.occurrence.note,
    }
    if not row.is_unknown:
        cells |= {"owed": to_number(row.owed, row.currency), "left": to_number(row.left, row.currency)}
    return cells


@require_POST
@household_required
def pay_due(request: HouseholdRequest) -> HttpResponse:
    """Pay what is left on each occurrence the person saw listed."""
    require_editor(request.membership)
    household = request.membership.household
    with refusing(request):
        payments = services.pay_in_full(
            actor=request.user,
            household=household,
            occurrences=_chosen_occurrences(household, request.POST.getlist("due")),
            paid_on=household.today,
            idempotency_key=request.POST.get("key", "")[:60] or None,
        )
        _say_paid(request, payments)
    return back_to(request, reverse("bills:tracker"))


def _say_paid(request: HouseholdRequest, payments: list[Payment]) -> None:
    """Say how many were paid, with the way to undo them all."""
    if not payments:
        say(request, _("Nothing was left to pay."))
        return
    count = len(payments)
    words = ngettext("Paid %(n)d bill.", "Paid %(n)d bills.", count) % {"n": count}
    say(
        request,
        words,
        undo=reverse("bills:payments_undo", query={"ids": ",".join(str(p.pk) for p in payments)}),
    )


def _chosen_occurrences(household, marks: list[str]) -> list[Occurrence]:
    """Return the household's occurrences named by ``bill:date`` marks; other marks name nothing."""
    wanted = set(marks[:500])
    days = [day for mark in wanted if (day := day_in(mark.partition(":")[2]))]
    if not days:
        return []
    margin = dt.timedelta(days=3)
    due = occurrences_due(household, Span(min(days) - margin, max(days) + margin))
    return [o for o in due if f"{o.bill_id}:{o.scheduled_date}" in wanted]
