"""The proposed issue date: never before the engagement's start, today where it has passed, and it is said."""

import datetime as dt

import pytest

from billing import services
from billing.models import Sequence, Statement
from billing.reports.review import date_warnings, latest_of, order_words
from billtracker.core.periods import Month
from tests.factories import (
    make_client,
    make_draft,
    make_engagement,
    make_issued,
    make_office,
    make_office_user,
)

TODAY = dt.date(2026, 11, 28)
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 28, 4, tzinfo=dt.UTC)),
]


@pytest.fixture(autouse=True)
def office():
    return make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def passed(biller):
    """A draft that was to be issued on 1 November, due on the 8th."""
    dates = {"issue_date": dt.date(2026, 11, 1), "due_date": dt.date(2026, 11, 8)}
    draft = make_draft(make_client(), created_by=biller, **dates)
    return services.submit_statement(actor=biller, statement=draft)


def test_the_cycle_proposes_no_day_before_the_engagements_start(biller):
    """O5: a retainer from 31 October, billed by days, was proposed for the 1st."""
    make_engagement(starts_on=dt.date(2026, 10, 31), partial_periods="prorated")
    services.run_cycle(actor=biller, month=Month(2026, 10))
    assert Statement.objects.get().issue_date == dt.date(2026, 10, 31)


def test_where_the_day_has_passed_it_is_issued_today_and_not_overdue_at_birth(client, passed):
    """O5: on the desk, which says so; the days until it is due stay seven."""
    reviewer = make_office_user("Reviewer")
    client.force_login(reviewer)
    page = client.get(f"/billing/review/{passed.pk}/")
    sentence = "The proposed issue date, 2026-11-01, has passed: 2026-11-28 is proposed instead."
    assert sentence in page.content.decode()
    assert sentence in client.get(f"/billing/statements/{passed.pk}/").content.decode()
    batch = client.get(f"/billing/statements/issue/?draft={passed.pk}")
    [[row, _place]] = batch.context["rows"]
    assert (row.day, row.warnings) == (TODAY, (sentence,))
    issued = services.issue_statement(actor=reviewer, statement=passed)
    assert (issued.issue_date, issued.due_date) == (TODAY, dt.date(2026, 12, 5))


def test_a_day_that_is_given_is_taken_though_it_has_passed(passed):
    """O5"""
    facts = {"actor": make_office_user("Reviewer"), "issue_date": dt.date(2026, 11, 1)}
    issued = services.issue_statement(statement=passed, **facts)
    assert (issued.issue_date, issued.due_date) == (dt.date(2026, 11, 1), dt.date(2026, 11, 8))


def test_numbers_and_dates_that_would_run_against_each_other_are_told(passed):
    """O5"""
    sequence = Sequence.objects.get(code="SOA")
    assert len(date_warnings(passed, sequence, TODAY)) == 1
    make_issued(7, issue_date=dt.date(2026, 12, 20), due_date=dt.date(2027, 1, 4))
    words = (
        "SOA-2026-0007 is dated 2026-12-20: this one, of 2026-11-28, gets a later number and an earlier date."
    )
    assert date_warnings(passed, sequence, TODAY)[1] == words
    assert order_words(latest_of(sequence, 2026), dt.date(2026, 12, 20)) == ""
    assert order_words(latest_of(sequence, 2027), TODAY) == ""
