"""The shapes of clients and their contacts in the API."""

import datetime as dt
from typing import Annotated

from ninja import Field, Schema
from pydantic import AfterValidator, StringConstraints

from billing.models import Client, Contact, PayerGroup
from billtracker.core.web.api import Id, InSchema, without_nul

Name = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(without_nul)]
Code = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
MOST_WORDS = 30
MOST_MEMBERS = 500


class ClientRef(Schema):
    """Which client, and its name of now."""

    id: int
    name: str


class ClientIn(InSchema):
    """A client to add; what is left out takes the default."""

    name: str = Field(min_length=1, max_length=160)
    tax_number: str = Field("", max_length=60)
    address: str = Field("", max_length=600)
    group: str = Field("", max_length=80, description="A label to filter by.")
    tags: list[Name] = Field([], max_length=MOST_WORDS)
    aliases: list[Name] = Field([], max_length=MOST_WORDS, description="Other names it pays under.")
    terms_days: int | None = Field(None, ge=0, le=365, description="Null: the office's own.")
    currency: Code | None = Field(None, description="The office's, if left out.")
    header_note: str = Field("", max_length=200, description="Printed on its documents.")
    is_active: bool = True


class ClientPatch(ClientIn):
    """Fields of a client to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=160)  # type: ignore[assignment]  # a patch may leave it out


class PayerGroupRef(Schema):
    """Which payer group, and its name."""

    id: int
    name: str


class ClientOut(Schema):
    id: int
    name: str
    tax_number: str
    address: str
    group: str
    payer_group: PayerGroupRef | None = Field(
        description="Clients of one payer group may pay for each other."
    )
    tags: list[str]
    aliases: list[str]
    terms_days: int | None
    currency: str
    header_note: str
    is_active: bool
    created_at: dt.datetime


class PayerGroupIn(InSchema):
    """A payer group to make; its clients by their ids."""

    name: str = Field(min_length=1, max_length=80)
    members: list[Id] = Field([], max_length=MOST_MEMBERS, description="Ids of clients of no other group.")


class PayerGroupPatch(InSchema):
    """What of a payer group to change; what is left out stays, ``members`` replaces all of them."""

    name: str | None = Field(None, min_length=1, max_length=80)
    members: list[Id] | None = Field(None, max_length=MOST_MEMBERS)


class PayerGroupOut(Schema):
    id: int
    name: str
    members: list[ClientRef]
    created_at: dt.datetime


class ContactIn(InSchema):
    """A person at a client; a billing recipient has an e-mail address."""

    name: str = Field(min_length=1, max_length=120)
    role: str = Field("", max_length=80)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=60)
    is_billing_recipient: bool = Field(False, description="Gets the client's documents.")


class ContactPatch(ContactIn):
    """Fields of a contact to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=120)  # type: ignore[assignment]  # a patch may leave it out


class ContactOut(Schema):
    id: int
    client: ClientRef
    name: str
    role: str
    email: str
    phone: str
    is_billing_recipient: bool


def show_ref(client: Client) -> dict:
    return {"id": client.pk, "name": client.name}


def show_client(client: Client) -> dict:
    return {name: getattr(client, name) for name in ClientOut.model_fields}


def show_payer_group(group: PayerGroup) -> dict:
    """Give a payer group with its clients."""
    fields = {name: getattr(group, name) for name in ("name", "created_at")}
    return fields | {"id": group.pk, "members": [show_ref(client) for client in group.members.all()]}


def show_contact(contact: Contact) -> dict:
    """Give a contact whose client is at hand."""
    fields = {name: getattr(contact, name) for name in ContactOut.model_fields}
    return fields | {"client": show_ref(contact.client)}
