"""The JSON doors to bills: tracker, bills, occurrences, payments, categories."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from bills import reports, schemas, services
from bills.access import FIRST_YEAR, LAST_YEAR, bill_or_404, month_or_404, occurrence_or_404
from bills.ledger import entry_of, rows_about
from bills.models import Bill, Category, Occurrence, Payment
from bills.occurrences import occurrences_due
from billtracker.accounts.api import membership_asked_for
from billtracker.accounts.households import membership_for, require_editor
from billtracker.core.api import BadInput, Id, PageIn, PageOut, give, once, page_of
from billtracker.core.periods import Span

router = Router()
LONGEST_SPAN = dt.timedelta(days=1100)
Page = Query(...)
From = Query(..., alias="from")
To = Query(..., alias="to", description="Not included.")


# --- tracker -----------------------------------------------------------------------------------
@router.get("/tracker/{year}/{month}/", response=give(schemas.TrackerOut), tags=["tracker"])
def get_tracker(request: HttpRequest, year: int, month: int, household: Id | None = None):
    """Give a month: rows by pay period, totals per currency, what is overdue from before."""
    mine = membership_asked_for(request, household).household
    tracker = reports.month_tracker(mine, month_or_404(year, month), mine.today)
    return schemas.show_tracker(tracker, mine.pk)


# --- categories --------------------------------------------------------------------------------
def category_or_404(request: HttpRequest, pk: int, *, to_edit: bool = False) -> Category:
    found = get_object_or_404(Category.objects.live().visible_to(request.user), pk=pk)
    if to_edit:
        require_editor(membership_for(request.user, found.household_id))
    return found


@router.get("/categories/", response=give(PageOut[schemas.CategoryOut]), tags=["categories"])
def list_categories(request: HttpRequest, page: PageIn = Page, household: Id | None = None):
    """List a household's categories by name."""
    mine = membership_asked_for(request, household).household
    return page_of(Category.objects.live().filter(household=mine), page, schemas.show_category)


@router.post("/categories/", response=give(schemas.CategoryOut, 201), tags=["categories"])
def create_category(request: HttpRequest, payload: schemas.CategoryIn, household: Id | None = None):
    """Add a category."""
    mine = membership_asked_for(request, household, to_edit=True).household
    category = Category(household=mine, name=payload.name)
    pk = once(request, lambda: services.save_category(actor=request.user, category=category))
    return Status(201, schemas.show_category(category_or_404(request, pk)))


@router.get("/categories/{pk}/", response=give(schemas.CategoryOut), tags=["categories"])
def get_category(request: HttpRequest, pk: Id):
    """Give one category."""
    return schemas.show_category(category_or_404(request, pk))


@router.patch("/categories/{pk}/", response=give(schemas.CategoryOut), tags=["categories"])
def rename_category(request: HttpRequest, pk: Id, payload: schemas.CategoryIn):
    """Rename a category."""
    category = category_or_404(request, pk, to_edit=True)
    category.name = payload.name
    return schemas.show_category(services.save_category(actor=request.user, category=category))


@router.delete("/categories/{pk}/", response=give(None, 204), tags=["categories"])
def delete_category(request: HttpRequest, pk: Id):
    """Put a category in the bin."""
    services.delete_category(actor=request.user, category=category_or_404(request, pk, to_edit=True))
    return Status(204, None)


# --- bills -------------------------------------------------------------------------------------
@router.get("/bills/", response=give(PageOut[schemas.BillOut]), tags=["bills"])
def list_bills(
    request: HttpRequest, page: PageIn = Page, household: Id | None = None, is_active: bool | None = None
):
    """List a household's bills by name."""
    mine = membership_asked_for(request, household).household
    bills = Bill.objects.live().filter(household=mine).select_related("category")
    if is_active is not None:
        bills = bills.filter(is_active=is_active)
    return page_of(bills, page, schemas.show_bill)


@router.post("/bills/", response=give(schemas.BillOut, 201), tags=["bills"])
def create_bill(request: HttpRequest, payload: schemas.BillIn, household: Id | None = None):
    """Add a bill and make its occurrences."""
    mine = membership_asked_for(request, household, to_edit=True).household
    fields = payload.dict() | {"currency": payload.currency or mine.currency}
    fields["tracked_from"] = payload.tracked_from or mine.today.replace(day=1)
    bill = filled(Bill(household=mine), fields)
    pk = once(request, lambda: services.save_bill(actor=request.user, bill=bill))
    return Status(201, schemas.show_bill(bill_or_404(request, pk)))


@router.get("/bills/{pk}/", response=give(schemas.BillOut), tags=["bills"])
def get_bill(request: HttpRequest, pk: Id):
    """Give one bill."""
    return schemas.show_bill(bill_or_404(request, pk))


@router.patch("/bills/{pk}/", response=give(schemas.BillOut), tags=["bills"])
def change_bill(request: HttpRequest, pk: Id, payload: schemas.BillPatch):
    """Change a bill; future occurrences that nobody touched follow."""
    bill = filled(bill_or_404(request, pk, to_edit=True), payload.dict(exclude_unset=True))
    return schemas.show_bill(services.save_bill(actor=request.user, bill=bill))


@router.delete("/bills/{pk}/", response=give(None, 204), tags=["bills"])
def delete_bill(request: HttpRequest, pk: Id):
    """Put a bill in the bin for 30 days."""
    services.delete_bill(actor=request.user, bill=bill_or_404(request, pk, to_edit=True))
    return Status(204, None)


def filled(bill: Bill, fields: dict) -> Bill:
    """Set the bill's fields from a payload and check them as the form does; BadInput names the field."""
    if "amount" in fields:
        amount = fields.pop("amount")
        bill.expected_amount = None if amount is None else Decimal(amount)
    if "category" in fields:
        bill.category = category_of(bill, fields.pop("category"))
    for name, value in fields.items():
        setattr(bill, name, value)
    try:
        bill.full_clean(exclude=["household", "category"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(
            messages[0], {"expected_amount": "amount", "__all__": None}.get(field, field)
        ) from None
    return bill


def category_of(bill: Bill, pk: int | None) -> Category | None:
    found = Category.objects.live().filter(household=bill.household_id, pk=pk).first() if pk else None
    if pk and found is None:
        raise BadInput("There is no such category in this household.", "category")
    return found


@router.get("/bills/{pk}/reminders/", response=give(PageOut[schemas.ReminderOut]), tags=["bills"])
def list_reminders(request: HttpRequest, pk: Id, page: PageIn = Page):
    """List what is planned, was sent, failed or was withdrawn for a bill, the latest first."""
    bill = bill_or_404(request, pk)
    return page_of(
        rows_about(bill), page, lambda row: schemas.show_reminder(entry_of(row, bill, request.user))
    )


# --- occurrences -------------------------------------------------------------------------------
def shown(occurrence: Occurrence) -> dict:
    """Give an occurrence, read again, as the household sees it today."""
    fresh = Occurrence.objects.with_paid().select_related("bill__household", "bill__category")
    row = fresh.get(pk=occurrence.pk) if occurrence.pk else occurrence
    household = row.bill.household
    return schemas.show_row(reports.row_of(row, household, household.today))


@router.get("/occurrences/", response=give(PageOut[schemas.OccurrenceOut]), tags=["occurrences"])
def list_occurrences(
    request: HttpRequest,
    start: dt.date = From,
    end: dt.date = To,
    page: PageIn = Page,
    household: Id | None = None,
):
    """List what is due from a day until before another, at most 1,100 days."""
    if not (
        start.year >= FIRST_YEAR and start <= end and end.year <= LAST_YEAR and end - start <= LONGEST_SPAN
    ):
        raise BadInput("Give a span of at most 1,100 days, from before to.", "to")
    mine = membership_asked_for(request, household).household
    today = mine.today
    due = occurrences_due(mine, Span(start, end))
    return page_of(due, page, lambda o: schemas.show_row(reports.row_of(o, mine, today)))


def occurrence_by_id(request: HttpRequest, pk: int, *, to_edit: bool = False) -> Occurrence:
    found = get_object_or_404(Occurrence.objects.visible_to(request.user), pk=pk)
    return occurrence_or_404(request, found.bill_id, found.scheduled_date, to_edit=to_edit)


@router.get("/occurrences/{pk}/", response=give(schemas.OccurrenceOut), tags=["occurrences"])
def get_occurrence(request: HttpRequest, pk: Id):
    """Give one due date that is a row."""
    return shown(occurrence_by_id(request, pk))


@router.patch("/occurrences/{pk}/", response=give(schemas.OccurrenceOut), tags=["occurrences"])
def change_occurrence(request: HttpRequest, pk: Id, payload: schemas.OccurrencePatch):
    """Skip, snooze, note, or set another amount for this time."""
    return changed(request, occurrence_by_id(request, pk, to_edit=True), payload)


@router.get("/bills/{pk}/occurrences/{day}/", response=give(schemas.OccurrenceOut), tags=["occurrences"])
def get_occurrence_on(request: HttpRequest, pk: Id, day: dt.date):
    """Give a bill's due date by its scheduled date, computed where it is no row yet."""
    return shown(occurrence_or_404(request, pk, day))


@router.patch("/bills/{pk}/occurrences/{day}/", response=give(schemas.OccurrenceOut), tags=["occurrences"])
def change_occurrence_on(request: HttpRequest, pk: Id, day: dt.date, payload: schemas.OccurrencePatch):
    """The same by bill and scheduled date."""
    return changed(request, occurrence_or_404(request, pk, day, to_edit=True), payload)


def changed(request: HttpRequest, occurrence: Occurrence, payload: schemas.OccurrencePatch) -> dict:
    fields = payload.dict(exclude_unset=True)
    if "amount" in fields:
        fields["amount"] = None if fields["amount"] is None else Decimal(fields["amount"])
    row = services.change_occurrence(
        actor=request.user, occurrence=occurrence, today=occurrence.bill.household.today, **fields
    )
    return shown(row)


# --- payments ----------------------------------------------------------------------------------
def payments_of(request: HttpRequest):
    return Payment.objects.visible_to(request.user).prefetch_related("splits__occurrence")


def payment_or_404(request: HttpRequest, pk: int, *, to_edit: bool = False) -> Payment:
    found = get_object_or_404(payments_of(request), pk=pk)
    if to_edit:
        require_editor(membership_for(request.user, found.household_id))
    return found


@router.get("/payments/", response=give(PageOut[schemas.PaymentOut]), tags=["payments"])
def list_payments(
    request: HttpRequest,
    page: PageIn = Page,
    household: Id | None = None,
    bill: Id | None = None,
    occurrence: Id | None = None,
):
    """List a household's live payments, the latest first."""
    mine = membership_asked_for(request, household).household
    payments = payments_of(request).live().filter(household=mine)
    if bill:
        payments = payments.filter(splits__occurrence__bill__in=[bill]).distinct()
    if occurrence:
        payments = payments.filter(splits__occurrence__in=[occurrence]).distinct()
    return page_of(payments, page, schemas.show_payment)


@router.post("/payments/", response=give(schemas.PaymentOut, 201), tags=["payments"])
def create_payment(request: HttpRequest, payload: schemas.PaymentIn, household: Id | None = None):
    """Record one payment that settles one or more due dates."""
    mine = membership_asked_for(request, household, to_edit=True).household
    splits = [(split_target(request, part), Decimal(part.amount)) for part in payload.splits]
    pk = once(
        request,
        lambda: services.record_payment(
            actor=request.user, household=mine, splits=splits, currency=payload.currency,
            paid_on=payload.paid_on, method=payload.method, note=payload.note,
        ),
    )  # fmt: skip
    return Status(201, schemas.show_payment(payment_or_404(request, pk)))


def split_target(request: HttpRequest, part: schemas.SplitIn) -> Occurrence:
    """Return the due date a split names, by id or by bill and scheduled date."""
    try:
        if part.occurrence:
            return occurrence_by_id(request, part.occurrence)
        if part.bill and part.scheduled_date:
            return occurrence_or_404(request, part.bill, part.scheduled_date)
    except Http404:
        raise BadInput("There is no such due date in this household.", "splits") from None
    raise BadInput("Name the due date by occurrence, or by bill and scheduled_date.", "splits")


@router.get("/payments/{pk}/", response=give(schemas.PaymentOut), tags=["payments"])
def get_payment(request: HttpRequest, pk: Id):
    """Give one payment, undone or not."""
    return schemas.show_payment(payment_or_404(request, pk))


@router.delete("/payments/{pk}/", response=give(None, 204), tags=["payments"])
def delete_payment(request: HttpRequest, pk: Id):
    """Undo a payment; its due dates are as they were before."""
    services.delete_payments(actor=request.user, payments=[payment_or_404(request, pk, to_edit=True)])
    return Status(204, None)


@router.post("/payments/{pk}/restore/", response=give(schemas.PaymentOut), tags=["payments"])
def restore_payment(request: HttpRequest, pk: Id):
    """Bring an undone payment back exactly."""
    services.restore_payments(actor=request.user, payments=[payment_or_404(request, pk, to_edit=True)])
    return schemas.show_payment(payment_or_404(request, pk))
