"""A made-up office for a fresh database alone: what is issued cannot be taken out of a real one again."""

import datetime as dt
import secrets
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction

from billing import services
from billing.models import Client, Contact, Engagement, OfficeProfile, Statement
from billtracker.accounts.models import User
from billtracker.accounts.services import create_user
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month, today

TIME_ZONE = "Asia/Manila"
MONTHS_BACK = 4
BILLER = "demo-biller"


@dataclass(frozen=True, slots=True)
class Sample:
    """One demo client with its retainer."""

    client: str
    group: str
    title: str
    fee: str
    interval: int = 1
    currency: str = "PHP"


SAMPLES = (
    Sample("Abad & Sons Hardware", "South", "Payroll", "2500.00"),
    Sample("Casa Niña Bakery", "South", "Monthly bookkeeping", "5000.00"),
    Sample("Golden Bough Café", "North", "Tax compliance", "8750.50", interval=3),
    Sample("Wong Trading 黃貿易", "", "General counsel retainer", "33333.33"),
    Sample("Harbour Lights Ltd", "Abroad", "Monthly bookkeeping", "420.00", currency="USD"),
)


def has_books() -> bool:
    """Say whether anything of an office is there, however little."""
    return any(model.objects.exists() for model in (OfficeProfile, Client, Statement))


@transaction.atomic
def load_office(*, actor: User) -> None:
    """Fill an empty office: clients, drafts, one in review, issued statements and a void one.

    ``actor`` issues and is an Admin of the office; a biller made for it submits. Raises DomainError
    when there are books already.
    """
    if has_books():
        raise DomainError("The office has books of its own; demo data does not go into them.")
    biller = create_user(actor=None, username=BILLER, password=secrets.token_urlsafe(24), roles=["Biller"])
    services.save_office(actor=actor, office=demo_profile())
    now = today(TIME_ZONE)
    first = Month.of(now + relativedelta(months=-MONTHS_BACK))
    for sample in SAMPLES:
        make_client(biller, sample, first)
    month = first
    while month <= Month.of(now):
        services.run_cycle(actor=biller, month=month)
        month = month.next
    bill(actor, biller, now)


def demo_profile() -> OfficeProfile:
    return OfficeProfile(
        name="Demo office", address="1 Ayala Avenue\nMakati", tax_number="000-000-000-000",
        bank_lines="Demo Bank 0000-0000-00", signatories="Ana Reyes, Partner", terms_days=15, currency="PHP",
        time_zone=TIME_ZONE, footer="Made-up data: nobody owes anything.",
    )  # fmt: skip


def make_client(actor: User, sample: Sample, first: Month) -> None:
    client = Client(name=sample.client, group=sample.group, currency=sample.currency, terms_days=15)
    services.save_client(actor=actor, client=client)
    # A name that no mail server answers to.
    contact = Contact(client=client, name="A. Cruz", email="ap@example.invalid", is_billing_recipient=True)
    services.save_row(actor=actor, row=contact)
    engagement = Engagement(
        client=client, kind=Engagement.Kind.RETAINER, title=sample.title, starts_on=first.first_day,
        interval_months=sample.interval,
    )  # fmt: skip
    services.save_engagement(actor=actor, engagement=engagement, fee=Decimal(sample.fee))


def bill(issuer: User, biller: User, now: dt.date) -> None:
    """Issue what is past, void one of it, hand one of this month in; the rest stays drafts."""
    drafts = Statement.objects.filter(state=Statement.State.DRAFT).order_by("period_start", "pk")
    past = list(drafts.filter(period_start__lt=now.replace(day=1)))
    for draft in past:
        services.submit_statement(actor=biller, statement=draft)
    issued = services.issue_statements(actor=issuer, statements=past)
    services.void_statement(actor=issuer, statement=issued[0].statement, reason="Billed to the wrong client")
    if current := drafts.first():
        services.submit_statement(actor=biller, statement=current)
