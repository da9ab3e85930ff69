"""Due dates, by id or by bill and scheduled date."""

import datetime as dt
from decimal import Decimal

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from bills import services
from bills.access import occurrence_or_404
from bills.api.schemas import occurrences as schemas
from bills.models import Occurrence
from bills.reports.due_dates import occurrences_due
from bills.reports.rows import row_of
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.periods import Span
from billtracker.core.web.api import BadInput, Day, Id, PageIn, PageOut, give, page_of

router = Router()
Page = Query(...)
From = Query(..., alias="from")
To = Query(..., alias="to", description="Not included.")
LONGEST_SPAN = dt.timedelta(days=1100)


def _show_fresh(occurrence: Occurrence) -> dict:
    """Give an occurrence, read again, as the household sees it today."""
    fresh = Occurrence.objects.with_paid().select_related("bill__household", "bill__category")
    row = fresh.get(pk=occurrence.pk) if occurrence.pk else occurrence
    household = row.bill.household
    return schemas.show_row(row_of(row, household, household.today))


@router.get("/occurrences/", response=give(PageOut[schemas.OccurrenceOut]))
def list_occurrences(
    request: HouseholdRequest,
    start: Day = From,
    end: Day = To,
    page: PageIn = Page,
    household: Id | None = None,
):
    """List what is due from a day until before another, at most 1,100 days."""
    if not dt.timedelta(0) <= end - start <= LONGEST_SPAN:
        raise BadInput("Give a span of at most 1,100 days, from before to.", "to")
    mine = membership_asked_for(request, household).household
    today = mine.today
    due = occurrences_due(mine, Span(start, end))
    return page_of(due, page, lambda o: schemas.show_row(row_of(o, mine, today)))


def occurrence_by_id(request: HouseholdRequest, pk: int, *, to_edit: bool = False) -> Occurrence:
    found = get_object_or_404(Occurrence.objects.visible_to(request.user), pk=pk)
    return occurrence_or_404(request, found.bill_id, found.scheduled_date, to_edit=to_edit)


@router.get("/occurrences/{pk}/", response=give(schemas.OccurrenceOut))
def get_occurrence(request: HouseholdRequest, pk: Id):
    """Give one due date that is a row."""
    return _show_fresh(occurrence_by_id(request, pk))


@router.patch("/occurrences/{pk}/", response=give(schemas.OccurrenceOut))
def change_occurrence(request: HouseholdRequest, pk: Id, payload: schemas.OccurrencePatch):
    """Skip, snooze, note, or set another amount for this time."""
    return change(request, occurrence_by_id(request, pk, to_edit=True), payload)


@router.get("/bills/{pk}/occurrences/{day}/", response=give(schemas.OccurrenceOut))
def get_occurrence_on(request: HouseholdRequest, pk: Id, day: Day):
    """Give a bill's due date by its scheduled date, computed where it is no row yet."""
    return _show_fresh(occurrence_or_404(request, pk, day))


@router.patch("/bills/{pk}/occurrences/{day}/", response=give(schemas.OccurrenceOut))
def change_occurrence_on(request: HouseholdRequest, pk: Id, day: Day, payload: schemas.OccurrencePatch):
    """The same by bill and scheduled date."""
    return change(request, occurrence_or_404(request, pk, day, to_edit=True), payload)


def change(request: HouseholdRequest, occurrence: Occurrence, payload: schemas.OccurrencePatch) -> dict:
    fields = payload.dict(exclude_unset=True)
    if "amount" in fields:
        fields["amount"] = None if fields["amount"] is None else Decimal(fields["amount"])
    row = services.change_occurrence(
        actor=request.user, occurrence=occurrence, today=occurrence.bill.household.today, **fields
    )
    return _show_fresh(row)
