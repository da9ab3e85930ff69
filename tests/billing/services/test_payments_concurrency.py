"""Two real processes want the same last peso: one gets it, the other is refused, nothing is half-done."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")

ROUNDS = 6
PREPARE = """
import datetime as dt, json; from tests import factories
factories.make_office(time_zone="UTC")
people = [factories.make_office_user("Reviewer") for _ in range(2)]
payer, day = factories.make_client(), dt.date(2026, 1, 5)
def paid(amount): return factories.make_payment(payer, amount, paid_on=day).pk
def owed(amount):
    row = factories.make_draft(payer, amount)
    from billing import services
    services.submit_statement(actor=people[0], statement=row)
    return services.issue_statement(actor=people[1], statement=row, issue_date=dt.date(2026, 10, 1)).pk
print(json.dumps([[one.pk for one in people], [{rows} for _ in range({rounds})]]))
"""
FIGURES = """
import json; from billing.models import *
from billing.reports.register import check_numbers; from billtracker.core import audit
paid = Payment.objects.order_by("pk").with_credit()
left = [[str(p.applied), str(p.refunded), str(p.credit), p.state] for p in paid]
owes = [[str(s.settled), str(s.outstanding)] for s in Statement.objects.order_by("pk").with_balance()]
acts = ["payment.allocated", "payment.refunded", "credit_note.issued", "payment.voided"]
from billtracker.core.models import AuditEntry
entries = AuditEntry.objects.filter(action__in=acts).count()
rows = Allocation.objects.filter(reverses=None).exclude(settlement__isnull=False).count()
print(json.dumps([left, owes, entries, rows, len(audit.verify()), [c.is_whole for c in check_numbers()]]))
"""


class Cashier:
    """One process at work for one person."""

    def __init__(self, server, actor: int):
        command = [sys.executable, "-m", "tests.processes.cashier", str(actor)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=server.environment, text=True, **pipes
        )

    def ask(self, *line) -> None:
        self.process.stdin.write(f"{json.dumps(line)}\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        line = self.process.stdout.readline().strip()
        return line or self.process.stderr.read()

    def leave(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def both(server):
    """Let two processes do two things at once, round by round; returns the answers and the figures."""

    def race(rows: str, *deeds) -> tuple:
        people, rounds = json.loads(server.ask(PREPARE.format(rows=rows, rounds=ROUNDS)))
        cashiers = [Cashier(server, actor) for actor in people]
        assert [cashier.answer() for cashier in cashiers] == ["ready", "ready"]
        answers = []
        for things in rounds:
            for cashier, (verb, payment, statement, amount) in zip(cashiers, deeds, strict=True):
                cashier.ask(verb, things[payment], things[statement], amount)
            answers.append(sorted(cashier.answer() for cashier in cashiers))
        for cashier in cashiers:
            cashier.leave()
        return answers, json.loads(server.ask(FIGURES))

    return race


def test_two_payments_for_the_last_peso_of_a_statement(both):
    deeds = [("allocate", "a", "s", "1.00"), ("allocate", "b", "s", "1.00")]
    rows = '{"a": paid("1.00"), "b": paid("1.00"), "s": owed("1.00")}'
    answers, (left, owes, entries, count, broken, _) = both(rows, *deeds)
    assert answers == [["done", "too_much"]] * ROUNDS
    assert owes == [["1.00", "0.00"]] * ROUNDS
    assert sorted(figures[2] for figures in left) == ["0.00"] * ROUNDS + ["1.00"] * ROUNDS
    assert (entries, count, broken) == (ROUNDS, ROUNDS, 0)


def test_two_statements_for_the_last_peso_of_a_payment(both):
    deeds = [("allocate", "p", "s", "1.00"), ("allocate", "p", "t", "1.00")]
    answers, (left, owes, entries, count, broken, _) = both(
        '{"p": paid("1.00"), "s": owed("1.00"), "t": owed("1.00")}', *deeds
    )
    assert answers == [["done", "too_much"]] * ROUNDS
    assert left == [["1.00", "0.00", "0.00", "posted"]] * ROUNDS
    assert sorted(figures[1] for figures in owes) == ["0.00"] * ROUNDS + ["1.00"] * ROUNDS
    assert (entries, count, broken) == (ROUNDS, ROUNDS, 0)


def test_the_same_pair_at_the_same_moment(both):
    deed = ("allocate", "p", "s", "1.00")
    rows = '{"p": paid("5.00"), "s": owed("5.00")}'
    answers, (left, _, entries, count, _, _) = both(rows, deed, deed)
    assert answers == [["applied_already", "done"]] * ROUNDS
    assert left == [["1.00", "0.00", "4.00", "posted"]] * ROUNDS
    assert (entries, count) == (ROUNDS, ROUNDS)


def test_a_refund_and_an_application_of_the_same_credit(both):
    deeds = [("refund", "p", "s", "1.00"), ("allocate", "p", "s", "1.00")]
    answers, (left, _, entries, _, _, _) = both('{"p": paid("1.00"), "s": owed("1.00")}', *deeds)
    assert answers == [["done", "too_much"]] * ROUNDS
    assert {figures[2] for figures in left} == {"0.00"}
    assert entries == ROUNDS


def test_a_credit_note_and_a_payment_for_the_same_peso(both):
    # The first person wrote the statement, so the second issues the credit note on it.
    deeds = [("allocate", "p", "s", "1.00"), ("credit", "p", "s", "1.00")]
    rows = '{"p": paid("1.00"), "s": owed("1.00")}'
    answers, (_, owes, entries, count, broken, whole) = both(rows, *deeds)
    assert answers == [["done", "too_much"]] * ROUNDS
    assert owes == [["1.00", "0.00"]] * ROUNDS
    assert (entries, count, broken) == (ROUNDS, ROUNDS, 0)
    assert all(whole)


def test_a_void_and_an_application_leave_nothing_applied_of_a_void_payment(both):
    deeds = [("void", "p", "s", "1.00"), ("allocate", "p", "s", "1.00")]
    answers, (left, owes, _, _, _, _) = both('{"p": paid("1.00"), "s": owed("1.00")}', *deeds)
    # Applied first and voided after, or void and therefore refused: nothing stays applied either way.
    assert all(answer in (["done", "done"], ["done", "wrong_state"]) for answer in answers)
    assert left == [["0.00", "0.00", "1.00", "void"]] * ROUNDS
    assert owes == [["0.00", "1.00"]] * ROUNDS
