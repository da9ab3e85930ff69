"""Whatever is done with money in whatever order, the books tie out, today and as of every past day."""

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import services
from billing.models import Allocation, CreditNote, OfficeProfile, Payment, Refund, Settlement, Statement
from billing.reports.aging import aging
from billing.reports.balances import credit, outstanding
from billing.reports.control_totals import control_totals
from billing.reports.ledger import balance_on, currencies_of
from billing.reports.payments import PaymentFilters, payments_shown, totals_of
from billing.reports.statement_money import outstanding_totals, state_of
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO
from billtracker.core.periods import Month
from tests.factories import make_client, make_draft, make_office, make_office_user, make_payer_group

pytestmark = pytest.mark.django_db
FIRST_DAY = dt.date(2026, 1, 28)
REASON = "A reason that is long enough"


class Office:
    """One random office: clients of a payer group and one outside it, and verbs on random rows."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.day, self.numbers, self.done = FIRST_DAY, 0, 0
        self.admin = make_office_user("Admin")
        make_office()
        OfficeProfile.objects.update(requires_second_person=False, time_zone="UTC")
        self.clients = [
            make_client(currency="PHP"),
            make_client(currency="PHP"),
            make_client(currency="PHP"),
            make_client(currency="JPY"),
        ]
        make_payer_group(*self.clients[:2])
        self.seen: dict[dt.date, list] = {}
        self.totals: dict[Month, dict] = {}

    def amount(self, currency: str, most: int = 3000) -> Decimal:
        if currency == "JPY":
            return Decimal(self.random.randint(1, most))
        return Decimal(self.random.randint(1, most * 100)) / 100

    def one(self, rows):
        found = list(rows.order_by("pk"))
        return self.random.choice(found) if found else None

    # --- verbs: each may find nothing to do, or be refused ---
    def issue(self):
        client = self.random.choice(self.clients)
        draft = make_draft(client, str(self.amount(client.currency)), created_by=self.admin)
        services.submit_statement(actor=self.admin, statement=draft)
        due = self.day + dt.timedelta(days=self.random.randint(0, 40))
        services.issue_statement(actor=self.admin, statement=draft, issue_date=self.day, due_date=due)

    def pay(self):
        client = self.random.choice(self.clients)
        self.numbers += 1
        payment = Payment(
            client=client,
            paid_on=self.day,
            amount=self.amount(client.currency),
            currency=client.currency,
            manual_number=f"OR {self.numbers}",
        )
        services.save_payment(actor=self.admin, payment=payment)
        services.post_payment(actor=self.admin, payment=payment)

    def allocate(self):
        payment, statement = self.one(Payment.objects.all()), self.one(Statement.objects.all())
        if payment and statement:
            choices = [credit(payment), outstanding(statement), self.amount(payment.currency)]
            amount = min(choices) if self.random.random() < 0.7 else self.random.choice(choices)
            services.allocate_payment(actor=self.admin, payment=payment, statement=statement, amount=amount)

    def unapply(self):
        if row := self.one(Allocation.objects.exclude(payment=None)):
            services.unapply_allocation(actor=self.admin, allocation=row, reason=REASON)

    def verify(self):
        if payment := self.one(Payment.objects.all()):
            services.verify_payment(actor=self.admin, payment=payment)

    def bounce(self):
        if payment := self.one(Payment.objects.all()):
            services.void_payment(actor=self.admin, payment=payment, cause="bounced", reason=REASON)

    def refund(self):
        if payment := self.one(Payment.objects.all()):
            amount = self.random.choice([credit(payment), self.amount(payment.currency)])
            services.refund_credit(actor=self.admin, payment=payment, amount=amount, reason=REASON)

    def void_refund(self):
        if refund := self.one(Refund.objects.all()):
            services.void_refund(actor=self.admin, refund=refund, reason=REASON)

    def credit_note(self):
        if statement := self.one(Statement.objects.all()):
            amount = self.amount(statement.currency, 500)
            services.issue_credit_note(actor=self.admin, statement=statement, amount=amount, reason=REASON)

    def settle(self):
        if statement := self.one(Statement.objects.all()):
            services.settle_statement(
                actor=self.admin,
                statement=statement,
                kind=self.random.choice(Settlement.Kind.values),
                amount=self.amount(statement.currency, 100),
                reason=REASON,
            )

    def void_settlement(self):
        if settlement := self.one(Settlement.objects.all()):
            services.void_settlement(actor=self.admin, settlement=settlement, reason=REASON)

    def void_statement(self):
        if statement := self.one(Statement.objects.all()):
            services.void_statement(actor=self.admin, statement=statement, reason=REASON)

    def next_day(self):
        self.seen[self.day] = figures(self.day)
        month = Month.of(self.day)
        self.day += dt.timedelta(days=self.random.randint(1, 25))
        while month < Month.of(self.day):
            self.totals[month] = control_totals(month)
            month = month.next

    VERBS = (
        issue, issue, pay, pay, allocate, allocate, allocate, unapply, verify, bounce, refund, void_refund,
        credit_note, settle, void_settlement, void_statement, next_day, next_day,
    )  # fmt: skip

    def act(self):
        verb = self.random.choice(self.VERBS)
        try:
            with time_machine.travel(dt.datetime.combine(self.day, dt.time(9), dt.UTC), tick=False):
                verb(self)
        except DomainError:
            return
        self.done += 1


def figures(day: dt.date) -> list:
    return [(row.client_id, row.currency, row.buckets, row.credit) for row in aging(day)]


def assert_books_tie_out(office: Office) -> None:
    applied, refunded, settled = (
        defaultdict(lambda: ZERO),
        defaultdict(lambda: ZERO),
        defaultdict(lambda: ZERO),
    )
    for row in Allocation.objects.all():
        settled[row.statement_id] += row.amount
        applied[row.payment_id] += row.amount
    for refund in Refund.objects.filter(void_date=None):
        refunded[refund.payment_id] += refund.amount
    for payment in Payment.objects.live().with_credit():
        assert payment.applied == applied[payment.pk]
        assert payment.refunded == refunded[payment.pk]
        assert payment.applied + payment.credit + payment.refunded == payment.amount
        assert payment.credit >= ZERO
        assert credit(payment) == payment.credit
    for void in Payment.objects.filter(state=Payment.State.VOID):
        assert applied[void.pk] == ZERO
    for statement in Statement.objects.filter(state=Statement.State.ISSUED).with_balance():
        assert statement.settled == settled[statement.pk]
        assert ZERO <= statement.outstanding <= statement.total
        assert outstanding(statement) == statement.total - settled[statement.pk]
    for statement in Statement.objects.filter(state=Statement.State.VOID):
        assert settled[statement.pk] == ZERO
    assert_lists_show_the_same(office)
    noted = sum((note.amount for note in CreditNote.objects.all()), ZERO)
    rows = Allocation.objects.exclude(credit_note=None)
    assert sum((row.amount for row in rows), ZERO) == noted


def assert_lists_show_the_same(office: Office) -> None:
    """The totals of the lists are the sums of their rows, and aging of today is what is outstanding."""
    shown = payments_shown(PaymentFilters())
    rows = [payment for payment in shown if payment.is_live]
    for total in totals_of(shown):
        mine = [payment for payment in rows if payment.currency == total.currency]
        for name in ("amount", "applied", "refunded", "credit"):
            assert getattr(total, name) == sum((getattr(one, name) for one in mine), ZERO)
    owed, late = outstanding_totals(Statement.objects.all(), office.day), aging(office.day)
    for currency, total in owed.items():
        assert total == sum((row.owed for row in late if row.currency == currency), ZERO)
    for statement in Statement.objects.filter(state=Statement.State.ISSUED).with_balance().with_cash():
        is_done = state_of(statement, office.day) in ("paid", "settled")
        assert is_done == (statement.outstanding == ZERO)
        assert ZERO <= statement.cash <= statement.settled


def assert_every_past_day_is_as_it_was(office: Office) -> None:
    for day, was in office.seen.items():
        assert figures(day) == was, day
        rows = {(row.client_id, row.currency): row for row in aging(day)}
        for client in office.clients:
            for currency in currencies_of(client):
                row = rows.get((client.pk, currency))
                assert balance_on(client, currency, day) == (row.outstanding if row else ZERO), (client, day)


NET = {
    "outstanding": {"issued": 1, "voided": -1, "applied": -1, "credited": -1, "withholding": -1,
                    "bank_charge": -1, "rounding": -1, "write_off": -1},
    "credit": {"received": 1, "payments_voided": -1, "applied": -1, "refunded": -1},
}  # fmt: skip


def assert_each_month_goes_on_from_the_one_before(office: Office) -> None:
    """The control totals of a month stay what they were at its end, and lead from month to month."""
    end: dict = defaultdict(lambda: defaultdict(lambda: ZERO))
    for month, was in office.totals.items():
        assert control_totals(month) == was, month
        for currency, sums in was["currencies"].items():
            for name, parts in NET.items():
                moved = sum(sign * Decimal(sums[part]) for part, sign in parts.items())
                assert Decimal(sums[name]) == end[currency][name] + moved, (month, currency, name)
                end[currency][name] = Decimal(sums[name])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**9))
def test_the_books_tie_out_after_any_sequence_and_as_of_every_day(seed):
    with transaction.atomic():
        with time_machine.travel(dt.datetime.combine(FIRST_DAY, dt.time(9), dt.UTC), tick=False):
            office = Office(seed)
        for _ in range(70):
            office.act()
        assert office.done > 20, "A test that is refused everything shows nothing."
        assert_books_tie_out(office)
        assert_every_past_day_is_as_it_was(office)
        assert_each_month_goes_on_from_the_one_before(office)
        transaction.set_rollback(True)
