"""A made-up office for a fresh database alone: what is issued cannot be taken out of a real one again."""

import datetime as dt
import io
import secrets
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction
from PIL import Image, ImageDraw

from billing import services
from billing.models import Client, Contact, Engagement, OfficeProfile, Payment, Statement
from billtracker.accounts.models import User
from billtracker.accounts.services import create_user
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month, today

TIME_ZONE = "Asia/Manila"
MONTHS_BACK = 4
BILLER = "demo-biller"


@dataclass(frozen=True, slots=True)
class SampleClient:
    """One demo client with its retainer."""

    client: str
    group: str
    title: str
    fee: str
    interval: int = 1
    currency: str = "PHP"


SAMPLES = (
    SampleClient("Abad & Sons Hardware", "South", "Payroll", "2500.00"),
    SampleClient("Casa Niña Bakery", "South", "Monthly bookkeeping", "5000.00"),
    SampleClient("Golden Bough Café", "North", "Tax compliance", "8750.50", interval=3),
    SampleClient("Wong Trading 黃貿易", "", "General counsel retainer", "33333.33"),
    SampleClient("Harbour Lights Ltd", "Abroad", "Monthly bookkeeping", "420.00", currency="USD"),
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
    services.save_office(actor=actor, office=_demo_profile())
    now = today(TIME_ZONE)
    first = Month.of(now + relativedelta(months=-MONTHS_BACK))
    for sample in SAMPLES:
        make_client(biller, sample, first)
    family = Client.objects.filter(name__in=[sample.client for sample in SAMPLES[:2]])
    services.save_payer_group(actor=biller, name="Abad family", members=family)
    month = first
    while month <= Month.of(now):
        services.run_cycle(actor=biller, month=month)
        month = month.next
    bill(actor, biller, now)


def _demo_profile() -> OfficeProfile:
    return OfficeProfile(
        name="Demo office",
        address="1 Ayala Avenue\nMakati",
        tax_number="000-000-000-000",
        bank_lines="Demo Bank 0000-0000-00",
        signatories="Ana Reyes, Partner",
        terms_days=15,
        currency="PHP",
        time_zone=TIME_ZONE,
        footer="Made-up data: nobody owes anything.",
        shows_account=True,
    )


def make_client(actor: User, sample: SampleClient, first: Month) -> None:
    client = Client(name=sample.client, group=sample.group, currency=sample.currency, terms_days=15)
    services.save_client(actor=actor, client=client)
    # A name that no mail server answers to.
    contact = Contact(client=client, name="A. Cruz", email="ap@example.invalid", is_billing_recipient=True)
    services.save_row(actor=actor, row=contact)
    engagement = Engagement(
        client=client,
        kind=Engagement.Kind.RETAINER,
        title=sample.title,
        starts_on=first.first_day,
        interval_months=sample.interval,
    )
    services.save_engagement(actor=actor, engagement=engagement, fee=Decimal(sample.fee))


def bill(issuer: User, biller: User, now: dt.date) -> None:
    """Issue what is past, void one of it, hand one of this month in; the rest stays drafts."""
    drafts = Statement.objects.filter(state=Statement.State.DRAFT).order_by("period_start", "pk")
    past = list(drafts.filter(period_start__lt=now.replace(day=1)))
    for draft in past:
        services.submit_statement(actor=biller, statement=draft)
    issue = services.issue_statement
    issued = [issue(actor=issuer, statement=draft, issue_date=draft.issue_date) for draft in past]
    services.void_statement(actor=issuer, statement=issued[0], reason="Billed to the wrong client")
    _take_payments(issuer, biller, issued[1:], now)
    if current := drafts.first():
        services.submit_statement(actor=biller, statement=current)


# --- money -------------------------------------------------------------------------------------
def _take_payments(issuer: User, biller: User, owed: list[Statement], now: dt.date) -> None:
    """Pay some of what is owed: in full, in part, with tax withheld, with credit left; the rest is owed.

    One payment of each state, a refund and a credit note are among them.
    """
    whole, part, taxed, ahead, wrong, *_ = owed
    paid = _pay(biller, whole, whole.total, now, "OR 0501")
    _apply(biller, paid, whole, whole.total)
    services.add_proof(actor=biller, payment=paid, name="deposit-slip.png", content=_deposit_slip())
    services.verify_payment(actor=issuer, payment=paid)
    _apply(biller, _pay(biller, part, Decimal("1000.00"), now, "OR 0502"), part, Decimal("1000.00"))
    withheld = Decimal("100.00")
    services.settle_statement(actor=biller, statement=taxed, kind="withholding", amount=withheld)
    _apply(biller, _pay(biller, taxed, taxed.total - withheld, now, "OR 0503"), taxed, taxed.total - withheld)
    early = _pay(biller, ahead, ahead.total + 750, now, "OR 0504")
    _apply(biller, early, ahead, ahead.total)
    services.refund_credit(actor=issuer, payment=early, amount=Decimal("250.00"), reason="Asked for it back")
    bounced = _pay(biller, wrong, wrong.total, now, "OR 0505")
    _apply(biller, bounced, wrong, wrong.total)
    services.void_payment(actor=issuer, payment=bounced, cause="bounced", reason="Check returned unpaid")
    services.issue_credit_note(
        actor=issuer, statement=wrong, amount=Decimal("200.00"), reason="Two hours billed twice"
    )
    draft = Payment(client=wrong.client, paid_on=now, amount=wrong.total, currency=wrong.currency)
    services.save_payment(actor=biller, payment=draft)


def _deposit_slip() -> bytes:
    """Return a picture of a slip that says what it is."""
    picture, file = Image.new("RGB", (480, 200), "white"), io.BytesIO()
    ImageDraw.Draw(picture).text((40, 90), "Demo deposit slip: made-up data", fill="black")
    picture.save(file, "PNG")
    return file.getvalue()


def _pay(actor: User, owed: Statement, amount: Decimal, now: dt.date, number: str) -> Payment:
    payment = Payment(
        client=owed.client, paid_on=now, amount=amount, currency=owed.currency, manual_number=number
    )
    return services.record_and_post_payment(actor=actor, payment=payment)


def _apply(actor: User, payment: Payment, owed: Statement, amount: Decimal) -> None:
    services.allocate_payment(actor=actor, payment=payment, statement=owed, amount=amount)
