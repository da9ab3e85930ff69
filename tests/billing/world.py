"""The office of the small world that tests walk over: clients, retainers, a run of the cycle, a file."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from billing import services
from billing.models import (
    Client,
    Contact,
    CounterAdjustment,
    CycleRun,
    Engagement,
    FeeStep,
    Sequence,
    Statement,
)
from billtracker.core.imports import batches, columns, previews
from billtracker.core.imports.handlers import handler_for
from billtracker.core.models import ImportBatch, ImportPreview
from billtracker.core.periods import Month
from tests.billing.till import Till, fill_till
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
    till: Till


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
    till = fill_till(users, client, issued)
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
        till,
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
