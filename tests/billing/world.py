"""The office of the small world that tests walk over: clients, retainers, a run of the cycle, a file."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from billing import services
from billing.models import (
    AccountStatement,
    Allocation,
    Client,
    ClosePack,
    Contact,
    CounterAdjustment,
    CreditNote,
    CycleRun,
    Engagement,
    FeeStep,
    PayerGroup,
    Payment,
    PeriodException,
    Proof,
    Refund,
    Sequence,
    Settlement,
    Statement,
)
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import ImportBatch, ImportPreview
from billtracker.core.periods import Month
from tests.factories import make_client, make_engagement, make_office

CSV = "client,engagement,type,start,fee,interval\n{},Books,retainer,2026-01-01,100,monthly\n"


@dataclass
class Office:
    """What stands in the office's books."""

    client: Client
    engagement: Engagement
    run: CycleRun
    contact: Contact
    fee_step: FeeStep
    preview: ImportPreview
    batch: ImportBatch
    statement: Statement
    adjustment: CounterAdjustment
    submitted: Statement
    issued: Statement
    paid: Payment
    unposted: Payment
    proof: Proof
    refund: Refund
    allocation: Allocation
    settlement: Settlement
    credit_note: CreditNote
    exception: PeriodException
    pack: ClosePack
    account: AccountStatement
    payer_group: PayerGroup


def furnished_office(users: dict) -> Office:
    """Fill the books; ``users`` has somebody for each office role."""
    make_office()
    client = make_client(name="Casa Niña Bakery", terms_days=15)
    engagement = make_engagement(client, fee="12000.00", starts_on=dt.date(2026, 1, 1))
    make_engagement(client, title="Payroll", status="suspended", starts_on=dt.date(2026, 1, 1))
    make_engagement(
        make_client(currency="USD"), fee="350.50", starts_on=dt.date(2026, 10, 12), billing_day=31
    )
    run = services.run_cycle(actor=users["office biller"], month=Month(2026, 9))
    contact = Contact.objects.create(
        client=client,
        name="J. Tan",
        email="ap@casanina.example",
        role="Accounting",
        is_billing_recipient=True,
    )
    later = FeeStep.objects.create(
        engagement=engagement, starts_on=dt.date(2027, 1, 1), amount=Decimal("13000")
    )
    preview, applied = (previewed_clients(users["office biller"], name) for name in ("Un Café", "Deux Cafés"))
    batch = batches.apply_preview(actor=users["office biller"], preview=applied)
    statement = engagement.statements.get()
    # A test that flushes the database took the migrations' own row along.
    sequence, _ = Sequence.objects.get_or_create(code="SOA", defaults={"prefix": "SOA"})
    adjustment = services.move_counter(
        actor=users["office admin"], sequence=sequence, year=2025, to=9, reason="Written by hand"
    )
    submitted, issued = (submitted_draft(users, client, name) for name in ("Audit", "Opinion"))
    issued = services.issue_statement(actor=users["office reviewer"], statement=issued)
    exception, pack = shut_months(users)
    return Office(
        client,
        engagement,
        run,
        contact,
        later,
        preview,
        batch,
        statement,
        adjustment,
        submitted,
        issued,
        *money(users, client, issued),
        exception,
        pack,
        asked_account(users, client),
        services.save_payer_group(actor=users["office biller"], name="Casa family", members=[client]),
    )


def money(users: dict, client: Client, issued: Statement) -> tuple:
    """A posted payment applied in part, a draft, a proof, a refund, a withholding, a credit note."""
    biller, reviewer = users["office biller"], users["office reviewer"]
    # The migrations' own row, which a flush takes along.
    Sequence.objects.get_or_create(code="CN", defaults={"prefix": "CN"})
    day = issued.issue_date
    facts = {"client": client, "paid_on": day, "currency": client.currency}
    paid = Payment(amount=Decimal("1500.00"), manual_number="OR 1001", **facts)
    services.record_and_post_payment(actor=biller, payment=paid)
    draft = Payment(amount=Decimal("80.00"), manual_number="OR 1099", **facts)
    unposted = services.save_payment(actor=biller, payment=draft)
    slip = b"%PDF-1.4\nA deposit slip\n%%EOF\n"
    proof = services.add_proof(actor=biller, payment=paid, name="slip.pdf", content=slip)
    refund = services.refund_credit(
        actor=reviewer, payment=paid, amount=Decimal("100.00"), reason="Paid too much"
    )
    allocation = services.allocate_payment(
        actor=biller, payment=paid, statement=issued, amount=Decimal("1000.00")
    )
    settlement = services.settle_statement(
        actor=biller, statement=issued, kind="withholding", amount=Decimal("50.00")
    )
    note = services.issue_credit_note(
        actor=reviewer, statement=issued, amount=Decimal("250.00"), reason="Hours billed twice"
    )
    return Payment.objects.get(pk=paid.pk), unposted, proof, refund, allocation, settlement, note


def shut_months(users: dict) -> tuple[PeriodException, ClosePack]:
    """August 2026 is closed, September locked, with an exception for the biller."""
    admin, until = users["office admin"], timezone.now() + dt.timedelta(days=1)
    closed = services.close_period(
        actor=admin, month=Month(2026, 8), skipped=["missed", "books"], reason="Done by hand"
    )
    pack = services.make_pack(pack=closed.packs.get())
    services.lock_period(actor=admin, month=Month(2026, 9))
    exception = services.grant_exception(
        actor=admin, month=Month(2026, 9), user=users["office biller"], until=until, reason="A late slip"
    )
    return exception, pack


def asked_account(users: dict, client: Client) -> AccountStatement:
    """A client's account as PDF, which the worker has not made yet."""
    days = {"first_day": dt.date(2026, 1, 1), "last_day": dt.date(2026, 11, 21)}
    return services.request_account(
        actor=users["office biller"], client=client, currency=client.currency, **days
    )


def submitted_draft(users: dict, client: Client, name: str) -> Statement:
    lines = [services.LineInput(name, Decimal("2500.00"))]
    draft = services.save_draft(actor=users["office biller"], client=client, lines=lines)
    return services.submit_statement(actor=users["office biller"], statement=draft)


def previewed_clients(actor, name: str) -> ImportPreview:
    """A file of one client, read and checked, not applied."""
    content, kind = CSV.format(name).encode(), "clients"
    preview = previews.upload_file(actor=actor, scope="office", kind=kind, name="c.csv", content=content)
    guessed = {"decimal_mark": "", "date_order": "", "options": {}}
    sheet = previews.sheet_of(preview)
    answers = columns.as_stored(handler_for(kind), "office", sheet, **preview.answers, **guessed)
    previews.check_with(preview=preview, answers=answers)
    preview.refresh_from_db()
    return preview
