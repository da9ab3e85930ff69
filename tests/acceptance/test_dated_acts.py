"""Whatever is dated however: on every day aging less credit is the ledger, and nothing is below zero.

Some 400 random acts of each office are done, each with a day of its own in the past, today or ahead; 2,000 in
all on each engine. That is what makes it slow, and what found days that checks of today did not see.
"""

import datetime as dt
import random
import re
from decimal import Decimal

import pytest
from django.db import transaction

from billing import services
from billing.models import Allocation, Client, Payment, Refund, Settlement, Statement
from billing.reports.aging import aging
from billing.reports.balance_proof import find_balance_faults
from billing.reports.balances import dated_amounts
from billing.reports.ledger import balance_on, currencies_of
from billing.rules.dated_amounts import standing_by_day
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO
from tests.factories import make_client, make_draft, make_office, make_office_user, make_payer_group

NOW = dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
REASON = "A reason that is long enough"
NAMED_DAY = re.compile(r"choose a day from (\d{4}-\d\d-\d\d) on|(\d{4}-\d\d-\d\d) at the earliest")
ONE_DAY = dt.timedelta(days=1)
WANTED = 400

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(NOW, tick=False),
]


class Books:
    """A random office whose acts all carry days; counts what was done and which refusals were proven."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.admin = make_office_user("Admin")
        make_office(time_zone="UTC", requires_second_person=False)
        self.clients = [
            make_client(currency="PHP"),
            make_client(currency="PHP"),
            make_client(currency="JPY"),
        ]
        make_payer_group(*self.clients[:2])
        self.numbers = self.done = self.proven = 0

    def day(self, ahead: int = 0) -> dt.date:
        return TODAY + dt.timedelta(days=self.random.randint(-40, ahead))

    def amount(self, currency: str) -> Decimal:
        return Decimal(self.random.choice([10, 20, 30, 50, 100])) * (100 if currency == "JPY" else 1)

    def pick(self, model, **asked):
        keys = list(model.objects.filter(**asked).order_by("pk").values_list("pk", flat=True))
        return model.objects.get(pk=self.random.choice(keys)) if keys else None

    # --- acts: each returns the service, its facts, and the name of its day ---
    def issue(self):
        client = self.random.choice(self.clients)
        draft = make_draft(client, str(self.amount(client.currency)), created_by=self.admin)
        services.submit_statement(actor=self.admin, statement=draft)
        return services.issue_statement, {"statement": draft, "issue_date": self.day(ahead=40)}, ""

    def pay(self):
        client: Client = self.random.choice(self.clients)
        self.numbers += 1
        payment = Payment(client=client, currency=client.currency, amount=self.amount(client.currency))
        payment.paid_on, payment.manual_number = self.day(), f"OR {self.numbers}"
        return services.record_and_post_payment, {"payment": payment}, ""

    def apply(self):
        if not (payment := self.pick(Payment, state="posted")):
            return None
        of_payer = {"state": "issued", "currency": payment.currency}
        if not (statement := self.pick(Statement, **of_payer)):
            return None
        facts = {"payment": payment, "statement": statement, "amount": self.amount(payment.currency)}
        return services.allocate_payment, facts, "effective_on"

    def unapply(self):
        row = self.pick(Allocation, payment__isnull=False, reverses=None, reversed_by=None)
        return row and (services.unapply_allocation, {"allocation": row}, "effective_on")

    def refund(self):
        if not (payment := self.pick(Payment, state="posted")):
            return None
        facts = {"payment": payment, "amount": self.amount(payment.currency), "reason": REASON}
        return services.refund_credit, facts, "refunded_on"

    def void_refund(self):
        row = self.pick(Refund, void_date=None)
        return row and (services.void_refund, {"refund": row, "reason": REASON}, "void_date")

    def withhold(self):
        if not (statement := self.pick(Statement, state="issued")):
            return None
        facts = {"statement": statement, "kind": "withholding", "amount": self.amount(statement.currency)}
        return services.settle_statement, facts, "settled_on"

    def void_settlement(self):
        row = self.pick(Settlement, void_date=None)
        return row and (services.void_settlement, {"settlement": row, "reason": REASON}, "void_date")

    def credit_note(self):
        if not (statement := self.pick(Statement, state="issued")):
            return None
        facts = {"statement": statement, "amount": self.amount(statement.currency), "reason": REASON}
        return services.issue_credit_note, facts, "issue_date"

    def void_payment(self):
        facts = {"cause": "error", "reason": REASON}
        row = self.pick(Payment, state="posted")
        return row and (services.void_payment, {"payment": row, **facts}, "void_date")

    def void_statement(self):
        row = self.pick(Statement, state="issued")
        return row and (services.void_statement, {"statement": row, "reason": REASON}, "void_date")

    ACTS = (
        issue, issue, pay, pay, apply, apply, apply, apply, unapply, unapply, unapply, refund, void_refund,
        withhold, withhold, void_settlement, credit_note, void_payment, void_statement,
    )  # fmt: skip

    def act(self) -> None:
        planned = self.random.choice(self.ACTS)(self)
        if not planned:
            return
        service, facts, name = planned
        if name and self.random.random() < 0.8:
            facts[name] = self.day()
        if sentence := self.refusal_of(service, facts):
            self.prove(sentence, service, facts, name)
        else:
            self.done += 1

    def refusal_of(self, service, facts: dict) -> str:
        """Do it; return why it was refused, empty when it was done."""
        try:
            with transaction.atomic():
                service(actor=self.admin, **facts)
        except DomainError as error:
            return error.sentence
        return ""

    def prove(self, sentence: str, service, facts: dict, name: str) -> None:
        """The day that a refusal names is the first possible one: the day before is refused, it is not."""
        if not (found := NAMED_DAY.search(sentence)):
            return
        first = dt.date.fromisoformat(found[1] or found[2])
        assert self.refusal_of(service, {**facts, name: first - ONE_DAY}), sentence
        again = self.refusal_of(service, {**facts, name: first})
        if "at the earliest" in sentence and NAMED_DAY.search(again):
            return  # refused for the first event alone; the next refusal names its own day
        assert not again or "is left of" in again or "is owed on" in again, (sentence, again)
        self.proven += 1
        self.done += not again


def assert_every_day_ties_out(books: Books) -> None:
    for row in [*Statement.objects.numbered(), *Payment.objects.posted()]:
        assert all(standing >= ZERO for _, standing in standing_by_day(dated_amounts(row))), row
    day = TODAY - dt.timedelta(days=41)
    while day <= TODAY + dt.timedelta(days=41):
        rows = {(row.client_id, row.currency): row for row in aging(day)}
        for client in books.clients:
            for currency in currencies_of(client):
                row = rows.get((client.pk, currency))
                assert balance_on(client, currency, day) == (row.outstanding if row else ZERO), (client, day)
        assert all(part >= ZERO for row in rows.values() for part in (*row.buckets, row.credit)), day
        day += ONE_DAY
    assert find_balance_faults() == []


@pytest.mark.parametrize("seed", range(5))
def test_aging_less_credit_is_the_ledger_on_every_day_whatever_is_dated_however(seed):
    """O2, O3"""
    books = Books(seed)
    while books.done < WANTED:
        books.act()
    assert_every_day_ties_out(books)
    assert books.proven > 10, "Refusals that name a day were asked for too."
