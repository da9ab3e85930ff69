"""The ledger: what is planned once, withdrawn with a reason, planned again, and taken up by one."""

import datetime as dt

import pytest
from django.db import transaction

from billtracker.core.settings import runtime_settings
from notifications import services
from notifications.models import Message, Preferences, Reminder
from notifications.reports import recipients_of
from notifications.services import Wanted
from tests.factories import make_message
from tests.notifications.conftest import NOON

SCOPE = "household:1"
TOMORROW = dt.date(2026, 11, 22)
pytestmark = pytest.mark.usefixtures("mail_settings")


def wanted(person, *subjects, date=TOMORROW, stage="1 day before"):
    (recipient,) = recipients_of([person], time_zone="Europe/Berlin")
    return [Wanted(recipient, subject, stage, date) for subject in subjects]


def plan(asked, reason="Paid", now=NOON):
    return services.plan_reminders(scope=SCOPE, wanted=asked, why_not=lambda row: reason, now=now)


def post_all(now):
    """Post what is due as one message for each recipient; returns the messages."""
    messages = []
    for scope, recipient in services.due_reminders(now=now):
        with transaction.atomic():
            rows = services.lock_due(scope=scope, recipient=recipient, now=now)
            messages.append(services.post_reminders(reminders=rows, subject="Due", text="Due", html=""))
    return messages


def test_what_is_wanted_is_planned_once_however_often_it_is_asked(anna):
    assert plan(wanted(anna, "rent", "gas")).planned == 2
    assert [plan(wanted(anna, "rent", "gas")).planned for _ in range(50)] == [0] * 50
    row = Reminder.objects.get(subject="rent")
    assert (row.state, row.recipient) == ("planned", f"user:{anna.pk}:mail")
    assert row.due_at == dt.datetime(2026, 11, 22, 7, tzinfo=dt.UTC)


def test_what_is_no_longer_wanted_is_withdrawn_with_its_reason(anna):
    plan(wanted(anna, "rent", "gas"))
    assert plan(wanted(anna, "gas"), "Skipped").withdrawn == 1
    row = Reminder.objects.get(subject="rent")
    assert (row.state, row.reason, row.withdrawn_at) == ("withdrawn", "Skipped", NOON)


def test_what_was_withdrawn_and_is_wanted_again_is_planned_again(anna):
    plan(wanted(anna, "rent"))
    plan([])
    assert plan(wanted(anna, "rent")).planned == 1
    row = Reminder.objects.get()
    assert (row.state, row.reason) == ("planned", "")


def test_another_hour_moves_what_is_planned(anna):
    plan(wanted(anna, "rent"))
    Preferences.objects.create(user=anna, hour=20, time_zone="Asia/Kolkata")
    plan(wanted(anna, "rent"))
    assert Reminder.objects.get().due_at == dt.datetime(2026, 11, 22, 14, 30, tzinfo=dt.UTC)


def test_what_is_in_a_message_is_neither_planned_nor_withdrawn_by_a_plan(anna):
    plan(wanted(anna, "rent"))
    later = NOON + dt.timedelta(days=1)
    (message,) = post_all(later)
    assert plan([], now=later).withdrawn == 0
    assert plan(wanted(anna, "rent"), now=later).planned == 0
    assert Reminder.objects.get().message == message


def test_another_scope_is_left_alone(anna):
    plan(wanted(anna, "rent"))
    services.plan_reminders(scope="household:2", wanted=[], why_not=lambda row: "Paid", now=NOON)
    assert Reminder.objects.get().state == "planned"


def test_planning_asks_a_constant_number_of_questions(anna, django_assert_max_num_queries):
    for count in (1, 300):
        asked = wanted(anna, *(f"bill {number}" for number in range(count)))
        with django_assert_max_num_queries(9):
            plan(asked)
        with django_assert_max_num_queries(9):
            plan([])


def test_only_what_is_due_is_taken_up(anna):
    plan(wanted(anna, "rent") + wanted(anna, "gas", date=dt.date(2026, 11, 25)))
    assert services.due_reminders(now=NOON) == []
    (message,) = post_all(dt.datetime(2026, 11, 22, 7, tzinfo=dt.UTC))
    assert [row.subject for row in message.reminders.all()] == ["rent"]
    assert services.due_reminders(now=dt.datetime(2026, 11, 22, 8, tzinfo=dt.UTC)) == []


# --- withdrawing -------------------------------------------------------------------------------
def test_paying_withdraws_what_is_planned(anna):
    plan(wanted(anna, "rent", "gas"))
    assert services.withdraw_reminders(subjects=["rent"], reason="Paid", now=NOON) == 1
    states = dict(Reminder.objects.values_list("subject", "reason"))
    assert states == {"rent": "Paid", "gas": ""}


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_paying_takes_a_message_back_and_plans_the_rest_of_it_again(anna, state):
    plan(wanted(anna, "rent", "gas"))
    later = NOON + dt.timedelta(days=1)
    (message,) = post_all(later)
    Message.objects.update(state=state)
    assert services.withdraw_reminders(subjects=["rent"], reason="Paid", now=later) == 1
    message.refresh_from_db()
    assert (message.state, message.reason, message.next_try_at) == ("withdrawn", "Paid", None)
    rows = {row.subject: row for row in Reminder.objects.all()}
    assert (rows["rent"].state, rows["rent"].reason) == ("withdrawn", "Paid")
    assert rows["gas"].is_planned
    (second,) = post_all(later)
    assert [row.subject for row in second.reminders.all()] == ["gas"]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "sending", "next_try_at": None},
        {"state": "sent", "next_try_at": None, "sent_at": NOON},
        {"state": "failed", "next_try_at": None},
    ],
)
def test_what_is_on_its_way_sent_or_given_up_cannot_be_taken_back(anna, fields):
    plan(wanted(anna, "rent"))
    post_all(NOON + dt.timedelta(days=1))
    Message.objects.update(**fields)
    assert services.withdraw_reminders(subjects=["rent"], reason="Paid", now=NOON) == 0
    assert Message.objects.get().state == fields["state"]
    assert Reminder.objects.get().message is not None


def test_a_reminder_s_message_carries_a_way_out_for_the_person(anna):
    plan(wanted(anna, "rent"))
    (message,) = post_all(NOON + dt.timedelta(days=1))
    assert (message.kind, message.user, message.address) == ("reminder", anna, "anna@example.org")
    assert message.unsubscribe_path.startswith("/notifications/unsubscribe/")


def test_the_common_address_gets_no_personal_way_out(anna):
    runtime_settings.save(None, "reminder_recipient", "office@example.org")
    plan(wanted(anna, "rent"))
    (message,) = post_all(NOON + dt.timedelta(days=1))
    assert (message.address, message.user, message.unsubscribe_path) == ("office@example.org", None, "")


def test_reminders_of_two_recipients_do_not_share_a_message(anna):
    rows = [Reminder(recipient="user:1:mail"), Reminder(recipient="user:2:mail")]
    with pytest.raises(ValueError, match="one recipient"):
        services.post_reminders(reminders=rows, subject="a", text="a", html="")
    assert make_message().state == "waiting"
