"""Payments, each with the due dates that it settles."""

from decimal import Decimal

from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from bills import services
from bills.access import occurrence_or_404
from bills.api.occurrences import occurrence_by_id
from bills.api.schemas import payments as schemas
from bills.models import Occurrence, Payment
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.households import membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
Page = Query(...)


def _payments_of(request: HouseholdRequest):
    return Payment.objects.visible_to(request.user).prefetch_related("splits__occurrence")


def _payment_or_404(request: HouseholdRequest, pk: int, *, to_edit: bool = False) -> Payment:
    found = get_object_or_404(_payments_of(request), pk=pk)
    if to_edit:
        require_editor(membership_for(request.user, found.household_id))
    return found


@router.get("/payments/", response=give(PageOut[schemas.PaymentOut]))
def list_payments(
    request: HouseholdRequest,
    page: PageIn = Page,
    household: Id | None = None,
    bill: Id | None = None,
    occurrence: Id | None = None,
):
    """List a household's live payments, the latest first."""
    mine = membership_asked_for(request, household).household
    payments = _payments_of(request).live().filter(household=mine)
    if bill:
        payments = payments.filter(splits__occurrence__bill__in=[bill]).distinct()
    if occurrence:
        payments = payments.filter(splits__occurrence__in=[occurrence]).distinct()
    return page_of(payments, page, schemas.show_payment)


@router.post("/payments/", response=give(schemas.PaymentOut, 201))
def create_payment(request: HouseholdRequest, payload: schemas.PaymentIn, household: Id | None = None):
    """Record one payment that settles one or more due dates."""
    mine = membership_asked_for(request, household, to_edit=True).household
    splits = [(_split_target(request, part), Decimal(part.amount)) for part in payload.splits]
    pk = once(
        request,
        lambda: services.record_payment(
            actor=request.user,
            household=mine,
            splits=splits,
            currency=payload.currency,
            paid_on=payload.paid_on,
            method=payload.method,
            note=payload.note,
        ),
    )
    return Status(201, schemas.show_payment(_payment_or_404(request, pk)))


def _split_target(request: HouseholdRequest, part: schemas.SplitIn) -> Occurrence:
    """Return the due date a split names, by id or by bill and scheduled date."""
    try:
        if part.occurrence:
            return occurrence_by_id(request, part.occurrence)
        if part.bill and part.scheduled_date:
            return occurrence_or_404(request, part.bill, part.scheduled_date)
    except Http404:
        raise BadInput("There is no such due date in this household.", "splits") from None
    raise BadInput("Name the due date by occurrence, or by bill and scheduled_date.", "splits")


@router.get("/payments/{pk}/", response=give(schemas.PaymentOut))
def get_payment(request: HouseholdRequest, pk: Id):
    """Give one payment, undone or not."""
    return schemas.show_payment(_payment_or_404(request, pk))


@router.delete("/payments/{pk}/", response=give(None, 204))
def delete_payment(request: HouseholdRequest, pk: Id):
    """Undo a payment; its due dates are as they were before."""
    services.delete_payments(actor=request.user, payments=[_payment_or_404(request, pk, to_edit=True)])
    return Status(204, None)


@router.post("/payments/{pk}/restore/", response=give(schemas.PaymentOut))
def restore_payment(request: HouseholdRequest, pk: Id):
    """Bring an undone payment back exactly."""
    services.restore_payments(actor=request.user, payments=[_payment_or_404(request, pk, to_edit=True)])
    return schemas.show_payment(_payment_or_404(request, pk))
