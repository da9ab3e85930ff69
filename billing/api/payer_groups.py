"""JSON API: payer groups, whose clients may pay for each other."""

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import READERS, Page, may
from billing.api.schemas import clients as schemas
from billing.models import Client, PayerGroup
from billing.rules.policy import Permission
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, give, once, page_of

router = Router()
EDITORS = may(Permission.EDIT_CLIENTS)


@router.get("/payer-groups/", response=give(PageOut[schemas.PayerGroupOut]), auth=READERS)
def list_payer_groups(request: OfficeRequest, page: PageIn = Page):
    """List payer groups by name, each with its clients."""
    return page_of(PayerGroup.objects.prefetch_related("members"), page, schemas.show_payer_group)


@router.post("/payer-groups/", response=give(schemas.PayerGroupOut, 201), auth=EDITORS)
def create_payer_group(request: OfficeRequest, payload: schemas.PayerGroupIn):
    """Make a payer group of clients that are in no other one."""

    def make() -> PayerGroup:
        members = _clients_of(payload.members)
        return services.save_payer_group(actor=request.user, name=payload.name, members=members)

    return Status(201, schemas.show_payer_group(PayerGroup.objects.get(pk=once(request, make))))


@router.get("/payer-groups/{pk}/", response=give(schemas.PayerGroupOut), auth=READERS)
def get_payer_group(request: OfficeRequest, pk: Id):
    """Give one payer group."""
    return schemas.show_payer_group(get_object_or_404(PayerGroup, pk=pk))


@router.patch("/payer-groups/{pk}/", response=give(schemas.PayerGroupOut), auth=EDITORS)
def change_payer_group(request: OfficeRequest, pk: Id, payload: schemas.PayerGroupPatch):
    """Change a payer group; what is applied already stays applied."""
    group = get_object_or_404(PayerGroup, pk=pk)
    members = None if payload.members is None else _clients_of(payload.members)
    return schemas.show_payer_group(
        services.save_payer_group(actor=request.user, name=payload.name, members=members, group=group)
    )


@router.delete("/payer-groups/{pk}/", response=give(None, 204), auth=EDITORS)
def delete_payer_group(request: OfficeRequest, pk: Id):
    """Delete a payer group; its clients stay, and so does what they paid for each other."""
    services.delete_payer_group(actor=request.user, group=get_object_or_404(PayerGroup, pk=pk))
    return Status(204, None)


def _clients_of(ids: list[int]) -> list[Client]:
    """Return the clients of these ids; BadInput when one is nobody's."""
    found = Client.objects.in_bulk(ids)
    if missing := next((pk for pk in ids if pk not in found), None):
        raise BadInput(f"There is no client {missing}.", "members")
    return list(found.values())
