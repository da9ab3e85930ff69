"""From draft to void: who may do what in which state, and what each act leaves behind."""

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django_q.models import OrmQ

from billing import services
from billing.models import Counter, Statement
from billing.reports.review import version_of
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from tests.factories import make_client, make_draft, make_engagement, make_office, make_office_user

pytestmark = pytest.mark.django_db
State = Statement.State


@pytest.fixture
def office():
    with time_machine.travel(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False):
        yield make_office()


@pytest.fixture
def people(office):
    return {role: make_office_user(role) for role in policy.OfficeRole} | {"nobody": make_office_user()}


def statement_in(state: str, submitter=None, issuer=None) -> Statement:
    """A statement that came to its state through the services."""
    submitter, issuer = submitter or make_office_user("Biller"), issuer or make_office_user("Admin")
    draft = make_draft()
    if state != State.DRAFT:
        services.submit_statement(actor=submitter, statement=draft)
    if state in Statement.FROZEN:
        services.issue_statement(actor=issuer, statement=draft)
    if state == State.VOID:
        services.void_statement(actor=issuer, statement=draft, reason="Wrong client")
    return Statement.objects.get(pk=draft.pk)


def save_again(actor, statement):
    line = services.LineInput(description="Audit 2026", unit_price=statement.total)
    services.save_draft(actor=actor, client=statement.client, statement=statement, lines=[line])


def void(actor, statement):
    services.void_statement(actor=actor, statement=statement, reason="Wrong client")


def give_back(actor, statement):
    services.return_statement(actor=actor, statement=statement, comment="Which fee?")


def plainly(service):
    return lambda actor, statement: service(actor=actor, statement=statement)


EDITORS, REVIEWERS = {"Admin", "Biller", "Reviewer"}, {"Admin", "Reviewer"}
# The act, who may do it, and the state it needs.
ACTS = {
    "edit": (save_again, EDITORS, State.DRAFT),
    "delete": (plainly(services.delete_draft), EDITORS, State.DRAFT),
    "submit": (plainly(services.submit_statement), EDITORS, State.DRAFT),
    "return": (give_back, REVIEWERS, State.IN_REVIEW),
    "issue": (plainly(services.issue_statement), REVIEWERS, State.IN_REVIEW),
    "void": (void, REVIEWERS, State.ISSUED),
    "reissue": (plainly(services.reissue_statement), REVIEWERS, State.VOID),
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("name", ACTS)
def test_each_role_in_each_state_does_what_the_table_says(name, state, people):
    do, roles, needs = ACTS[name]
    for role, person in people.items():
        statement = statement_in(state)
        before = Statement.objects.filter(pk=statement.pk).values().get()
        if role in roles and state == needs:
            do(person, statement)
            continue
        with pytest.raises(NotAllowed if role not in roles else DomainError):
            do(person, statement)
        assert Statement.objects.filter(pk=statement.pk).values().get() == before


# --- issue -------------------------------------------------------------------------------------
def test_issue_gives_number_dates_snapshot_and_one_entry_and_asks_for_the_pdf(office, people):
    client = make_client(name="Abad & Sons", terms_days=7)
    draft = make_draft(client, "2500.00")
    services.submit_statement(actor=people["Biller"], statement=draft)
    issued = services.issue_statement(actor=people["Reviewer"], statement=draft)
    assert (issued.number, issued.state) == ("SOA-2026-0001", "issued")
    assert (issued.issue_date, issued.due_date) == (dt.date(2026, 11, 21), dt.date(2026, 11, 28))
    assert issued.snapshot["client"]["name"] == "Abad & Sons"
    assert issued.snapshot["statement"]["total"] == "2500.00"
    entry = AuditEntry.objects.get(action="statement.issued")
    assert entry.changes["number"] == [None, "SOA-2026-0001"]
    assert OrmQ.objects.get().func() == "billing.tasks.make_document"
    assert audit.verify() == []


def test_who_submitted_cannot_issue_unless_the_office_is_one_person(office, people):
    draft = make_draft()
    services.submit_statement(actor=people["Admin"], statement=draft)
    with pytest.raises(NotAllowed, match="somebody else issues it"):
        services.issue_statement(actor=people["Admin"], statement=draft)
    assert not Counter.objects.exists()
    office.requires_second_person = False
    office.save()
    services.issue_statement(actor=people["Admin"], statement=draft)
    assert AuditEntry.objects.get(action="statement.issued").changes["second_person"] == ["on", "off"]


@pytest.mark.parametrize(
    ("now", "issue_date", "number"),
    [
        # Manila is eight hours ahead: at 16:30 UTC of 31 December it is 00:30 of 1 January there.
        (dt.datetime(2025, 12, 31, 16, 30, tzinfo=dt.UTC), None, "SOA-2026-0001"),
        (dt.datetime(2025, 12, 30, 16, 30, tzinfo=dt.UTC), None, "SOA-2025-0001"),
        (dt.datetime(2025, 12, 31, 16, 30, tzinfo=dt.UTC), dt.date(2025, 12, 31), "SOA-2025-0001"),
        (dt.datetime(2026, 3, 1, 0, 0, tzinfo=dt.UTC), dt.date(2025, 12, 31), "SOA-2025-0001"),
    ],
)
def test_the_number_is_of_the_issue_dates_year_in_the_offices_time_zone(now, issue_date, number):
    make_office()
    with time_machine.travel(now, tick=False):
        draft = make_draft()
        services.submit_statement(actor=make_office_user("Biller"), statement=draft)
        issuer = make_office_user("Reviewer")
        issued = services.issue_statement(actor=issuer, statement=draft, issue_date=issue_date)
    assert issued.number == number
    assert issued.issue_date.year == issued.sequence_year == int(number[4:8])


def test_a_rollback_gives_the_number_back(office, people):
    first, second = statement_in(State.IN_REVIEW), statement_in(State.IN_REVIEW)
    with transaction.atomic():
        services.issue_statement(actor=people["Reviewer"], statement=first)
        transaction.set_rollback(True)
    assert Statement.objects.get(pk=first.pk).number is None
    assert services.issue_statement(actor=people["Reviewer"], statement=second).number == "SOA-2026-0001"


@pytest.mark.parametrize("day", [dt.date(2062, 1, 1), dt.date(2019, 1, 1)])
def test_a_slip_of_the_pen_in_the_year_begins_no_counter(office, people, day):
    draft = statement_in(State.IN_REVIEW)
    with pytest.raises(DomainError, match="five years back and three months ahead"):
        services.issue_statement(actor=people["Reviewer"], statement=draft, issue_date=day)
    assert not Counter.objects.exists()


def test_a_due_date_before_the_issue_date_is_refused(office, people):
    draft, day = statement_in(State.IN_REVIEW), dt.date(2026, 11, 20)
    with pytest.raises(DomainError, match="due on or after"):
        services.issue_statement(
            actor=people["Reviewer"], statement=draft, issue_date=day, due_date=dt.date(2026, 11, 19)
        )


def test_without_an_office_profile_nothing_is_issued():
    draft = make_draft()
    services.submit_statement(actor=make_office_user("Biller"), statement=draft)
    with pytest.raises(DomainError, match="Fill in the office's profile"):
        services.issue_statement(actor=make_office_user("Reviewer"), statement=draft)


def test_a_batch_goes_in_the_given_order_and_one_refusal_stops_no_other(office, people):
    drafts = [statement_in(State.IN_REVIEW) for _ in range(3)]
    own = make_draft()
    services.submit_statement(actor=people["Reviewer"], statement=own)
    order = [drafts[2], own, drafts[0], drafts[1]]
    results = services.issue_statements(actor=people["Reviewer"], statements=order)
    assert [result.number for result in results] == ["SOA-2026-0001", "", "SOA-2026-0002", "SOA-2026-0003"]
    assert "somebody else issues it" in results[1].refusal
    assert Statement.objects.get(pk=drafts[2].pk).sequence_number == 1


def test_a_batch_issues_only_what_was_seen_and_on_the_day_that_was_said(office, people):
    drafts = [statement_in(State.IN_REVIEW) for _ in range(3)]
    seen = {draft.pk: version_of(draft) for draft in drafts[:2]} | {drafts[1].pk: "another"}
    day = dt.date(2026, 10, 31)
    results = services.issue_statements(
        actor=people["Reviewer"], statements=drafts, issue_date=day, seen=seen
    )
    assert [result.number for result in results] == ["SOA-2026-0001", "", ""]
    assert results[0].statement.issue_date == day
    assert all("changed since you saw it" in result.refusal for result in results[1:])


# --- internal notes ----------------------------------------------------------------------------
@pytest.mark.parametrize("state", list(State))
def test_internal_notes_are_written_in_every_state_and_change_nothing_else(state, people):
    statement = statement_in(state)
    before = Statement.objects.filter(pk=statement.pk).values().get()
    services.note_statement(actor=people["Biller"], statement=statement, notes=" Called them.\r\nTwice. ")
    after = Statement.objects.filter(pk=statement.pk).values().get()
    assert after.pop("internal_notes") == "Called them.\nTwice."
    before.pop("internal_notes")
    assert after == before
    entry = AuditEntry.objects.get(action="statement.noted")
    assert entry.changes == {"internal_notes": ["", "Called them.\nTwice."]}
    assert entry.actor_name == people["Biller"].get_username()


def test_a_note_that_says_the_same_leaves_no_entry(people):
    statement = statement_in(State.ISSUED)
    for _ in range(2):
        services.note_statement(actor=people["Biller"], statement=statement, notes="Called")
    assert AuditEntry.objects.filter(action="statement.noted").count() == 1


def test_a_note_does_not_overwrite_what_somebody_else_wrote_meanwhile(people):
    statement = statement_in(State.ISSUED)
    services.note_statement(actor=people["Biller"], statement=statement, notes="One", before="")
    with pytest.raises(DomainError, match="changed the notes meanwhile"):
        services.note_statement(actor=people["Admin"], statement=statement, notes="Two", before="")
    services.note_statement(actor=people["Admin"], statement=statement, notes="Two", before="One")
    with pytest.raises(DomainError, match="at most 2000"):
        services.note_statement(actor=people["Admin"], statement=statement, notes="x" * 2001)
    with pytest.raises(NotAllowed):
        services.note_statement(actor=people["Viewer"], statement=statement, notes="Three")
    assert Statement.objects.get(pk=statement.pk).internal_notes == "Two"


# --- void and reissue --------------------------------------------------------------------------
def test_void_needs_a_reason_keeps_the_number_and_frees_the_period(office, people):
    engagement = make_engagement()
    period = {"kind": "retainer", "engagement": engagement, "period_start": dt.date(2026, 11, 1),
              "period_end": dt.date(2026, 12, 1)}  # fmt: skip
    draft = make_draft(engagement.client, **period)
    services.submit_statement(actor=people["Biller"], statement=draft)
    issued = services.issue_statement(actor=people["Reviewer"], statement=draft)
    with pytest.raises(DomainError, match="at least 5 characters"):
        services.void_statement(actor=people["Admin"], statement=issued, reason=" no  ")
    void = services.void_statement(actor=people["Admin"], statement=issued, reason="Wrong fee")
    assert (void.state, void.number, void.void_date) == ("void", "SOA-2026-0001", dt.date(2026, 11, 21))

    again = services.reissue_statement(actor=people["Admin"], statement=void)
    assert (again.state, again.number, again.replaces, again.total) == ("draft", None, void, void.total)
    assert Statement.objects.get(pk=void.pk).replaced_by == again
    assert [line.description for line in again.lines.all()] == ["Audit"]
    with pytest.raises(DomainError, match="is replaced by"):
        services.reissue_statement(actor=people["Reviewer"], statement=void)
    services.submit_statement(actor=people["Biller"], statement=again)
    number = services.issue_statement(actor=people["Reviewer"], statement=again).number
    assert number == "SOA-2026-0002"
    assert Statement.objects.get(pk=again.pk).snapshot["statement"]["replaces"] == "SOA-2026-0001"


def test_a_returned_draft_carries_the_comment_and_can_be_submitted_again(office, people):
    draft = statement_in(State.IN_REVIEW)
    back = services.return_statement(actor=people["Reviewer"], statement=draft, comment="Which month?")
    assert (back.state, back.return_comment, back.submitted_by) == ("draft", "Which month?", None)
    assert services.submit_statement(actor=people["Biller"], statement=back).state == "in_review"


def test_nobody_raises_their_own_role(people):
    from billtracker.accounts.services import change_user

    for role, person in people.items():
        if role != "nobody":
            with pytest.raises(NotAllowed):
                change_user(actor=person, user=person, roles=["admin", "reviewer"])
            person.refresh_from_db()
            assert policy.roles_of(person) == {role}
