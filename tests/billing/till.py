"""The money of the small world: payments in their states, what was applied, settled and credited."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from billing import services
from billing.models import (
    AccountStatement,
    Allocation,
    Client,
    CreditNote,
    Payment,
    Period,
    Refund,
    Sequence,
    Settlement,
    Statement,
)
from tests.factories import make_period


@dataclass
class Till:
    """What the API's addresses name."""

    office_payment: Payment
    payment_draft: Payment
    allocation: Allocation
    refund: Refund
    settlement: Settlement
    credit_note: CreditNote
    period: Period
    account: AccountStatement


def fill_till(users: dict, client: Client, issued: Statement) -> Till:
    """Record, apply and settle a little; the issued statement goes on owing most of its total."""
    biller, reviewer = users["office biller"], users["office reviewer"]
    Sequence.objects.get_or_create(code="CN", defaults={"prefix": "CN"})
    paid, draft = (
        services.save_payment(
            actor=biller,
            payment=Payment(
                client=client, currency=client.currency, paid_on=dt.date(2026, 11, 20),
                amount=Decimal("900.00"), manual_number=number,
            ),
        )
        for number in ("OR 900", "OR 901")
    )  # fmt: skip
    paid = services.post_payment(actor=biller, payment=paid)
    row = services.allocate_payment(actor=biller, payment=paid, statement=issued, amount=Decimal("500.00"))
    refund = services.refund_credit(
        actor=reviewer, payment=paid, amount=Decimal("10.00"), reason="Paid too much"
    )
    settlement = services.settle_statement(
        actor=biller, statement=issued, kind="withholding", amount=Decimal("50.00")
    )
    note = services.issue_credit_note(
        actor=reviewer, statement=issued, amount=Decimal("25.00"), reason="An hour too many"
    )
    period = make_period("2025-01", by=users["office admin"])
    account = services.request_account(
        actor=biller,
        client=client,
        currency="PHP",
        first_day=dt.date(2026, 1, 1),
        last_day=dt.date(2026, 11, 21),
    )
    return Till(paid, draft, row, refund, settlement, note, period, account)
