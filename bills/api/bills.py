"""Bills, and what was told about them."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from ninja import Query, Router, Status

from bills import services
from bills.access import bill_or_404
from bills.api.schemas import bills as schemas
from bills.api.schemas.reminders import ReminderOut, show_reminder
from bills.models import Bill, Category
from bills.reminders.log import entry_of, rows_about
from bills.reports.schedule_edits import preview_schedule_edit
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
Page = Query(...)
# Numbers travel as text; one field has a shorter name than in the model.
NUMBERS = {"amount", "debt_balance", "debt_apr", "debt_minimum_payment"}
MODEL_NAMES = {"amount": "expected_amount"}
API_NAMES = {"expected_amount": "amount", "__all__": None}


@router.get("/bills/", response=give(PageOut[schemas.BillOut]))
def list_bills(
    request: HouseholdRequest, page: PageIn = Page, household: Id | None = None, is_active: bool | None = None
):
    """List a household's bills by name."""
    mine = membership_asked_for(request, household).household
    bills = mine.bills.live().select_related("category")
    if is_active is not None:
        bills = bills.filter(is_active=is_active)
    return page_of(bills, page, schemas.show_bill)


@router.post("/bills/", response=give(schemas.BillOut, 201))
def create_bill(request: HouseholdRequest, payload: schemas.BillIn, household: Id | None = None):
    """Add a bill and make its occurrences."""
    mine = membership_asked_for(request, household, to_edit=True).household
    fields = payload.dict() | {"currency": payload.currency or mine.currency}
    fields["tracked_from"] = payload.tracked_from or mine.today.replace(day=1)
    bill = _fill_bill(Bill(household=mine), fields)
    pk = once(request, lambda: services.save_bill(actor=request.user, bill=bill))
    return Status(201, schemas.show_bill(bill_or_404(request, pk)))


@router.get("/bills/{pk}/", response=give(schemas.BillOut))
def get_bill(request: HouseholdRequest, pk: Id):
    """Give one bill."""
    return schemas.show_bill(bill_or_404(request, pk))


@router.patch("/bills/{pk}/", response=give(schemas.BillOut))
def change_bill(request: HouseholdRequest, pk: Id, payload: schemas.BillPatch, past: schemas.Past = "keep"):
    """Change a bill; due dates from today on that nobody touched follow, unpaid earlier ones by ``past``."""
    bill = _fill_bill(bill_or_404(request, pk, to_edit=True), payload.dict(exclude_unset=True))
    return schemas.show_bill(services.save_bill(actor=request.user, bill=bill, past=past))


@router.post("/bills/{pk}/preview/", response=give(schemas.SchedulePreviewOut))
def preview_change(request: HouseholdRequest, pk: Id, payload: schemas.BillPatch):
    """Say which due dates a change would remove, add and leave, for each answer about the past."""
    bill = _fill_bill(bill_or_404(request, pk, to_edit=True), payload.dict(exclude_unset=True))
    return schemas.show_preview(preview_schedule_edit(bill, bill.household.today))


@router.delete("/bills/{pk}/", response=give(None, 204))
def delete_bill(request: HouseholdRequest, pk: Id):
    """Put a bill in the bin for 30 days."""
    services.delete_bill(actor=request.user, bill=bill_or_404(request, pk, to_edit=True))
    return Status(204, None)


def _fill_bill(bill: Bill, fields: dict) -> Bill:
    """Set the bill's fields from a payload and check them as the form does; BadInput names the field."""
    if "category" in fields:
        bill.category = _category_of(bill, fields.pop("category"))
    for name, value in fields.items():
        is_number = name in NUMBERS and value is not None
        setattr(bill, MODEL_NAMES.get(name, name), Decimal(value) if is_number else value)
    try:
        bill.full_clean(exclude=["household", "category"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(messages[0], API_NAMES.get(field, field)) from None
    return bill


def _category_of(bill: Bill, pk: int | None) -> Category | None:
    found = bill.household.categories.live().filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise BadInput("There is no such category in this household.", "category")
    return found


@router.get("/bills/{pk}/reminders/", response=give(PageOut[ReminderOut]))
def list_reminders(request: HouseholdRequest, pk: Id, page: PageIn = Page):
    """List what is planned, was sent, failed or was withdrawn for a bill, the latest first."""
    bill = bill_or_404(request, pk)
    return page_of(rows_about(bill), page, lambda row: show_reminder(entry_of(row, bill, request.user)))
