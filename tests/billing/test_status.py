"""Each signal of the office is driven through its levels; none of them tells a client or an amount."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import services, status
from billing.models import BooksCheck, CycleRun, Document, Statement
from billtracker.core.process.health import Fact, Item, Level
from tests.audit_unlock import audit_log_unlocked
from tests.factories import (
    make_client,
    make_draft,
    make_engagement,
    make_issued,
    make_office,
    make_office_user,
)

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOON, tick=False)]


@pytest.fixture
def office():
    return make_office()


def items(facts=None) -> dict[str, Item]:
    return {str(item.name): item for item in status.status_items(facts or {})}


def signal(name: str, facts=None) -> tuple[Level, str]:
    item = items(facts)[name]
    return item.level, item.value


def measured(at=NOON) -> dict:
    return {"billing": Fact(at, status.measure())}


def checked(**fields) -> BooksCheck:
    found = {"checked_at": timezone.now(), "entry_count": 4, "counter_count": 1, **fields}
    return BooksCheck.objects.create(**found)


def submitted(ago: dt.timedelta) -> Statement:
    draft = make_draft()
    fields = {"state": "in_review", "submitted_by": draft.created_by, "submitted_at": NOON - ago}
    Statement.objects.filter(pk=draft.pk).update(**fields)
    return draft


def issued(ago: dt.timedelta = HOUR, due: str = "2026-12-01") -> Statement:
    """An issued statement whose frozen dates are others than the factory's."""
    statement = make_issued()
    with audit_log_unlocked(connection):
        Statement.objects.filter(pk=statement.pk).update(issued_at=NOON - ago, due_date=due)
    return Statement.objects.get(pk=statement.pk)


def run_of(state: str, **fields) -> CycleRun:
    known = {"period": dt.date(2026, 10, 1), "actor": make_office_user("Biller"), "started_at": NOON - HOUR}
    return CycleRun.objects.create(state=state, **{**known, **fields})


# --- with and without an office ----------------------------------------------------------------
def test_without_an_office_only_the_chain_is_shown_which_is_the_servers_too():
    assert list(items()) == ["Audit chain"]


def test_with_an_office_or_a_client_all_signals_are_shown():
    make_client()
    assert list(items()) == [
        "Review", "Statements", "PDFs", "Last cycle", "Billed months", "Number register",
        "Balances", "Audit chain",
    ]  # fmt: skip


# --- review, statements, PDFs ------------------------------------------------------------------
def test_drafts_that_wait_are_counted_and_a_week_is_long(office):
    assert signal("Review") == (Level.OK, "No draft waits")
    submitted(2 * HOUR)
    assert signal("Review") == (Level.OK, "1 draft waits, for 2 hours")
    submitted(8 * DAY)
    assert signal("Review") == (Level.WARNING, "2 drafts wait, the oldest for 8 days")
    assert items()["Review"].url == "/billing/review/"


def test_issued_and_overdue_statements_are_counted(office):
    assert signal("Statements")[0] is Level.UNKNOWN
    issued(due="2026-11-20")
    issued(due="2026-11-21")
    make_draft()
    assert signal("Statements", measured()) == (
        Level.OK,
        "2 issued, 1 of them overdue (just now)",
    )
    assert signal("Statements", measured(NOON - 4 * HOUR))[0] is Level.WARNING


def test_overdue_is_by_the_offices_day():
    make_office(time_zone="Pacific/Kiritimati")  # the 22nd already
    issued(due="2026-11-21")
    assert status.measure()["overdue"] == 1


def test_a_missing_pdf_is_a_warning_and_after_a_day_an_error(office):
    assert signal("PDFs")[0] is Level.UNKNOWN
    one = issued(HOUR)
    assert signal("PDFs", measured()) == (Level.OK, "None is missing (just now)")
    two = issued(3 * HOUR)
    assert signal("PDFs", measured()) == (Level.WARNING, "1 could not be made yet, for 3 hours")
    three = issued(2 * DAY)
    assert signal("PDFs", measured()) == (Level.ERROR, "2 could not be made yet, the oldest for 2 days")
    for statement in (one, two, three):
        Document.objects.create(statement=statement, path="a.pdf", sha256="a" * 64, size=1, made_at=NOON)
    assert signal("PDFs", measured())[0] is Level.OK


def test_what_is_settled_is_not_overdue_and_a_credit_note_needs_its_pdf_too(office, time_machine):
    biller, reviewer = make_office_user("Biller"), make_office_user("Reviewer")
    draft = services.submit_statement(actor=biller, statement=make_draft(created_by=biller))
    days = {"issue_date": dt.date(2026, 11, 1), "due_date": dt.date(2026, 11, 16)}
    owed = services.issue_statement(actor=reviewer, statement=draft, **days)
    Document.objects.create(statement=owed, path="a.pdf", sha256="a" * 64, size=1, made_at=NOON)
    assert signal("Statements", measured())[1] == "1 issued, 1 of them overdue (just now)"
    services.issue_credit_note(actor=reviewer, statement=owed, amount=owed.total, reason="Billed twice")
    assert signal("Statements", measured())[1] == "1 issued, 0 of them overdue (just now)"
    time_machine.move_to(NOON + 3 * HOUR, tick=False)
    facts = measured(NOON + 3 * HOUR)
    assert signal("PDFs", facts) == (Level.WARNING, "1 could not be made yet, for 3 hours")


def test_a_stamped_copy_is_missing_from_its_voiding_on(office):
    void = issued(9 * DAY)
    Document.objects.create(statement=void, path="a.pdf", sha256="a" * 64, size=1, made_at=NOON)
    Statement.objects.filter(pk=void.pk).update(
        state="void",
        voided_at=NOON - 3 * HOUR,
        voided_by=void.issued_by,
        void_date="2026-11-21",
        void_reason="Wrong",
    )
    assert signal("PDFs", measured()) == (Level.WARNING, "1 could not be made yet, for 3 hours")


# --- the cycle ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "fields", "level", "words"),
    [
        ("done", {"ended_at": NOON - HOUR}, Level.OK, "2026-10 complete, 60 minutes ago"),
        (
            "partial",
            {"ended_at": NOON, "failed_count": 2},
            Level.WARNING,
            "2026-10 partial, just now: 2 engagements failed",
        ),
        ("running", {"started_at": NOON - HOUR / 2}, Level.OK, "2026-10 is being run, since 30 minutes ago"),
        (
            "waiting",
            {"started_at": NOON - 2 * HOUR},
            Level.ERROR,
            "2026-10 failed: begun 2 hours ago and never ended. Run the month again.",
        ),
        (
            "running",
            {"started_at": NOON - 2 * DAY},
            Level.ERROR,
            "2026-10 failed: begun 2 days ago and never ended. Run the month again.",
        ),
    ],
)
def test_the_last_cycle(office, state, fields, level, words):
    run = run_of(state, **fields)
    assert signal("Last cycle") == (level, words)
    assert items()["Last cycle"].url == f"/billing/cycle/runs/{run.pk}/"


def test_a_cycle_that_was_never_run_is_said_so_and_the_newest_run_counts(office):
    assert signal("Last cycle") == (Level.OK, "Never run")
    run_of("partial")
    run_of("done")
    assert signal("Last cycle")[0] is Level.OK


def test_a_month_that_was_not_run_is_a_warning(office):
    assert signal("Billed months")[0] is Level.UNKNOWN
    words = "Every retainer that was due up to 2026-11 is billed (just now)"
    assert signal("Billed months", measured()) == (Level.OK, words)
    retainer = make_engagement(starts_on=dt.date(2026, 11, 1), billing_day=25)
    assert signal("Billed months", measured())[0] is Level.OK  # its day has not come
    retainer.billing_day = 5
    retainer.save()
    words = "1 retainer was due by 2026-11 and is not billed: a month was not run (just now)"
    assert signal("Billed months", measured()) == (Level.WARNING, words)
    assert items(measured())["Billed months"].url == "/billing/cycle/missed/"


# --- as of the daily check ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "fault", "well", "wrong", "place", "mends"),
    [
        (
            "Number register",
            {"gaps": ["SOA 2026: missing 5"]},
            "No number is missing",
            "SOA 2026: missing 5 (just now)",
            "/billing/sequences/",
            "/billing/sequences/",
        ),
        (
            "Balances",
            {"balance_faults": ["SOA-2026-0001 is below zero on 2026-11-06", "Aging and ledger differ"]},
            "Aging and ledger agree on every day",
            "SOA-2026-0001 is below zero on 2026-11-06; 2 places in all (just now)",
            "/billing/reports/aging/",
            "/admin/status/help/#books",
        ),
        (
            "Audit chain",
            {"broken_position": 3, "broken_reason": "an entry is missing"},
            "Holds",
            "Broken at entry 3: an entry is missing (just now)",
            "/billing/audit/",
            "/admin/status/help/#books",
        ),
    ],
)
def test_what_is_checked_daily_is_unknown_then_well_then_old_then_broken(
    office, time_machine, name, fault, well, wrong, place, mends
):
    assert signal(name) == (Level.UNKNOWN, "Not checked yet; the worker does it within minutes.")
    checked()
    assert (signal(name), items()[name].url) == ((Level.OK, f"{well}, checked just now"), place)
    time_machine.move_to(NOON + 2 * DAY + HOUR, tick=False)
    assert signal(name) == (Level.WARNING, f"{well}, checked 2 days ago")
    assert items()[name].url == "/admin/jobs/?name=billing.tasks.check_books"
    checked(**fault)
    assert (signal(name), items()[name].url) == ((Level.ERROR, wrong), mends)
    checked()
    assert signal(name)[0] is Level.OK


# --- what it costs and tells -------------------------------------------------------------------
def test_it_costs_the_same_with_much_in_the_books_and_tells_nobodys_name(office):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            status.status_items({})
        return len(queries)

    little = count()
    casa = make_client(name="Casa Niña")
    for _ in range(5):
        submitted(8 * DAY)
        issued(2 * DAY)
        run_of("partial")
        checked(gaps=["SOA 2026: missing 2"])
        make_engagement(casa, fee="1850.00", billing_day=1)
    assert count() == little <= 5
    told = " ".join(item.value for item in status.status_items(measured()))
    assert "Casa" not in told
    assert "1850" not in told
