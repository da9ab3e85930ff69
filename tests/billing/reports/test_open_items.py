"""What stood open on a day: buckets at their boundaries, sums that meet, and the past as it was."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.models import Statement
from billing.reports import collections, home, open_items, spans
from billing.reports.aging import BUCKETS, aging, bucket_of, totals
from billing.reports.tables import ReportQuestion
from billtracker.core.money import ZERO
from billtracker.core.periods import Month
from tests.factories import (
    make_allocation,
    make_client,
    make_engagement,
    make_issued,
    make_office,
    make_office_user,
    make_payment,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)
REASON = "Agreed with the accountant"


@pytest.fixture(autouse=True)
def office(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False)
    return make_office(requires_second_person=False)


def ask(day: dt.date = DAY, **facts) -> ReportQuestion:
    first = {"first": dt.date(2026, 1, 1), "last": day, "month": Month.of(day), "today": DAY}
    return ReportQuestion(as_of=day, **{**first, **facts})


def owing(late: int, amount: str = "100.00", **facts) -> Statement:
    """A statement that is this many days late on DAY."""
    due = DAY - dt.timedelta(days=late)
    return make_issued(amount=amount, issue_date=min(due, dt.date(2026, 7, 1)), due_date=due, **facts)


@pytest.mark.parametrize(
    ("late", "bucket"),
    [
        (-10, "current"),
        (0, "current"),
        (1, "1-30"),
        (30, "1-30"),
        (31, "31-60"),
        (60, "31-60"),
        (61, "61-90"),
        (90, "61-90"),
        (91, "90+"),
        (400, "90+"),
    ],
)
def test_a_statement_is_in_the_bucket_of_its_days_late(late, bucket):
    if late < 300:
        owing(late)
        [row] = aging(DAY)
        assert [BUCKETS[at] for at, amount in enumerate(row.buckets) if amount] == [bucket]
        [shown] = open_items.open_table(ask()).rows
        assert (shown.cells["days_late"], shown.cells["bucket"]) == (max(late, 0), bucket)
    assert BUCKETS[bucket_of(DAY - dt.timedelta(days=late), DAY)] == bucket


def test_a_statement_without_a_due_date_is_never_late():
    assert BUCKETS[bucket_of(None, DAY)] == "current"


def test_the_bucket_follows_the_day_that_is_asked_for():
    owing(31)
    buckets = {
        days: [BUCKETS[at] for at, amount in enumerate(row.buckets) if amount]
        for days in (31, 30, 1, 0)
        for row in aging(DAY - dt.timedelta(days=days))
    }
    assert buckets == {31: ["current"], 30: ["1-30"], 1: ["1-30"], 0: ["31-60"]}


@pytest.fixture
def busy():
    """Three clients in two currencies with every bucket, a part payment and credit."""
    one, two, yen = make_client(name="One"), make_client(name="Two"), make_client(name="Y", currency="JPY")
    for late in (-5, 10, 40, 70, 100):
        owing(late, "100.10", client=one)
    part = owing(45, "500.00", client=two)
    make_allocation(make_payment(two, "350.00"), part, "300.00")
    owing(5, "9000", client=yen)
    make_payment(yen, "400")
    return one, two, yen


def test_buckets_less_credit_are_what_is_outstanding_for_each_client_and_in_all(busy):
    table = open_items.aging_table(ask())
    for row in (*table.rows, *table.totals):
        buckets = [row.cells[key] for key in open_items.BUCKET_KEYS]
        assert sum(buckets) - row.cells["credit"] == row.cells["outstanding"]
    owed = dict.fromkeys(("PHP", "JPY"), ZERO)
    for statement in Statement.objects.filter(state="issued").with_balance():
        owed[statement.currency] += statement.outstanding
    assert {row.currency: row.owed for row in totals(aging(DAY))} == owed
    assert {row.currency: row.cells["outstanding"] for row in open_items.open_table(ask()).totals} == owed


def test_a_bucket_opens_the_statements_that_make_it(busy):
    for row in open_items.aging_table(ask()).rows:
        for place, link in row.links.items():
            if link.args != ("open",):
                continue
            facts = {"client": int(link.query["client"]), "bucket": link.query["bucket"]}
            behind = open_items.open_table(ask(**facts, currency=row.currency))
            assert sum(one.cells["outstanding"] for one in behind.rows) == row.cells[place]


def test_credit_opens_the_payments_that_make_it(busy):
    credits = {row.currency: row.cells["credit"] for row in open_items.credit_table(ask()).totals}
    assert credits == {"PHP": Decimal(50), "JPY": Decimal(400)}
    [row] = open_items.credit_table(ask(client=busy[1].pk)).rows
    sums = [row.cells[key] for key in ("amount", "applied", "refunded", "credit")]
    assert sums == [Decimal(350), Decimal(300), ZERO, Decimal(50)]


def test_a_past_day_stays_as_it_was_when_money_comes_and_goes(busy):
    _one, two, _yen = busy
    admin, before = make_office_user("Admin"), DAY - dt.timedelta(days=1)
    reports = (open_items.aging_table, open_items.open_table, open_items.credit_table)
    was = [report(ask(before)).rows for report in reports]
    owed = two.statements.get()
    new = make_payment(two, "100.00", paid_on=DAY)
    services.allocate_payment(actor=admin, payment=new, statement=owed, amount=Decimal(100))
    services.void_payment(actor=admin, payment=two.payments.first(), cause="error", reason=REASON)
    assert [report(ask(before)).rows for report in reports] == was
    assert open_items.aging_table(ask()).rows != was[0]


def test_a_certificate_is_pending_until_the_day_on_which_it_came():
    admin, owed = make_office_user("Admin"), owing(10)
    row = services.settle_statement(
        actor=admin, statement=owed, kind="withholding", amount=Decimal(2), settled_on=dt.date(2026, 11, 11)
    )
    came = dt.date(2026, 11, 20)
    services.receive_certificate(actor=admin, settlement=row, number="2307-9", date=came, received_on=came)
    days = {
        day: len(open_items.withholding_table(ask(dt.date(2026, 11, day))).rows) for day in (10, 11, 19, 20)
    }
    assert days == {10: 0, 11: 1, 19: 1, 20: 0}


# --- spans -------------------------------------------------------------------------------------
def test_collections_show_each_manual_number_on_its_day_and_a_void_with_a_minus(busy):
    admin, two = make_office_user("Admin"), busy[1]
    cash = make_payment(two, "80.00", method="cash", paid_on=dt.date(2026, 11, 3), manual_number="OR 7")
    services.void_payment(
        actor=admin, payment=cash, cause="bounced", reason=REASON, void_date=dt.date(2026, 11, 5)
    )
    found = collections.collections_table(ask(method="cash", first=dt.date(2026, 11, 3)))
    events = [row.cells for row in found.rows]
    assert [(one["day"].day, one["manual_number"], one["event"], one["amount"]) for one in events] == [
        (3, "OR 7", "Received", Decimal(80)), (5, "OR 7", "Void: Bounced", Decimal(-80)),
    ]  # fmt: skip
    early = collections.collections_table(ask(dt.date(2026, 11, 4), method="cash"))
    assert [row.cells["amount"] for row in early.rows] == [Decimal(80)]
    totals = collections.collections_table(ask()).totals
    assert {(row.cells.get("method", ""), row.currency): row.cells["amount"] for row in totals} == {
        ("Bank transfer", "PHP"): Decimal(350), ("Bank transfer", "JPY"): Decimal(400),
        ("Cash", "PHP"): ZERO, ("", "PHP"): Decimal(350), ("", "JPY"): Decimal(400),
    }  # fmt: skip


def test_the_register_counts_a_void_statement_until_its_void_date_and_names_gaps():
    admin, statement = make_office_user("Admin"), owing(10)
    services.void_statement(actor=admin, statement=statement, reason=REASON, void_date=DAY)
    [then] = spans.register_table(ask(DAY - dt.timedelta(days=1))).rows
    [now] = spans.register_table(ask()).rows
    assert (then.cells["state"], then.cells["counts"]) == ("Issued", Decimal(100))
    assert (now.cells["state"], now.cells["reason"], now.cells["counts"]) == ("Void", REASON, ZERO)


def test_the_ledger_ends_with_what_the_client_owes(busy):
    for row in aging(DAY):
        table = spans.ledger_table(ask(client=row.client_id, currency=row.currency))
        assert table.totals[0].cells["balance"] == row.outstanding
    balances = [row.cells["balance"] for row in spans.ledger_table(ask()).rows]
    assert balances == [row.outstanding for row in aging(DAY)]


def test_coverage_says_who_was_not_billed_and_why():
    make_engagement(make_client(name="A"), title="Suspended", status="suspended")
    make_engagement(make_client(name="B"))
    make_engagement(make_client(name="C"), "12.50")
    services.run_cycle(actor=make_office_user("Biller"), month=Month(2026, 11))
    Statement.objects.filter(client__name="C").delete()
    table = spans.coverage_table(ask())
    assert [tuple(row.cells.values()) for row in table.rows] == [
        ("A", "Suspended", "Skipped", "The engagement is suspended.", "PHP", None),
        ("C", "Bookkeeping", "To be made", "", "PHP", Decimal("12.50")),
    ]
    assert table.notes == ("Billed for November 2026: 1; not billed: 2.",)


# --- queries -----------------------------------------------------------------------------------
REPORTS = (
    open_items.aging_table, open_items.open_table, open_items.credit_table, open_items.withholding_table,
    collections.collections_table, spans.register_table, spans.ledger_table, spans.coverage_table,
)  # fmt: skip


def count(act) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_asks_no_more_when_there_is_more(report, busy):
    for client in busy[:2]:
        make_engagement(client)
    few = count(lambda: report(ask()))
    for client in busy[:2]:
        for late in (3, 50):
            make_allocation(make_payment(client, "50.00"), owing(late, client=client), "20.00")
        make_engagement(client)
        make_engagement(make_client())
    assert count(lambda: report(ask())) == few


def test_the_first_page_asks_no_more_when_there_is_more(busy):
    make_engagement(busy[0])
    few = count(lambda: home.figures_of(DAY))
    for client in busy[:2]:
        make_engagement(client)
        make_payment(client, "50.00")
        owing(3, client=client)
    assert count(lambda: home.figures_of(DAY)) == few


def test_the_first_page_counts_what_waits(busy):
    admin = make_office_user("Admin")
    make_payment(busy[0], state="draft")
    services.settle_statement(
        actor=admin, statement=busy[0].statements.first(), kind="withholding", amount=Decimal(1)
    )
    found = home.figures_of(DAY)
    assert (found.unposted, found.unverified, found.certificates) == (1, 2, 1)
    assert {row.currency: row.credit for row in found.credits} == {"PHP": Decimal(50), "JPY": Decimal(400)}
    assert (found.last_close, found.next_close) == (None, Month(2026, 7))
