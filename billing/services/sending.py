"""Documents sent by mail: the stored bytes, through the outbox, to each recipient by itself."""

from collections.abc import Iterable, Sequence

from django.db import transaction

from billing import policy
from billing.models import Client, CreditNote, Document, Statement
from billing.services.documents import read_document
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from notifications import services as post_office
from notifications.models import Message
from notifications.reports import is_mail_configured

KIND = "document"
MOST = 20
Source = Statement | CreditNote


@transaction.atomic
def send_document(*, actor, source: Source, addresses: Iterable[str] = ()) -> list[Message]:
    """Post the stored PDF of a statement or credit note to each address, or to the billing recipients.

    A void statement goes out as its stamped copy. The bytes are those that were stored, now and at
    every later sending. Raises DomainError, and posts nothing, while there is no PDF or no mail
    server, without recipients, and to an address where it is on its way already.
    """
    policy.require(actor, policy.Act.DRAFT)
    if not is_mail_configured():
        raise DomainError("No mail server is set up yet; an administrator does that. Nothing was sent.")
    document = document_to_send(source)
    read_document(document)
    chosen = unique(addresses) or billing_addresses(client_of(source))
    require_recipients(chosen, about(document))
    subject, text = words_of(source)
    file = post_office.StoredFile(
        f"{source}.pdf".replace("/", "-"), document.path, "application/pdf", document.sha256, document.size
    )
    messages = [
        post_office.post(
            kind=KIND, subject=subject, text=text, address=address, about=about(document), files=[file]
        )
        for address in chosen
    ]
    changes = {"recipients": [None, chosen], "sha256": [None, document.sha256]}
    audit.record(actor, f"{noun_of(source)}.mail_requested", source, changes)
    return messages


def document_to_send(source: Source) -> Document:
    """Return the PDF that is sent, its row held for the transaction; DomainError while there is none."""
    is_void = isinstance(source, Statement) and source.state == Statement.State.VOID
    kind = Document.Kind.VOID if is_void else Document.Kind.ORIGINAL
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


def unique(addresses: Iterable[str]) -> list[str]:
    """Return the addresses without spaces around them, each once however it is capitalised."""
    return list({text.casefold(): text for one in addresses if (text := one.strip())}.values())


def billing_addresses(client: Client) -> list[str]:
    """Return the client's billing recipients as they are now."""
    return unique(client.contacts.filter(is_billing_recipient=True).values_list("email", flat=True))


def client_of(source: Source) -> Client:
    return source.client if isinstance(source, Statement) else source.statement.client


def require_recipients(addresses: Sequence[str], subject: str) -> None:
    if not addresses:
        raise DomainError(
            "Nobody at the client gets documents: add a billing recipient, or write an address.",
            field="others",
        )
    if len(addresses) > MOST:
        raise DomainError(f"At most {MOST} recipients at once. Nothing was sent.", field="others")
    on_its_way = (*Message.OPEN, Message.State.SENDING)
    waiting = Message.objects.about(subject).filter(state__in=on_its_way).exclude(
        state=Message.State.FAILED, next_try_at=None
    )  # fmt: skip
    there = {address.casefold() for address in waiting.values_list("address", flat=True)}
    if doubled := [address for address in addresses if address.casefold() in there]:
        raise DomainError(
            f"It is on its way to {', '.join(doubled)} already. Nothing was sent.", code="on_its_way"
        )


def noun_of(source: Source) -> str:
    return "statement" if isinstance(source, Statement) else "credit_note"


def words_of(source: Source) -> tuple[str, str]:
    """Return subject and text: what the document is, and what it says, as it was issued."""
    snapshot = source.snapshot or {}
    office, head = snapshot["office"]["name"], snapshot["statement"]
    if isinstance(source, CreditNote):
        title, facts = "Credit Note", f"It corrects {head['corrects']} by {head['total_shown']}."
    elif source.state == Statement.State.VOID:
        title, facts = "VOID: Statement of Account", "This statement is void; please disregard it."
    else:
        title = "Statement of Account"
        facts = f"Total due: {head['total_shown']} ({head['currency']}), by {head['due_on']}."
    text = f"Attached is {title} {source} for {snapshot['client']['name']}.\n\n{facts}\n\n{office}\n"
    return f"{title} {source} from {office}", text
