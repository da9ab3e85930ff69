"""The retainer cycle over the office's file: exactly the drafts it asks for, once, and a line for each."""

import datetime as dt
import logging
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_q.models import OrmQ

from billing import services, tasks
from billing.models import CycleLine, CycleRun, Engagement, FeeStep, Statement
from billing.reports import retainer_cycle as reports
from billing.services import retainer_cycle
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from billtracker.core.periods import Month
from billtracker.core.process.jobs import JobFailed
from tests.billing.office_file import expected, make_books
from tests.factories import make_client, make_engagement, make_office, make_office_user

pytestmark = pytest.mark.django_db
SEPTEMBER = Month(2025, 9)
Outcome, State = CycleLine.Outcome, CycleRun.State
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def actor():
    make_office()
    return make_office_user("Biller")


def drafts() -> set[tuple]:
    rows = Statement.objects.select_related("client")
    return {
        (d.client.name, d.period_start, d.period_end - ONE_DAY, d.total, d.issue_date, d.due_date)
        for d in rows
    }


def counts(run: CycleRun) -> dict[str, int]:
    run.refresh_from_db()
    return {outcome: getattr(run, f"{outcome}_count") for outcome in Outcome.values}


# --- the file ----------------------------------------------------------------------------------
def test_september_2025_makes_exactly_the_drafts_that_the_file_asks_for(actor):
    make_books()
    run = services.run_cycle(actor=actor, month=SEPTEMBER)
    assert drafts() == expected(2025, 9)
    assert counts(run) == {"created": 19, "exists": 0, "skipped": 3, "failed": 0}
    assert run.state == State.DONE
    again = services.run_cycle(actor=actor, month=SEPTEMBER)
    assert counts(again) == {"created": 0, "exists": 19, "skipped": 3, "failed": 0}
    assert drafts() == expected(2025, 9)


def test_two_years_of_months_make_exactly_the_drafts_that_the_file_asks_for(actor):
    make_books()
    month, wanted = Month(2025, 2), set()
    while month <= Month(2026, 12):
        services.run_cycle(actor=actor, month=month)
        wanted |= expected(month.year, month.month)
        month = month.next
    assert drafts() == wanted
    assert Statement.objects.count() == len(wanted) > 400


def test_a_preview_says_what_the_run_then_does_and_writes_nothing(actor):
    make_books()
    seen = services.preview_cycle(actor=actor, month=SEPTEMBER)
    assert not Statement.objects.exists()
    assert not CycleRun.objects.exists()
    run = services.run_cycle(actor=actor, month=SEPTEMBER)
    foreseen = [(one.engagement_id, one.outcome, one.reason) for one in seen]
    assert foreseen == list(run.lines.values_list("engagement_id", "outcome", "reason"))


# --- a draft -----------------------------------------------------------------------------------
def test_a_draft_has_one_line_its_dates_its_maker_and_an_entry_in_the_log(actor):
    client = make_client(terms_days=None, currency="PHP")
    engagement = make_engagement(client, fee="2500.50", description="Books for {period}", billing_day=31)
    run = services.run_cycle(actor=actor, month=SEPTEMBER)
    draft = Statement.objects.get()
    line = draft.lines.get()
    assert (draft.kind, draft.state, draft.created_by, draft.currency) == ("retainer", "draft", actor, "PHP")
    assert (draft.issue_date, draft.due_date) == (dt.date(2025, 9, 30), dt.date(2025, 10, 15))
    assert (line.description, line.quantity, line.unit_price) == ("Books for September 2025", 1, draft.total)
    assert (line.amount, line.engagement, line.position) == (Decimal("2500.50"), engagement, 1)
    assert run.lines.get().statement == draft
    entry = AuditEntry.objects.get(action="statement.drafted")
    assert (entry.target_id, entry.actor_id) == (str(draft.pk), actor.pk)
    lines = ["1.00  × 2500.50: Books for September 2025"]
    assert entry.changes == {"total": [None, "2500.50"], "lines": [[], lines]}
    ran = AuditEntry.objects.get(action="cycle.run")
    assert ran.changes["created"] == [None, 1]
    assert audit.verify() == []


@pytest.mark.time_machine(dt.datetime(2025, 10, 1, tzinfo=dt.UTC))
def test_a_void_statement_leaves_its_period_free_for_the_next_run(actor):
    make_engagement()
    services.run_cycle(actor=actor, month=SEPTEMBER)
    draft = services.submit_statement(actor=actor, statement=Statement.objects.get())
    reviewer = make_office_user("Reviewer")
    issued = services.issue_statement(actor=reviewer, statement=draft)
    assert counts(services.run_cycle(actor=actor, month=SEPTEMBER))["exists"] == 1
    services.void_statement(actor=reviewer, statement=issued, reason="Wrong fee")
    assert counts(services.run_cycle(actor=actor, month=SEPTEMBER))["created"] == 1


def test_who_may_not_make_drafts_may_not_run_the_cycle(actor):
    for nobody in (make_office_user("Viewer"), make_office_user()):
        for act in (services.run_cycle, services.preview_cycle, services.request_cycle):
            with pytest.raises(NotAllowed):
                act(actor=nobody, month=SEPTEMBER)
    assert not CycleRun.objects.exists()


# --- failures ----------------------------------------------------------------------------------
def spoil_fee(engagement: Engagement) -> None:
    """Plant a fee of a tenth of a cent, as raw SQL may."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_feestep SET amount = 10001 WHERE engagement_id = %s", [engagement.pk])


def refuse_drafts_of(engagement: Engagement) -> None:
    """Let the database itself refuse this engagement's statements."""
    condition = f"engagement_id <> {engagement.pk}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE billing_statement ADD CONSTRAINT poison CHECK ({condition})")
        else:
            cursor.execute(
                f"CREATE TRIGGER poison BEFORE INSERT ON billing_statement WHEN NOT (NEW.{condition})"
                " BEGIN SELECT RAISE(ABORT, 'poison'); END"
            )


@pytest.mark.parametrize(
    ("poison", "kind"), [(spoil_fee, "MoneyError"), (refuse_drafts_of, "IntegrityError")]
)
def test_one_poisoned_engagement_fails_alone_and_the_run_is_partial(actor, poison, kind, caplog):
    caplog.set_level(logging.CRITICAL)
    bad, *good = [make_engagement() for _ in range(5)]
    poison(bad)
    run = services.run_cycle(actor=actor, month=SEPTEMBER)
    assert counts(run) == {"created": 4, "exists": 0, "skipped": 0, "failed": 1}
    assert run.state == State.PARTIAL
    assert (line := run.lines.get(outcome="failed")).engagement == bad
    assert line.reason == kind
    assert set(Statement.objects.values_list("engagement_id", flat=True)) == {one.pk for one in good}
    assert run.seen_count == run.total_count == 5
    assert audit.verify() == []


@pytest.mark.engines("sqlite")
def test_a_row_with_a_date_that_is_none_fails_alone(actor, caplog):
    caplog.set_level(logging.CRITICAL)
    bad, good = make_engagement(), make_engagement()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_engagement SET starts_on = '2025-99-99' WHERE id = %s", [bad.pk])
    run = services.run_cycle(actor=actor, month=SEPTEMBER)
    assert counts(run) == {"created": 1, "exists": 0, "skipped": 0, "failed": 1}
    assert [one.engagement_id for one in reports.missed_months(today=dt.date(2025, 3, 2))] == [good.pk]


def test_a_run_whose_process_died_is_marked_when_the_next_one_starts(actor):
    dead = retainer_cycle.begin(actor, SEPTEMBER, State.RUNNING)
    services.run_cycle(actor=actor, month=SEPTEMBER)
    dead.refresh_from_db()
    assert dead.state == State.PARTIAL
    assert dead.ended_at is not None


def test_an_unforeseen_end_leaves_what_was_made_and_a_partial_run(actor, monkeypatch):
    monkeypatch.setattr(reports, "CHUNK", 2)
    for _ in range(4):
        make_engagement()
    seen = []

    def fall_over(run, keys):
        seen.append(keys)
        if len(seen) == 2:
            raise MemoryError
        done(run, keys)

    done = retainer_cycle.do_chunk
    monkeypatch.setattr(retainer_cycle, "do_chunk", fall_over)
    with pytest.raises(MemoryError):
        services.run_cycle(actor=actor, month=SEPTEMBER)
    assert counts(run := CycleRun.objects.get())["created"] == 2
    assert run.state == State.PARTIAL


# --- large runs --------------------------------------------------------------------------------
@pytest.fixture
def large(actor, monkeypatch):
    """A run that a page handed to the worker: four engagements where two are many."""
    monkeypatch.setattr(retainer_cycle, "LARGEST_AT_ONCE", 3)
    monkeypatch.setattr(reports, "CHUNK", 2)
    for _ in range(4):
        make_engagement()
    return services.request_cycle(actor=actor, month=SEPTEMBER)


def test_a_large_run_waits_for_the_worker(large):
    assert (large.state, large.total_count) == (State.WAITING, 4)
    assert not Statement.objects.exists()
    assert OrmQ.objects.count() == 1
    assert tasks.run_retainer_cycle(large.pk) == "4 created, 0 already there, 0 skipped."
    assert counts(large)["created"] == large.seen_count == 4
    assert tasks.run_retainer_cycle(large.pk) == "4 created, 0 already there, 0 skipped."
    assert Statement.objects.count() == 4


def test_a_waiting_run_is_not_taken_for_a_dead_one(large, actor):
    services.run_cycle(actor=actor, month=SEPTEMBER)
    assert tasks.run_retainer_cycle(large.pk) == "0 created, 4 already there, 0 skipped."


def test_a_worker_that_was_killed_goes_on_where_it_stopped(large):
    CycleRun.objects.filter(pk=large.pk).update(state=State.RUNNING)
    retainer_cycle.do_chunk(large, next(reports.retainers()))
    assert counts(large)["created"] == 2
    tasks.run_retainer_cycle(large.pk)
    assert counts(large) == {"created": 4, "exists": 0, "skipped": 0, "failed": 0}
    assert large.state == State.DONE


def test_who_lost_the_role_meanwhile_makes_nothing(large, actor):
    actor.groups.clear()
    with pytest.raises(JobFailed, match="partial"):
        tasks.run_retainer_cycle(large.pk)
    assert not Statement.objects.exists()


def test_a_run_that_is_gone_is_no_error():
    assert tasks.run_retainer_cycle(0) == "The run is gone."


def test_a_second_run_waits_for_the_first_and_then_says_so(actor, monkeypatch):
    @contextmanager
    def held(name):
        yield False

    monkeypatch.setattr(retainer_cycle, "try_database_lock", held)
    monkeypatch.setattr(retainer_cycle, "PATIENCE", 0.0)
    with pytest.raises(DomainError, match="under way"):
        services.run_cycle(actor=actor, month=SEPTEMBER)


# --- missed months -----------------------------------------------------------------------------
def test_months_without_a_statement_are_missed_and_can_be_caught_up(actor):
    engagement = make_engagement(starts_on=dt.date(2025, 6, 1), billing_day=15)
    make_engagement(status="suspended")
    services.run_cycle(actor=actor, month=Month(2025, 7))
    today = dt.date(2025, 9, 15)  # September's day has come and is not over
    (missed,) = reports.missed_months(today=today)
    assert (missed.engagement_id, missed.months) == (engagement.pk, (Month(2025, 6), Month(2025, 8)))
    assert list(reports.missed_months(today=today, engagement=engagement)) == [missed]
    (later,) = reports.missed_months(today=today, since=Month(2025, 7))
    assert later.months == (Month(2025, 8),)
    runs = services.catch_up(actor=actor, months=missed.months)
    assert [run.period for run in runs] == [dt.date(2025, 6, 1), dt.date(2025, 8, 1)]
    assert list(reports.missed_months(today=today)) == []


def test_arrears_are_missed_only_after_their_issue_date(actor):
    make_engagement(starts_on=dt.date(2025, 6, 1), timing="arrears", billing_day=10, interval_months=3)
    assert list(reports.missed_months(today=dt.date(2025, 9, 10))) == []
    (missed,) = reports.missed_months(today=dt.date(2025, 9, 11))
    assert missed.months == (Month(2025, 6),)


# --- memory and questions ----------------------------------------------------------------------
def test_a_chunk_costs_the_same_questions_however_many_engagements_it_has(actor):
    def queries(month: Month) -> int:
        with CaptureQueriesContext(connection) as seen:
            services.run_cycle(actor=actor, month=month)
        return len(seen)

    make_engagement()
    queries(SEPTEMBER.previous)  # the first one opens the chain of the audit log
    few = queries(SEPTEMBER)
    for _ in range(30):
        make_engagement()
    assert queries(SEPTEMBER.next) == few


def test_drafts_are_written_once_though_somebody_made_one_just_now(actor, monkeypatch):
    first, second = make_engagement(), make_engagement()
    run, keys = retainer_cycle.begin(actor, SEPTEMBER, State.RUNNING), [first.pk, second.pk]
    stale, read = reports.found_for(keys, SEPTEMBER), reports.found_for

    def found_for(asked, month):
        return stale if len(asked) == 2 else read(asked, month)

    services.run_cycle(actor=actor, month=SEPTEMBER)
    Statement.objects.filter(engagement=second).delete()
    monkeypatch.setattr(
        reports, "found_for", lambda keys, month, actor: stale if len(keys) == 2 else read(keys, month, actor)
    )
    retainer_cycle.do_chunk(run, keys)
    assert Statement.objects.count() == 2
    assert counts(run) == {"created": 1, "exists": 1, "skipped": 0, "failed": 0}
    assert audit.verify() == []


def test_one_by_one_what_is_there_already_is_no_failure(actor):
    engagement = make_engagement()
    stale = reports.found_for([engagement.pk], SEPTEMBER)
    services.run_cycle(actor=actor, month=SEPTEMBER)
    run = retainer_cycle.begin(actor, SEPTEMBER, State.RUNNING)
    with transaction.atomic():
        retainer_cycle.write(run, stale, 1)
    assert counts(run) == {"created": 0, "exists": 1, "skipped": 0, "failed": 0}
    assert Statement.objects.count() == 1


def test_the_fee_of_a_later_step_does_not_reach_an_earlier_period(actor):
    engagement = make_engagement(fee="100.00")
    FeeStep.objects.create(engagement=engagement, starts_on=dt.date(2025, 9, 2), amount=Decimal(200))
    for month in (SEPTEMBER, SEPTEMBER.next):
        services.run_cycle(actor=actor, month=month)
    totals = Statement.objects.order_by("period_start").values_list("total", flat=True)
    assert list(totals) == [Decimal(100), Decimal(200)]
