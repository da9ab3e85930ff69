"""Clients and the office: what a change of theirs must not break."""

from django.db import transaction

from billing.models import Client, FeeStep, OfficeProfile
from billing.rules import policy
from billing.services.reference_data import save_row
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.money import MoneyError, exact


@transaction.atomic
def save_client(*, actor, client: Client) -> Client:
    """Make or change a client. Its currency is fixed from its first statement on."""
    policy.require(actor, policy.Permission.EDIT_CLIENTS)
    if client.pk:
        # First the chain, then the row: the order in which a payer group takes its clients.
        audit.lock_chain(audit.OFFICE)
        stored = Client.objects.select_for_update().get(pk=client.pk)
        if stored.currency != client.currency:
            _refuse_other_currency(stored, client.currency)
        # It is changed on its own page, perhaps since this client was read.
        client.payer_group = stored.payer_group
    save_row(actor=actor, row=client)
    return client


def _refuse_other_currency(client: Client, currency: str) -> None:
    """Refuse another currency where statements or fees would mean something else in it."""
    if client.statements.exists():
        raise DomainError(
            f"{client} has statements in {client.currency}; its currency stays.", field="currency"
        )
    try:
        for step in FeeStep.objects.filter(engagement__client=client):
            exact(step.amount, currency)
    except MoneyError as error:
        raise DomainError(f"A fee of this client does not fit: {error}", field="currency") from None


def save_office(*, actor, office: OfficeProfile) -> OfficeProfile:
    """Change who the office is; documents already issued stay as they are."""
    save_row(actor=actor, row=office, act=policy.Permission.ADMINISTER)
    return office
