"""Whoever had a hand in an item does not issue or verify it, in whatever way the hand was had."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import OfficeProfile, Statement
from billing.services import LineInput
from billtracker.core.exceptions import NotAllowed
from billtracker.core.models import AuditEntry
from billtracker.core.periods import Month
from tests.factories import make_client, make_engagement, make_issued, make_office, make_office_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.engines("sqlite", "postgresql"),
    pytest.mark.time_machine(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)),
]
WHY = "A reason that is long enough"
LINES = [LineInput("Audit", Decimal("1000.00"))]


@pytest.fixture(autouse=True)
def office():
    return make_office()


@pytest.fixture
def biller():
    return make_office_user("Biller")


@pytest.fixture
def reviewer():
    return make_office_user("Reviewer")


@pytest.fixture
def other():
    return make_office_user("Reviewer")


def by_draft(reviewer, biller, other) -> Statement:
    return services.save_draft(actor=reviewer, client=make_client(), lines=LINES)


def by_edit(reviewer, biller, other) -> Statement:
    client = make_client()
    draft = services.save_draft(actor=biller, client=client, lines=LINES)
    return services.save_draft(actor=reviewer, client=client, statement=draft, lines=[*LINES, *LINES])


def by_reissue(reviewer, biller, other) -> Statement:
    void = services.void_statement(actor=other, statement=make_issued(), reason=WHY)
    return services.reissue_statement(actor=reviewer, statement=void)


def by_an_earlier_submission(reviewer, biller, other) -> Statement:
    draft = services.save_draft(actor=biller, client=make_client(), lines=LINES)
    services.submit_statement(actor=reviewer, statement=draft)
    return services.return_statement(actor=other, statement=draft, comment="Look again")


def by_the_cycle(reviewer, biller, other) -> Statement:
    make_engagement(starts_on=dt.date(2026, 11, 1))
    services.run_cycle(actor=reviewer, month=Month(2026, 11))
    return Statement.objects.get(kind="retainer")


HANDS = pytest.mark.parametrize(
    "hand", [by_draft, by_edit, by_reissue, by_an_earlier_submission, by_the_cycle]
)


@HANDS
def test_who_had_a_hand_in_a_statement_does_not_issue_it_alone_or_in_a_batch(reviewer, biller, other, hand):
    """O13"""
    draft = services.submit_statement(actor=biller, statement=hand(reviewer, biller, other))
    words = "You wrote, edited or submitted Draft"
    with pytest.raises(NotAllowed, match=words):
        services.issue_statement(actor=reviewer, statement=draft)
    [result] = services.issue_statements(actor=reviewer, statements=[draft])
    assert words in result.refusal
    assert services.issue_statement(actor=other, statement=draft).issued_by == other


def test_who_wrote_a_statement_does_not_issue_its_credit_note(reviewer, biller, other):
    """O13"""
    draft = by_draft(reviewer, biller, other)
    services.submit_statement(actor=biller, statement=draft)
    issued = services.issue_statement(actor=other, statement=draft)
    facts = {"statement": issued, "amount": Decimal("10.00"), "reason": WHY}
    with pytest.raises(NotAllowed, match="somebody else issues its credit note"):
        services.issue_credit_note(actor=reviewer, **facts)
    assert services.issue_credit_note(actor=other, **facts).amount == Decimal("10.00")


def test_an_office_of_one_person_does_it_all_and_the_log_says_so(reviewer, biller, other):
    """O13"""
    OfficeProfile.objects.update(requires_second_person=False)
    draft = services.submit_statement(actor=biller, statement=by_draft(reviewer, biller, other))
    issued = services.issue_statement(actor=reviewer, statement=draft)
    services.issue_credit_note(actor=reviewer, statement=issued, amount=Decimal("10.00"), reason=WHY)
    for action in ("statement.issued", "credit_note.issued"):
        assert AuditEntry.objects.get(action=action).changes["second_person"] == ["on", "off"]


def test_the_api_refuses_it_too(client, reviewer, biller, other):
    """O13"""
    draft = services.submit_statement(actor=biller, statement=by_draft(reviewer, biller, other))
    client.force_login(reviewer)
    answer = client.post(f"/api/billing/statements/{draft.pk}/issue/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    desk = client.get(f"/billing/review/{draft.pk}/").content.decode()
    assert "You wrote, edited or submitted this draft" in desk
