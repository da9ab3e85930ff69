"""Looking things up on behalf of a person: another household's things are not there."""

import datetime as dt

from django.http import Http404
from django.shortcuts import get_object_or_404

from bills.models import Bill, Occurrence
from bills.reports.due_dates import occurrence_on
from billtracker.accounts.access.households import membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.periods import FIRST_YEAR, LAST_YEAR, Month, is_within_reach


def month_or_404(year: int, month: int) -> Month:
    """Return the month of an address; years far from any bill are not pages."""
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise Http404
    return Month(year, month)


def bill_or_404(request: HouseholdRequest, pk: int, *, to_edit: bool = False, bills=None) -> Bill:
    """Return a bill of one of the user's households and make that household the request's.

    A viewer who wants to edit gets 403, an outsider 404.
    """
    bills = Bill.objects.live() if bills is None else bills
    bill = get_object_or_404(bills.visible_to(request.user).select_related("household", "category"), pk=pk)
    request.membership = membership_for(request.user, bill.household_id)
    if to_edit:
        require_editor(request.membership)
    return bill


def occurrence_or_404(
    request: HouseholdRequest, pk: int, day: dt.date, *, to_edit: bool = False
) -> Occurrence:
    """Return the bill's occurrence of that scheduled date, a row or computed."""
    bill = bill_or_404(request, pk, to_edit=to_edit)
    if not is_within_reach(day):
        raise Http404
    occurrence = occurrence_on(bill, day)
    if occurrence is None:
        raise Http404
    occurrence.bill = bill
    return occurrence
