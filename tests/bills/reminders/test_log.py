"""The reminder ledger on the pages of a bill and of a due date, and as JSON."""

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bills import services
from billtracker import demo
from billtracker.accounts.models import Role
from notifications.models import Channel, Message, Preferences, Reminder
from tests.bills.conftest import saved_bill
from tests.factories import make_household, make_member, make_message, make_user

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def rent(owner, household):
    return saved_bill(owner, household, start_date=dt.date(2026, 11, 28))


def row(bill, user, *, stage="due", way="mail", message=None, day=28, **fields):
    """A row of the ledger about the November due date."""
    defaults = {
        "recipient": f"user:{user.pk}:{way}" if user else "address:office@example.org",
        "user": user,
        "scope": bill.audit_scope,
        "subject": f"occurrence:{bill.pk}:2026-11-28",
        "stage": stage,
        "date": dt.date(2026, 11, day),
        "due_at": dt.datetime(2026, 11, day, 8, tzinfo=dt.UTC),
        "message": message,
    }
    return Reminder.objects.create(**{**defaults, **fields})


def message(state, **fields):
    return make_message(state=state, **{"next_try_at": None, **fields})


def text_of(response) -> str:
    """The reminders' part of a page, tags left out."""
    part = response.content.decode().split('id="reminders-head"')[1].split("</section>")[0]
    return " ".join("".join(piece.partition(">")[2] for piece in part.split("<")).split())


def test_a_bill_shows_each_reminder_with_its_moment_stage_recipient_state_and_reason(client, owner, rent):
    owner.first_name, owner.last_name = "Anna", "Doe"
    owner.save()
    row(rent, owner, day=25, stage="before_3", message=message("sent", sent_at=NOW))
    failed = message("failed", reason="The mail server refused it.", next_try_at=NOW + dt.timedelta(hours=1))
    row(rent, owner, day=27, stage="before_1", message=failed)
    row(rent, owner, withdrawn_at=NOW, reason="Paid")
    row(rent, owner, day=29, stage="overdue")
    client.force_login(owner)
    text = text_of(client.get(f"/bills/{rent.pk}/"))
    assert "3 and 1 days before, on the due date and the day after." in text
    for words in (
        "29 Nov 2026, 08:00 Overdue · Sat 28 Nov 2026 Anna Doe Mail Planned",
        "28 Nov 2026, 08:00 On the due date · Sat 28 Nov 2026 Anna Doe Mail Withdrawn Paid",
        "1 day before · Sat 28 Nov 2026 Anna Doe Mail Failed The mail server refused it. "
        "next try 21 Nov 2026, 13:00",
        "25 Nov 2026, 08:00 3 days before · Sat 28 Nov 2026 Anna Doe Mail Sent",
    ):
        assert words in text
    assert text.index("Overdue") < text.index("3 days before ·")


def test_the_moment_is_on_the_recipients_own_clock(client, owner, rent):
    Preferences.objects.create(user=owner, time_zone="Asia/Kolkata")
    row(rent, owner)
    client.force_login(owner)
    assert "28 Nov 2026, 13:30" in text_of(client.get(f"/bills/{rent.pk}/2026-11-28/"))


def test_a_due_date_shows_its_own_reminders_only(client, owner, rent):
    row(rent, owner, subject=f"occurrence:{rent.pk}:2026-12-28")
    client.force_login(owner)
    assert "Nothing is planned in the coming week" in text_of(client.get(f"/bills/{rent.pk}/2026-11-28/"))
    assert "Planned" in text_of(client.get(f"/bills/{rent.pk}/2026-12-28/"))


def test_how_somebody_else_called_a_channel_is_not_shown(client, owner, household, rent):
    other = make_member(household, role=Role.EDITOR).user
    channel = Channel.objects.create(user=other, name="Secret phone", service="ntfy", address="ntfy://x/y")
    row(rent, other, way=f"channel:{channel.pk}", channel=channel)
    seen = {}
    for user in (owner, other):
        client.force_login(user)
        page = text_of(client.get(f"/bills/{rent.pk}/"))
        seen[user.pk] = ("Secret phone" in page, "Channel" in page)
        items = client.get(f"/api/bills/{rent.pk}/reminders/").json()["items"]
        assert items[0]["via"] == "channel"
        assert "Secret" not in str(items)
    assert seen == {owner.pk: (False, True), other.pk: (True, False)}


def test_a_reminder_whose_message_was_taken_back_says_why(client, owner, rent):
    row(rent, owner, message=message("withdrawn", reason="The recipient switched reminders by mail off."))
    client.force_login(owner)
    page = text_of(client.get(f"/bills/{rent.pk}/"))
    assert "Withdrawn The recipient switched reminders by mail off." in page


def test_a_reminder_to_one_address_shows_the_address(client, owner, rent):
    row(rent, None)
    client.force_login(owner)
    assert "office@example.org Mail Planned" in text_of(client.get(f"/bills/{rent.pk}/"))


def test_another_households_rows_are_not_shown(client, owner, rent):
    stranger = make_user()
    row(rent, stranger, scope=make_household(stranger).audit_scope)
    client.force_login(owner)
    assert "Nothing is planned" in text_of(client.get(f"/bills/{rent.pk}/"))


def test_a_page_shows_the_last_twenty_with_as_many_queries_as_for_one(client, owner, household, rent):
    client.force_login(owner)
    row(rent, owner, stage="before_60", day=1)
    client.get(f"/bills/{rent.pk}/")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/bills/{rent.pk}/")
    for number in range(24):
        member = make_member(household).user
        row(rent, member, stage=f"before_{number + 1}", day=number + 2, message=message("sent", sent_at=NOW))
    with CaptureQueriesContext(connection) as many:
        page = text_of(client.get(f"/bills/{rent.pk}/"))
    assert page.count("Sent") == 20
    assert len(many) == len(few)


def test_the_ledger_as_json_is_paginated_the_latest_first(client, owner, rent):
    failed = message("failed", reason="No.", next_try_at=NOW)
    for day in (25, 27):
        row(rent, owner, day=day, message=failed if day == 25 else None, stage=f"before_{28 - day}")
    client.force_login(owner)
    body = client.get(f"/api/bills/{rent.pk}/reminders/?page=2&page_size=1").json()
    assert body["count"] == 2
    assert body["items"] == [{
        "scheduled_date": "2026-11-28", "stage": "before_3", "at": "2026-11-25T08:00:00Z",
        "recipient": owner.username, "via": "mail", "state": "failed", "reason": "No.",
        "next_try_at": "2026-11-21T12:00:00Z", "sent_at": None,
    }]  # fmt: skip


def test_lead_days_go_through_the_json_api_too(client, owner, rent):
    client.force_login(owner)

    def patch(text):
        body = {"reminder_lead_days": text}
        return client.patch(f"/api/bills/{rent.pk}/", body, content_type="application/json")

    assert patch("7, 1").json()["reminder_lead_days"] == "7, 1"
    refused = patch("0")
    assert (refused.status_code, refused.json()["error"]["field"]) == (400, "reminder_lead_days")


@pytest.mark.parametrize(("text", "kept"), [("1,7", "7, 1"), ("None", "none"), ("OFF", "off"), ("", "")])
def test_lead_days_of_a_household_are_kept_in_one_writing(client, owner, household, text, kept):
    client.force_login(owner)
    form = {
        "name": "Home", "time_zone": "UTC", "currency": "USD", "week_start": "0", "second_period_day": "15",
        "due_soon_days": "3", "grace_days": "14", "reminder_lead_days": text,
    }  # fmt: skip
    assert client.post("/household/", form).status_code == 302
    household.refresh_from_db()
    assert household.reminder_lead_days == kept
    refused = client.post("/household/", {**form, "reminder_lead_days": "61"})
    assert refused.status_code == 422
    assert b"numbers from 1 to 60" in refused.content


# --- demo --------------------------------------------------------------------------------------
def test_demo_data_brings_a_ledger_that_is_over_or_withdrawn_or_planned_and_goes_with_it(owner):
    household = demo.load(actor=owner)
    rows = Reminder.objects.filter(scope=household.audit_scope).select_related("message")
    assert {entry.state for entry in rows} == {"planned", "sent", "failed", "withdrawn"}
    assert not Message.objects.exclude(next_try_at=None).exists()
    assert {entry.reason for entry in rows if entry.withdrawn_at} == {"Paid"}
    demo.clear(actor=owner)
    assert (Reminder.objects.count(), Message.objects.count()) == (0, 0)


def test_demo_reminders_whose_moment_came_go_nowhere(owner, monkeypatch):
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_FROM_ADDRESS", "bills@example.org")
    household = demo.load(actor=owner)
    before = set(Reminder.objects.values_list("pk", "message", "withdrawn_at"))
    for days in range(10):
        services.remind_everyone(now=NOW + dt.timedelta(days=days))
    assert set(Reminder.objects.values_list("pk", "message", "withdrawn_at")) == before
    assert not Message.objects.exclude(next_try_at=None).exists()
    assert household.is_demo
