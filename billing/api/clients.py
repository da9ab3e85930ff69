"""JSON API: clients and their contacts."""

from typing import Literal

from django.shortcuts import get_object_or_404
from ninja import Router, Status

from billing import services
from billing.access import OfficeRequest
from billing.api.access import READERS, Page, fill_row, may
from billing.api.schemas import clients as schemas
from billing.models import Client, Contact
from billing.reports.clients import ClientFilters, clients_shown
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.text import comparison_key
from billtracker.core.web.api import BadInput, Id, PageIn, PageOut, Word, give, once, page_of

router = Router()
EDITORS = may(Permission.EDIT_CLIENTS)


@router.get("/clients/", response=give(PageOut[schemas.ClientOut]), auth=READERS)
def list_clients(
    request: OfficeRequest,
    page: PageIn = Page,
    q: Word = "",
    group: Word = "",
    show: Literal["active", "inactive", "all"] = "active",
):
    """List clients by name; ``q`` looks in names, tax numbers and e-mail addresses."""
    clients = clients_shown(ClientFilters(q.strip(), group, show)).select_related("payer_group")
    return page_of(clients, page, schemas.show_client)


@router.post("/clients/", response=give(schemas.ClientOut, 201), auth=EDITORS)
def create_client(request: OfficeRequest, payload: schemas.ClientIn):
    """Add a client."""
    fields = payload.dict() | {"currency": payload.currency or office_profile().currency}

    def make() -> Client:
        return services.save_client(actor=request.user, client=_fill_client(Client(), fields))

    return Status(201, schemas.show_client(Client.objects.get(pk=once(request, make))))


@router.get("/clients/{pk}/", response=give(schemas.ClientOut), auth=READERS)
def get_client(request: OfficeRequest, pk: Id):
    """Give one client."""
    return schemas.show_client(get_object_or_404(Client, pk=pk))


@router.patch("/clients/{pk}/", response=give(schemas.ClientOut), auth=EDITORS)
def change_client(request: OfficeRequest, pk: Id, payload: schemas.ClientPatch):
    """Change a client; documents already issued stay as they are."""
    fields = {
        name: value
        for name, value in payload.dict(exclude_unset=True).items()
        if not (value is None and name in ("name", "currency"))
    }
    client = _fill_client(get_object_or_404(Client, pk=pk), fields)
    return schemas.show_client(services.save_client(actor=request.user, client=client))


def _fill_client(client: Client, fields: dict) -> Client:
    """Fill the client; its name is like no other one's, however it is spaced and capitalised."""
    if "name" in fields:
        fields["name"] = " ".join(fields["name"].split())
        client.name_key = comparison_key(fields["name"])
        if other := Client.objects.named(fields["name"]).exclude(pk=client.pk).first():
            raise BadInput(f"There is a client of this name: {other.name}.", "name")
    return fill_row(client, fields)


# --- contacts ----------------------------------------------------------------------------------
@router.get("/clients/{pk}/contacts/", response=give(PageOut[schemas.ContactOut]), auth=READERS)
def list_contacts(request: OfficeRequest, pk: Id, page: PageIn = Page):
    """List the people at a client by name."""
    client = get_object_or_404(Client, pk=pk)
    return page_of(client.contacts.select_related("client"), page, schemas.show_contact)


@router.post("/clients/{pk}/contacts/", response=give(schemas.ContactOut, 201), auth=EDITORS)
def create_contact(request: OfficeRequest, pk: Id, payload: schemas.ContactIn):
    """Add a person at a client."""
    client = get_object_or_404(Client, pk=pk)

    def make():
        return services.save_row(actor=request.user, row=_reachable(Contact(client=client), payload.dict()))

    return Status(201, schemas.show_contact(_contact_or_404(once(request, make))))


@router.get("/contacts/{pk}/", response=give(schemas.ContactOut), auth=READERS)
def get_contact(request: OfficeRequest, pk: Id):
    """Give one contact."""
    return schemas.show_contact(_contact_or_404(pk))


@router.patch("/contacts/{pk}/", response=give(schemas.ContactOut), auth=EDITORS)
def change_contact(request: OfficeRequest, pk: Id, payload: schemas.ContactPatch):
    """Change a contact."""
    fields = payload.dict(exclude_unset=True)
    if fields.get("name", "") is None:
        del fields["name"]
    services.save_row(actor=request.user, row=_reachable(_contact_or_404(pk), fields))
    return schemas.show_contact(_contact_or_404(pk))


@router.delete("/contacts/{pk}/", response=give(None, 204), auth=EDITORS)
def delete_contact(request: OfficeRequest, pk: Id):
    """Remove a contact; documents already issued still name it."""
    services.remove_row(actor=request.user, row=_contact_or_404(pk))
    return Status(204, None)


def _contact_or_404(pk: int) -> Contact:
    return get_object_or_404(Contact.objects.select_related("client"), pk=pk)


def _reachable(contact: Contact, fields: dict) -> Contact:
    """Fill the contact; who gets documents has an e-mail address."""
    email = fields.get("email", contact.email)
    if fields.get("is_billing_recipient", contact.is_billing_recipient) and not email:
        raise BadInput("Who gets documents needs an e-mail address.", "email")
    return fill_row(contact, fields)
