"""Bringing clients and engagements in from a file: what each row would become, making it, taking it back."""

from collections.abc import Iterable, Mapping, Sequence

from billing.imports.client_checks import (
    ExistingClients,
    clients_by_key,
    identities_of,
    plan_or_problem,
    whole_particulars,
)
from billing.imports.client_rows import Particulars, PlannedRow
from billing.models import Client, Contact, Engagement, FeeStep, Statement, StatementLine
from billing.reports.office import office_profile
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.audit import OFFICE
from billtracker.core.exceptions import DomainError
from billtracker.core.imports.handlers import Field, ImportQuestion, Made, Verdict
from billtracker.core.imports.previews import chunks
from billtracker.core.imports.rows import Answers, RowCells, RowProblem
from billtracker.core.money import totals_by_currency
from billtracker.core.money.currencies import MINOR_UNITS
from billtracker.core.text import comparison_key

FIELDS = (
    Field("client", "Client", ("client name", "customer", "company", "name"), is_required=True),
    Field("tax_number", "Tax number", ("tin", "vat", "vat number", "tax id", "tax")),
    Field("address", "Address", ("client address", "billing address", "street")),
    Field("email", "Billing e-mail", ("billing email", "email", "e mail", "mail")),
    Field("contact", "Contact", ("contact person", "contact name", "attention")),
    Field("terms_days", "Terms in days", ("terms days", "terms", "payment terms")),
    Field("group", "Group", ("client group", "region", "team")),
    Field("engagement", "Engagement", ("title", "service", "matter", "work"), is_required=True),
    Field("type", "Type", ("kind", "engagement type"), is_required=True),
    Field("start", "Start", ("starts", "start date", "from", "starts on"), is_required=True, holds="date"),
    Field("end", "End", ("ends", "end date", "until", "to", "ends on"), holds="date"),
    Field("fee", "Fee", ("amount", "retainer fee", "price"), holds="amount"),
    Field("interval", "How often", ("interval", "frequency", "cycle")),
    Field("billing_day", "Billing day", ("day", "bill day")),
    Field("partial_periods", "Partial periods", ("partial", "partial period", "proration")),
    Field("timing", "In advance or arrears", ("timing", "billed in")),
)
CURRENCY = ImportQuestion(
    "currency", "New clients are billed in", "A code such as PHP. Clients there already keep theirs."
)
CLIENT, CONTACT = "billing.client", "billing.contact"
ENGAGEMENT, FEE_STEP = "billing.engagement", "billing.feestep"
CHUNK = 500


class ClientFiles:
    """The handler of files that hold clients with their engagements."""

    kind = "clients"
    title = "engagements"
    fields: Sequence[Field] = FIELDS
    shown: Sequence[str] = ("Client", "Of the client", "Bills go to", "Engagement", "From", "Fee", "Billed")

    def currency(self, scope: str) -> str:
        return office_profile().currency

    def questions(self, scope: str) -> list[tuple[ImportQuestion, str]]:
        return [(CURRENCY, self.currency(scope))]

    def clean_options(self, scope: str, given: Mapping[str, str]) -> dict[str, str]:
        code = (given.get("currency") or self.currency(scope)).strip().upper()
        if code not in MINOR_UNITS:
            raise DomainError(f"{code[:20]!r} is not a currency code such as USD or EUR.", field="currency")
        return {"currency": code}

    def check_rows(self, scope: str, rows: Sequence[RowCells], answers: Answers) -> list[Verdict]:
        clients = clients_by_key(comparison_key(row["client"]) for row in rows)
        plans = [plan_or_problem(row, clients) for row in rows]
        known = ExistingClients(
            clients,
            whole_particulars(plan for plan in plans if isinstance(plan, PlannedRow)),
            {
                comparison_key(r["client"])
                for r, plan in zip(rows, plans, strict=True)
                if isinstance(plan, RowProblem)
            },
            identities_of(clients.values()),
        )
        return [known.verdict(row.number, plan) for row, plan in zip(rows, plans, strict=True)]

    def describe_effect(self, scope: str, verdicts: Sequence[Verdict], answers: Answers) -> str:
        return ""

    def apply_rows(
        self, scope: str, actor, verdicts: Sequence[Verdict], answers: Answers, *, key: str
    ) -> list[Made]:
        policy.require(actor, policy.Permission.EDIT_CLIENTS)
        clients, made = _make_clients(actor, verdicts)
        made += _make_contacts(actor, verdicts, clients)
        return made + _make_engagements(actor, verdicts, clients)

    def undo_batch(self, scope: str, made: Mapping[str, Sequence[int]]) -> None:
        for refuse in (_refuse_billed, _refuse_new_steps):
            for ids in chunks(made.get(ENGAGEMENT, ())):
                refuse(ids, made)
        remove(FeeStep, made.get(FEE_STEP, ()))
        remove(Engagement, made.get(ENGAGEMENT, ()))
        for ids in chunks(made.get(CLIENT, ())):
            _refuse_used_clients(ids, made)
        remove(Contact, made.get(CONTACT, ()))
        remove(Client, made.get(CLIENT, ()))

    def summary(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        plans = [plan for plan, _ in (verdict.data for verdict in verdicts)]
        totals = totals_by_currency((plan.currency, plan.fee) for plan in plans if plan.fee is not None)
        return {"fees": ", ".join(f"{amount:f} {currency}" for currency, amount in totals.items())}


# --- making ------------------------------------------------------------------------------------
def _make_clients(actor, verdicts: Sequence[Verdict]) -> tuple[dict[str, Client], list[Made]]:
    """Return the clients by normalised name, missing ones made, and which row each new one is from."""
    known = clients_by_key(verdict.data[0].client_key for verdict in verdicts)
    new: dict[str, tuple[int, Client]] = {}
    for verdict in verdicts:
        plan, particulars = verdict.data
        if plan.client_key not in known and plan.client_key not in new:
            new[plan.client_key] = (verdict.number, _as_client(plan, particulars))
    clients = [client for _, client in new.values()]
    Client.objects.bulk_create(clients, batch_size=CHUNK)
    created = [(client, _made_of(client, CLIENT_FACTS)) for client in clients]
    audit.record_many(actor, "client.created", created, scope=OFFICE)
    made = [Made(number, CLIENT, client.pk) for number, client in new.values()]
    return known | {key: client for key, (_, client) in new.items()}, made


CLIENT_FACTS = ("name", "tax_number", "address", "group", "terms_days", "currency")
CONTACT_FACTS = ("name", "email", "is_billing_recipient")
ENGAGEMENT_FACTS = (
    "title", "kind", "starts_on", "ends_on", "interval_months", "billing_day", "timing", "partial_periods",
)  # fmt: skip


def _made_of(row, names: Sequence[str]) -> dict[str, list]:
    """Return the fields of a new row as the audit log keeps them; empty ones are left out."""
    return {name: [None, value] for name in names if (value := getattr(row, name)) not in ("", None)}


def _as_client(plan: PlannedRow, particulars: Particulars) -> Client:
    return Client(
        name=plan.client,
        name_key=plan.client_key,
        tax_number=particulars.tax_number,
        address=particulars.address,
        terms_days=particulars.terms_days,
        group=particulars.group,
        currency=plan.currency,
    )


def _make_contacts(actor, verdicts: Sequence[Verdict], clients: Mapping[str, Client]) -> list[Made]:
    """Make the billing recipients that are not there; an address counts once for each client."""
    wanted = [(verdict.number, verdict.data[0], clients[verdict.data[0].client_key]) for verdict in verdicts]
    known = _contacts_of(client.pk for _, _, client in wanted)
    new: list[tuple[int, Contact]] = []
    for number, plan, client in wanted:
        identity = _contact_identity(client.pk, plan.contact, plan.email)
        if (plan.contact or plan.email) and identity not in known:
            known.add(identity)
            new.append((number, _as_contact(plan, client)))
    contacts = [contact for _, contact in new]
    Contact.objects.bulk_create(contacts, batch_size=CHUNK)
    created = [(contact, _made_of(contact, CONTACT_FACTS)) for contact in contacts]
    audit.record_many(actor, "contact.created", created, scope=OFFICE)
    return [Made(number, CONTACT, contact.pk) for number, contact in new]


def _contacts_of(clients: Iterable[int]) -> set[tuple]:
    """Return the identity of every contact of those clients."""
    return {
        _contact_identity(*values)
        for ids in chunks(sorted(set(clients)))
        for values in Contact.objects.filter(client__in=ids).values_list("client", "name", "email")
    }


def _contact_identity(client: int, name: str, email: str) -> tuple:
    return (client, email.casefold() or comparison_key(name))


def _as_contact(plan: PlannedRow, client: Client) -> Contact:
    name = plan.contact or plan.email[:120]
    return Contact(client=client, name=name, email=plan.email, is_billing_recipient=bool(plan.email))


def _make_engagements(actor, verdicts: Sequence[Verdict], clients: Mapping[str, Client]) -> list[Made]:
    """Make the engagements, each with its first fee step where the row names a fee."""
    plans = [verdict.data[0] for verdict in verdicts]
    rows = [Engagement(client=clients[plan.client_key], **plan.engagement) for plan in plans]
    Engagement.objects.bulk_create(rows, batch_size=CHUNK)
    numbered = list(zip((verdict.number for verdict in verdicts), plans, rows, strict=True))
    steps = [
        (number, FeeStep(engagement=row, starts_on=row.starts_on, amount=plan.fee))
        for number, plan, row in numbered
        if plan.fee is not None
    ]
    FeeStep.objects.bulk_create((step for _, step in steps), batch_size=CHUNK)
    created = [
        (row, _made_of(row, ENGAGEMENT_FACTS) | {"fee": [None, plan.fee]}) for _, plan, row in numbered
    ]
    audit.record_many(actor, "engagement.created", created, scope=OFFICE)
    made = [Made(number, ENGAGEMENT, row.pk) for number, _, row in numbered]
    return made + [Made(number, FEE_STEP, step.pk) for number, step in steps]


# --- taking back -------------------------------------------------------------------------------
def remove(model, ids: Sequence[int]) -> None:
    for some in chunks(ids):
        model.objects.filter(pk__in=some).delete()


def _refuse_billed(ids: Sequence[int], made: Mapping[str, Sequence[int]]) -> None:
    """Refuse to take back an engagement that a statement stands on."""
    statement = (
        Statement.objects.filter(engagement__in=ids).select_related("client").first()
        or Statement.objects.filter(
            pk__in=StatementLine.objects.filter(engagement__in=ids).values("statement")
        )
        .select_related("client")
        .first()
    )
    if statement:
        raise DomainError(
            f"{statement} of {statement.client} bills an engagement of this file. Nothing was changed."
        )


def _refuse_new_steps(ids: Sequence[int], made: Mapping[str, Sequence[int]]) -> None:
    """Refuse to take back an engagement that got another fee since."""
    own = set(made.get(FEE_STEP, ()))
    steps = FeeStep.objects.filter(engagement__in=ids).select_related("engagement__client")
    if changed := next((step for step in steps if step.pk not in own), None):
        raise DomainError(f"{changed.engagement} has another fee since. Nothing was changed.")


def _refuse_used_clients(ids: Sequence[int], made: Mapping[str, Sequence[int]]) -> None:
    """Refuse to take back a client with work, documents or contacts from elsewhere."""
    used = Client.objects.filter(pk__in=ids)
    own = set(made.get(CONTACT, ()))
    if (
        client := used.filter(engagements__isnull=False).first()
        or used.filter(statements__isnull=False).first()
    ):
        raise DomainError(f"{client} has an engagement or a statement from elsewhere. Nothing was changed.")
    if client := used.filter(payer_group__isnull=False).select_related("payer_group").first():
        raise DomainError(f"{client} is in the payer group {client.payer_group} since. Nothing was changed.")
    contacts = Contact.objects.filter(client__in=ids).select_related("client")
    if contact := next((contact for contact in contacts if contact.pk not in own), None):
        raise DomainError(f"{contact.client} has another contact since: {contact}. Nothing was changed.")
