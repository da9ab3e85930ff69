"""JSON API: engagements and their fees."""

from decimal import Decimal

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import READERS, Page, fill_row, may
from billing.api.schemas import engagements as schemas
from billing.models import Client, Engagement, FeeStep
from billing.rules.policy import Permission
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
EDITORS = may(Permission.EDIT_CLIENTS)
Out = schemas.EngagementOut


def engagements():
    return Engagement.objects.select_related("client").prefetch_related("fee_steps")


def _engagement_or_404(pk: int) -> Engagement:
    return get_object_or_404(engagements(), pk=pk)


def _show_engagement(pk: int) -> dict:
    """Give an engagement, read again."""
    return schemas.show_engagement(_engagement_or_404(pk))


@router.get("/engagements/", response=give(PageOut[Out]), auth=READERS)
def list_engagements(
    request: OfficeRequest,
    page: PageIn = Page,
    client: Id | None = None,
    kind: schemas.EngagementKind | None = None,
    status: schemas.EngagementStatus | None = None,
):
    """List engagements by client and first day."""
    asked = {"client": client, "kind": kind, "status": status}
    narrowed = {name: value for name, value in asked.items() if value is not None}
    found = engagements().filter(**narrowed).order_by("client__name_key", "starts_on", "pk")
    return page_of(found, page, schemas.show_engagement)


@router.post("/engagements/", response=give(Out, 201), auth=EDITORS)
def create_engagement(request: OfficeRequest, payload: schemas.EngagementIn):
    """Add an engagement with its first fee."""
    fields = payload.dict(exclude={"client", "fee"})
    client = Client.objects.filter(pk=payload.client).first()
    if client is None:
        raise BadInput("There is no such client.", "client")
    if payload.fee is None and payload.kind == "retainer":
        raise BadInput("A retainer has a fee.", "fee")
    fee = None if payload.fee is None else Decimal(payload.fee)

    def make() -> Engagement:
        row = fill_row(Engagement(client=client), fields)
        return services.save_engagement(actor=request.user, engagement=row, fee=fee)

    return Status(201, _show_engagement(once(request, make)))


@router.get("/engagements/{pk}/", response=give(Out), auth=READERS)
def get_engagement(request: OfficeRequest, pk: Id):
    """Give one engagement with its fees."""
    return _show_engagement(pk)


@router.patch("/engagements/{pk}/", response=give(Out), auth=EDITORS)
def change_engagement(request: OfficeRequest, pk: Id, payload: schemas.EngagementPatch):
    """Change an engagement; its kind and first day are fixed once a statement stands on it."""
    fields = payload.dict(exclude_unset=True)
    if any(fields.get(name, "") is None for name in ("title", "starts_on")):
        raise BadInput("An engagement has a title and a first day.", "title")
    row = fill_row(_engagement_or_404(pk), fields)
    services.save_engagement(actor=request.user, engagement=row)
    return _show_engagement(pk)


@router.post("/engagements/{pk}/suspend/", response=give(Out), auth=EDITORS)
def suspend_engagement(request: OfficeRequest, pk: Id):
    """Bill nothing until it is resumed."""
    found = _engagement_or_404(pk)
    return _show_engagement(
        once(request, lambda: services.suspend_engagement(actor=request.user, engagement=found))
    )


@router.post("/engagements/{pk}/resume/", response=give(Out), auth=EDITORS)
def resume_engagement(request: OfficeRequest, pk: Id):
    """Bill it again."""
    found = _engagement_or_404(pk)
    return _show_engagement(
        once(request, lambda: services.resume_engagement(actor=request.user, engagement=found))
    )


@router.post("/engagements/{pk}/end/", response=give(Out), auth=EDITORS)
def end_engagement(request: OfficeRequest, pk: Id, payload: schemas.EngagementEnd):
    """Give it its last day."""
    found = _engagement_or_404(pk)
    facts = payload.dict()
    return _show_engagement(
        once(request, lambda: services.end_engagement(actor=request.user, engagement=found, **facts))
    )


# --- fees --------------------------------------------------------------------------------------
@router.post("/engagements/{pk}/fees/", response=give(Out, 201), auth=EDITORS)
def add_fee(request: OfficeRequest, pk: Id, payload: schemas.FeeIn):
    """Let a fee count from a day on; one of the same day that was not billed is replaced."""
    found, amount = _engagement_or_404(pk), Decimal(payload.amount)
    once(
        request,
        lambda: services.add_fee_step(
            actor=request.user, engagement=found, starts_on=payload.starts_on, amount=amount
        ),
    )
    return Status(201, _show_engagement(pk))


@router.delete("/engagements/{pk}/fees/{fee}/", response=give(None, 204), auth=EDITORS)
def remove_fee(request: OfficeRequest, pk: Id, fee: Id):
    """Take back a fee that no period was billed for; the first one stays."""
    rows = FeeStep.objects.select_related("engagement__client")
    services.remove_fee_step(actor=request.user, step=get_object_or_404(rows, pk=fee, engagement=pk))
    return Status(204, None)
