"""Engagements and fees: what may change, and what stays once it was billed."""

import datetime as dt
from decimal import Decimal

import pytest

from billing import services
from billing.models import Client, Engagement, FeeStep
from billtracker.core import audit
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from tests.factories import make_client, make_draft, make_engagement, make_office_user

pytestmark = pytest.mark.django_db
DAY = dt.date


@pytest.fixture
def biller():
    return make_office_user("Biller")


def bill(engagement, start):
    end = DAY(start.year + start.month // 12, start.month % 12 + 1, 1)
    draft = make_draft(
        engagement.client, kind="retainer", engagement=engagement, period_start=start, period_end=end
    )
    return draft


def fees(engagement):
    return [(step.starts_on, step.amount) for step in engagement.fee_steps.order_by("starts_on")]


def last_entry():
    return AuditEntry.objects.order_by("-position").first()


# --- fees --------------------------------------------------------------------------------------
def test_a_new_engagement_gets_its_first_fee_on_its_first_day(biller):
    engagement = Engagement(client=make_client(), kind="retainer", title="Books", starts_on=DAY(2025, 3, 10))
    services.save_engagement(actor=biller, engagement=engagement, fee=Decimal("8750.50"))
    assert fees(engagement) == [(DAY(2025, 3, 10), Decimal("8750.50"))]
    actions = list(AuditEntry.objects.order_by("position").values_list("action", flat=True))
    assert actions == ["engagement.created", "fee_step.created"]
    assert audit.verify(["office"]) == []


def test_a_fee_from_a_day_on_leaves_the_earlier_ones(biller):
    engagement = make_engagement(fee="100")
    services.add_fee_step(
        actor=biller, engagement=engagement, starts_on=DAY(2026, 1, 1), amount=Decimal("120")
    )
    assert fees(engagement) == [(DAY(2025, 1, 1), Decimal("100")), (DAY(2026, 1, 1), Decimal("120"))]


def test_a_fee_of_the_same_day_is_replaced_as_long_as_nothing_was_billed(biller):
    engagement = make_engagement(fee="100")
    services.add_fee_step(
        actor=biller, engagement=engagement, starts_on=DAY(2025, 1, 1), amount=Decimal("120")
    )
    assert fees(engagement) == [(DAY(2025, 1, 1), Decimal("120"))]
    assert [Decimal(value) for value in last_entry().changes["amount"]] == [100, 120]


@pytest.mark.parametrize("day", [DAY(2025, 1, 1), DAY(2025, 8, 31), DAY(2025, 9, 1)])
def test_a_billed_period_keeps_its_fee(biller, day):
    engagement = make_engagement(fee="100")
    bill(engagement, DAY(2025, 9, 1))
    with pytest.raises(DomainError, match="bills the period from 2025-09-01") as refusal:
        services.add_fee_step(actor=biller, engagement=engagement, starts_on=day, amount=Decimal("120"))
    assert refusal.value.field == "starts_on"
    assert fees(engagement) == [(DAY(2025, 1, 1), Decimal("100"))]
    services.add_fee_step(
        actor=biller, engagement=engagement, starts_on=DAY(2025, 9, 2), amount=Decimal("120")
    )
    assert len(fees(engagement)) == 2


@pytest.mark.parametrize(
    ("day", "amount", "field"),
    [
        (DAY(2024, 12, 31), "1", "starts_on"),
        (DAY(2026, 7, 1), "1", "starts_on"),
        (DAY(2025, 6, 1), "-1", "amount"),
        (DAY(2025, 6, 1), "0.001", "amount"),
        (DAY(2025, 6, 1), "9999999999999999999", "amount"),
    ],
)
def test_a_wrong_fee_is_refused_beside_its_field(biller, day, amount, field):
    engagement = make_engagement(ends_on=DAY(2026, 6, 30))
    with pytest.raises(DomainError) as refusal:
        services.add_fee_step(actor=biller, engagement=engagement, starts_on=day, amount=Decimal(amount))
    assert refusal.value.field == field
    assert len(fees(engagement)) == 1


def test_a_fee_that_was_not_billed_can_be_removed_but_the_first_one_stays(biller):
    engagement = make_engagement(fee="100")
    later = services.add_fee_step(
        actor=biller, engagement=engagement, starts_on=DAY(2026, 1, 1), amount=Decimal("120")
    )
    services.remove_fee_step(actor=biller, step=later)
    assert last_entry().action == "fee_step.removed"
    with pytest.raises(DomainError, match="first fee stays"):
        services.remove_fee_step(actor=biller, step=engagement.fee_steps.get())


def test_a_fee_that_was_billed_is_not_removed(biller):
    engagement = make_engagement(fee="100")
    later = FeeStep.objects.create(engagement=engagement, starts_on=DAY(2025, 6, 1), amount=Decimal("120"))
    bill(engagement, DAY(2025, 9, 1))
    with pytest.raises(DomainError, match="bills the period"):
        services.remove_fee_step(actor=biller, step=later)


# --- foundations -------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "value"), [("starts_on", DAY(2025, 2, 1)), ("kind", "special")])
def test_kind_and_first_day_stay_once_a_statement_stands_on_it(biller, name, value):
    engagement = make_engagement()
    bill(engagement, DAY(2025, 9, 1))
    setattr(engagement, name, value)
    with pytest.raises(DomainError, match="A statement stands on it") as refusal:
        services.save_engagement(actor=biller, engagement=engagement)
    assert refusal.value.field == name
    assert getattr(Engagement.objects.get(), name) != value


def test_the_first_fee_moves_with_the_first_day(biller):
    engagement = make_engagement(fee="100")
    engagement.starts_on = DAY(2024, 12, 15)
    services.save_engagement(actor=biller, engagement=engagement)
    assert fees(engagement) == [(DAY(2024, 12, 15), Decimal("100"))]


def test_the_first_day_does_not_move_past_another_fee(biller):
    engagement = make_engagement(fee="100")
    FeeStep.objects.create(engagement=engagement, starts_on=DAY(2025, 6, 1), amount=Decimal("120"))
    engagement.starts_on = DAY(2025, 6, 1)
    with pytest.raises(DomainError, match="Another fee begins before that day"):
        services.save_engagement(actor=biller, engagement=engagement)


# --- status ------------------------------------------------------------------------------------
def test_suspend_and_resume(biller):
    engagement = make_engagement()
    services.suspend_engagement(actor=biller, engagement=engagement)
    with pytest.raises(DomainError, match="is suspended"):
        services.suspend_engagement(actor=biller, engagement=engagement)
    services.resume_engagement(actor=biller, engagement=engagement)
    assert Engagement.objects.get().status == "active"
    assert last_entry().changes == {"status": ["suspended", "active"]}


def test_an_end_leaves_open_periods_to_be_billed_unless_it_is_final(biller):
    engagement = make_engagement()
    services.end_engagement(actor=biller, engagement=engagement, last_day=DAY(2026, 6, 30))
    found = Engagement.objects.get()
    assert (found.status, found.ends_on) == ("active", DAY(2026, 6, 30))
    services.end_engagement(actor=biller, engagement=engagement, last_day=DAY(2026, 6, 30), is_final=True)
    assert Engagement.objects.get().status == "ended"
    services.resume_engagement(actor=biller, engagement=engagement)
    assert Engagement.objects.get().status == "active"


def test_it_does_not_end_before_it_begins(biller):
    with pytest.raises(DomainError, match="on or after its first day"):
        services.end_engagement(actor=biller, engagement=make_engagement(), last_day=DAY(2024, 12, 31))


# --- clients -----------------------------------------------------------------------------------
def test_a_client_keeps_its_currency_from_its_first_statement_on(biller):
    client = make_client(currency="PHP")
    make_draft(client)
    client.currency = "USD"
    with pytest.raises(DomainError, match="has statements in PHP") as refusal:
        services.save_client(actor=biller, client=client)
    assert refusal.value.field == "currency"
    assert Client.objects.get().currency == "PHP"


def test_a_currency_without_the_places_of_a_fee_is_refused(biller):
    client = make_engagement(make_client(currency="PHP"), fee="8750.50").client
    client.currency = "JPY"
    with pytest.raises(DomainError, match="A fee of this client does not fit"):
        services.save_client(actor=biller, client=client)
    client.currency = "EUR"
    services.save_client(actor=biller, client=client)
    assert Client.objects.get().currency == "EUR"


def test_a_save_that_changes_nothing_leaves_no_entry(biller):
    services.save_client(actor=biller, client=make_client())
    assert not AuditEntry.objects.exists()


def test_a_name_that_somebody_took_meanwhile_is_refused(biller):
    make_client(name="Acme")
    with pytest.raises(DomainError, match="does not fit with what is there"):
        services.save_client(actor=biller, client=Client(name="ACME ", currency="USD"))


def test_a_row_that_is_gone_is_not_made_again(biller):
    contact = make_client().contacts.create(name="Ann")
    type(contact).objects.all().delete()
    with pytest.raises(DomainError, match="removed meanwhile"):
        services.save_row(actor=biller, row=contact)


VERBS = {
    "client": lambda actor, e: services.save_client(actor=actor, client=e.client),
    "engagement": lambda actor, e: services.save_engagement(actor=actor, engagement=e),
    "suspend": lambda actor, e: services.suspend_engagement(actor=actor, engagement=e),
    "resume": lambda actor, e: services.resume_engagement(actor=actor, engagement=e),
    "end": lambda actor, e: services.end_engagement(actor=actor, engagement=e, last_day=DAY(2030, 1, 1)),
    "fee": lambda actor, e: services.add_fee_step(
        actor=actor, engagement=e, starts_on=DAY(2026, 1, 1), amount=Decimal("1")
    ),
    "no fee": lambda actor, e: services.remove_fee_step(actor=actor, step=e.fee_steps.get()),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("roles", [(), ("Viewer",)])
def test_who_may_only_look_changes_nothing(verb, roles):
    engagement = make_engagement()
    with pytest.raises(NotAllowed):
        VERBS[verb](make_office_user(*roles), engagement)
    assert not AuditEntry.objects.exists()
