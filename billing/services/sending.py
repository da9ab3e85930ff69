"""Documents sent by mail: the stored bytes, through the outbox, to each recipient by itself."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from billing.documents.kinds import Source, kind_of
from billing.models import Client, Document
from billing.rules import policy
from billing.services.documents import read_document
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from notifications import services as post_office
from notifications.models import Message
from notifications.reports import is_mail_configured

KIND = "document"
MOST = 20


@transaction.atomic
def send_document(*, actor, source: Source, addresses: Iterable[str] = ()) -> list[Message]:
    """Post the stored PDF of a statement or credit note to each address, or to the billing recipients.

    A void statement goes out as its stamped copy. The bytes are those that were stored, now and at
    every later sending. Raises DomainError, and posts nothing, while there is no PDF or no mail
    server, without recipients, and to an address where it is on its way already.
    """
    policy.require(actor, policy.Permission.DRAFT)
    if not is_mail_configured():
        raise DomainError("No mail server is set up yet; an administrator does that. Nothing was sent.")
    document = _document_to_send(source)
    read_document(document)
    chosen = _unique(addresses) or _billing_addresses(kind_of(source).client_of(source))
    _require_recipients(chosen, about(document))
    subject, text = _words_of(source)
    file = post_office.StoredAttachment(
        f"{source}.pdf".replace("/", "-"), document.path, "application/pdf", document.sha256, document.size
    )
    messages = [
        post_office.post(
            kind=KIND, subject=subject, text=text, address=address, about=about(document), files=[file]
        )
        for address in chosen
    ]
    changes = {"recipients": [None, chosen], "sha256": [None, document.sha256]}
    audit.record(actor, f"{kind_of(source).noun}.mail_requested", source, changes)
    return messages


def _document_to_send(source: Source) -> Document:
    """Return the PDF that is sent, its row held for the transaction; DomainError while there is none."""
    kind = kind_of(source).latest_copy(source)
    # In no order: the usual one joins the statement, whose row is not to be held.
    found = source.documents.order_by("pk").select_for_update(of=("self",)).filter(kind=kind).first()
    if found is None:
        raise DomainError(
            f"There is no PDF of {source} yet. Nothing was sent; try again once it is made.",
            code="no_document_yet",
        )
    return found


def about(document: Document) -> str:
    """Return the name under which the outbox keeps what is sent of a document."""
    return f"billing.document:{document.pk}"


def _unique(addresses: Iterable[str]) -> list[str]:
    """Return the addresses without spaces around them, each once however it is capitalised."""
    return list({text.casefold(): text for one in addresses if (text := one.strip())}.values())


def _billing_addresses(client: Client) -> list[str]:
    """Return the client's billing recipients as they are now."""
    return _unique(client.contacts.billing_recipients().values_list("email", flat=True))


def _require_recipients(addresses: Sequence[str], subject: str) -> None:
    if not addresses:
        raise DomainError(
            "Nobody at the client gets documents: add a billing recipient, or write an address.",
            field="others",
        )
    if len(addresses) > MOST:
        raise DomainError(f"At most {MOST} recipients at once. Nothing was sent.", field="others")
    on_its_way = (*Message.OPEN, Message.State.SENDING)
    waiting = (
        Message.objects.about(subject)
        .filter(state__in=on_its_way)
        .exclude(state=Message.State.FAILED, next_try_at=None)
    )
    there = {address.casefold() for address in waiting.values_list("address", flat=True)}
    if doubled := [address for address in addresses if address.casefold() in there]:
        raise DomainError(
            f"It is on its way to {', '.join(doubled)} already. Nothing was sent.", code="on_its_way"
        )


def _words_of(source: Source) -> tuple[str, str]:
    """Return subject and text: what the document is, and what it says, as it was issued."""
    snapshot = source.snapshot or {}
    office, head = snapshot["office"]["name"], snapshot["statement"]
    title, facts = kind_of(source).mail_words(source, head)
    text = f"Attached is {title} {source} for {snapshot['client']['name']}.\n\n{facts}\n\n{office}\n"
    return f"{title} {source} from {office}", text
