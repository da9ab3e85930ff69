"""JSON API: payments: recorded, posted, applied, verified, void, refunded."""

from decimal import Decimal

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import READERS, Page, fill_row, may
from billing.api.schemas import payments as schemas
from billing.models import Allocation, Client, Payment, Refund, Statement
from billing.reports.office import office_today
from billing.rules.policy import Permission
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
RECORDERS, VERIFIERS = may(Permission.RECORD_PAYMENTS), may(Permission.VERIFY_PAYMENTS)
Out = schemas.OfficePaymentOut


def payments():
    """Return payments with everything that each of them shows."""
    people = ("client", "recorded_by", "posted_by", "verified_by")
    rows = (
        Payment.objects.all()
        .with_credit(office_today())
        .with_available()
        .with_largest()
        .select_related(*people)
    )
    return rows.prefetch_related("allocations__statement", "refunds", "proofs")


def _payment_or_404(pk: int) -> Payment:
    return get_object_or_404(Payment.objects.select_related("client"), pk=pk)


def _show_payment(pk: int) -> dict:
    """Give a payment, read again."""
    return schemas.show_payment(get_object_or_404(payments(), pk=pk))


@router.get("/payments/", response=give(PageOut[Out]), auth=READERS)
def list_payments(
    request: OfficeRequest,
    page: PageIn = Page,
    client: Id | None = None,
    state: schemas.PaymentState | None = None,
    method: schemas.Method | None = None,
):
    """List payments, the latest first."""
    asked = {"client": client, "state": state, "method": method}
    narrowed = {name: value for name, value in asked.items() if value is not None}
    return page_of(payments().filter(**narrowed), page, schemas.show_payment)


@router.post("/payments/", response=give(Out, 201), auth=RECORDERS)
def create_payment(request: OfficeRequest, payload: schemas.OfficePaymentIn):
    """Record a payment as a draft; nothing counts until it is posted."""
    client = Client.objects.filter(pk=payload.client).first()
    if client is None:
        raise BadInput("There is no such client.", "client")
    fields = payload.dict(exclude={"client"})

    def make() -> Payment:
        row = _fill_payment(Payment(client=client, currency=client.currency), fields, request)
        return services.save_payment(actor=request.user, payment=row)

    return Status(201, _show_payment(once(request, make)))


@router.get("/payments/{pk}/", response=give(Out), auth=READERS)
def get_payment(request: OfficeRequest, pk: Id):
    """Give one payment with what it was applied to."""
    return _show_payment(pk)


@router.patch("/payments/{pk}/", response=give(Out), auth=RECORDERS)
def change_payment(request: OfficeRequest, pk: Id, payload: schemas.OfficePaymentPatch):
    """Change a draft."""
    row = _fill_payment(_payment_or_404(pk), payload.dict(exclude_unset=True), request)
    services.save_payment(actor=request.user, payment=row)
    return _show_payment(pk)


@router.delete("/payments/{pk}/", response=give(None, 204), auth=RECORDERS)
def delete_payment(request: OfficeRequest, pk: Id):
    """Delete a draft that was never posted."""
    services.delete_payment(actor=request.user, payment=_payment_or_404(pk))
    return Status(204, None)


@router.post("/payments/{pk}/post/", response=give(Out), auth=RECORDERS)
def post_payment(request: OfficeRequest, pk: Id):
    """Let a draft count from its day on; it needs its manual number."""
    row = _payment_or_404(pk)
    return _show_payment(once(request, lambda: services.post_payment(actor=request.user, payment=row)))


@router.post("/payments/{pk}/allocate/", response=give(Out), auth=RECORDERS)
def allocate_payment(request: OfficeRequest, pk: Id, payload: schemas.AllocateIn):
    """Apply the payment to statements, all parts or none."""
    row, parts = _payment_or_404(pk), _parts_of(payload)

    def make() -> Payment:
        services.allocate_payments(
            actor=request.user, payment=row, parts=parts, effective_on=payload.effective_on
        )
        return row

    return _show_payment(once(request, make))


def _parts_of(payload: schemas.AllocateIn) -> list[tuple[Statement, Decimal]]:
    """Return each statement with its amount. One query."""
    found = Statement.objects.in_bulk([part.statement for part in payload.parts])
    if any(part.statement not in found for part in payload.parts):
        raise BadInput("There is no such statement.", "parts")
    return [(found[part.statement], Decimal(part.amount)) for part in payload.parts]


@router.post("/payments/{pk}/unapply/", response=give(Out), auth=RECORDERS)
def unapply_allocation(request: OfficeRequest, pk: Id, payload: schemas.UnapplyIn):
    """Take one applied amount off its statement by a dated reversal."""
    payment, rows = _payment_or_404(pk), Allocation.objects.select_related("payment", "statement")
    row = rows.filter(payment=payment, pk=payload.allocation).first()
    if row is None:
        raise BadInput("There is no such allocation of this payment.", "allocation")

    def make() -> Payment:
        services.unapply_allocation(
            actor=request.user, allocation=row, reason=payload.reason, effective_on=payload.effective_on
        )
        return payment

    return _show_payment(once(request, make))


@router.post("/payments/{pk}/verify/", response=give(Out), auth=VERIFIERS)
def verify_payment(request: OfficeRequest, pk: Id):
    """Prove a posted payment; who recorded or posted it cannot."""
    row = _payment_or_404(pk)
    return _show_payment(once(request, lambda: services.verify_payment(actor=request.user, payment=row)))


@router.post("/payments/{pk}/void/", response=give(Out), auth=VERIFIERS)
def void_payment(request: OfficeRequest, pk: Id, payload: schemas.VoidPaymentIn):
    """Take a payment back for good; what was applied of it is reversed."""
    row, act = _payment_or_404(pk), services.void_payment
    return _show_payment(once(request, lambda: act(actor=request.user, payment=row, **payload.dict())))


# --- refunds -----------------------------------------------------------------------------------
@router.post("/payments/{pk}/refunds/", response=give(Out, 201), auth=VERIFIERS)
def refund_credit(request: OfficeRequest, pk: Id, payload: schemas.RefundIn):
    """Record that credit of the payment went back to the client."""
    row = _payment_or_404(pk)
    fields = payload.dict() | {"amount": Decimal(payload.amount)}

    def make() -> Payment:
        services.refund_credit(actor=request.user, payment=row, **fields)
        return row

    return Status(201, _show_payment(once(request, make)))


@router.post("/payments/{pk}/refunds/{refund}/void/", response=give(Out), auth=VERIFIERS)
def void_refund(request: OfficeRequest, pk: Id, refund: Id, payload: schemas.VoidRefundIn):
    """Take a refund back that did not happen."""
    payment = _payment_or_404(pk)
    row = get_object_or_404(Refund.objects.select_related("payment"), pk=refund, payment=payment)

    def make() -> Payment:
        services.void_refund(actor=request.user, refund=row, **payload.dict())
        return payment

    return _show_payment(once(request, make))


def _fill_payment(payment: Payment, sent: dict, request: OfficeRequest) -> Payment:
    """Fill a draft from what was sent; a new one belongs to who records it."""
    fields = {name: value for name, value in sent.items() if value is not None}
    if "amount" in fields:
        fields["amount"] = Decimal(fields["amount"])
    if payment.pk is None:
        fields |= {"recorded_by": request.user, "recorded_at": timezone.now()}
    return fill_row(payment, fields)
