"""Reminders of due dates: planned a week ahead, posted once at their hour, withdrawn once settled."""

import datetime as dt
import threading
import time
from collections import Counter
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bills import services
from bills.models import Occurrence
from bills.services import reminders
from billtracker.accounts.models import Membership
from notifications.models import Message, Reminder
from notifications.services import deliver_waiting
from notifications.services.outbox import trim_messages
from tests.bills.conftest import saved_bill
from tests.factories import make_bill, make_household, make_member, make_user
from tests.mail_server import mail_server

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """It is noon of 21 November 2026, and a mail server is known."""
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_FROM_ADDRESS", "bills@example.org")
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rent(owner, household):
    """Due on the 28th of each month, from this November on."""
    return saved_bill(owner, household, start_date=dt.date(2026, 11, 28))


def run(now=None):
    """What the job does every five minutes."""
    return services.remind_everyone(now=now or dt.datetime.now(dt.UTC))


def at(day, hour=8, minute=0, month=11):
    return dt.datetime(2026, month, day, hour, minute, tzinfo=dt.UTC)


def run_daily_until(clock, last, *, first=None):
    """Let the job run at eight in the morning of each day up to the last."""
    moment = first or dt.datetime.now(dt.UTC)
    while moment <= last:
        clock.move_to(moment)
        run()
        moment = min(moment + dt.timedelta(days=1), last) if moment < last else last + dt.timedelta(days=1)


def ledger():
    """The ledger as (stage, day, state, reason), by day."""
    rows = Reminder.objects.select_related("message").order_by("date", "pk")
    return [(row.stage, f"{row.date:%m-%d}", row.state, row.reason) for row in rows]


def posted():
    return list(Message.objects.order_by("pk"))


def due_on(bill, day):
    return bill.occurrences.get(scheduled_date=day)


def pay(owner, bill, amount="100", day=dt.date(2026, 11, 28)):
    return services.record_payment(
        actor=owner,
        household=bill.household,
        splits=[(due_on(bill, day), Decimal(amount))],
        paid_on=dt.date(2026, 11, 21),
        currency="USD",
    )


# --- planning ----------------------------------------------------------------------------------
def test_the_coming_week_is_planned_with_its_moments(owner, rent):
    assert str(run()) == "Planned 3 reminders, withdrew 0, posted 0 messages."
    assert ledger() == [
        ("before_3", "11-25", "planned", ""), ("before_1", "11-27", "planned", ""),
        ("due", "11-28", "planned", ""),
    ]  # fmt: skip
    first = Reminder.objects.earliest("date")
    assert (first.recipient, first.due_at) == (f"user:{owner.pk}:mail", at(25))
    assert (first.scope, first.subject) == (rent.audit_scope, f"occurrence:{rent.pk}:2026-11-28")


def test_a_bill_has_lead_days_of_its_own_and_says_none_or_off(owner, household, rent):
    for text, stages in [("6", ["before_6", "due"]), ("none", ["due"]), ("off", [])]:
        rent.reminder_lead_days = text
        services.save_bill(actor=owner, bill=rent)
        run()
        assert [stage for stage, _, state, _ in ledger() if state == "planned"] == stages
    reasons = {(stage, reason) for stage, _, state, reason in ledger() if state == "withdrawn"}
    assert reasons == {("before_6", "Other days are set"), ("due", "Reminders are off")}


def test_the_household_decides_for_bills_that_say_nothing(household, rent):
    household.reminder_lead_days = "off"
    household.save()
    run()
    assert ledger() == []
    rent.reminder_lead_days = "3"
    rent.save()
    run()
    assert [row[0] for row in ledger()] == ["before_3", "due"]


def test_due_dates_that_are_only_computed_count_too(household):
    # The hourly job stood still: there is no row of this bill yet.
    make_bill(household, name="Water", start_date=dt.date(2026, 11, 28), due_day=28)
    run()
    assert [row[0] for row in ledger()] == ["before_3", "before_1", "due"]
    assert not Occurrence.objects.exists()


def test_autopay_is_announced_ahead_and_not_asked_for_on_the_day(owner, household, rent):
    saved_bill(owner, household, rent, is_autopay=True)
    run()
    assert [row[0] for row in ledger()] == ["before_3", "before_1"]


def test_planning_asks_as_much_of_many_bills_as_of_one(owner, household, rent, django_assert_max_num_queries):
    run()
    with CaptureQueriesContext(connection) as few:
        services.plan_household_reminders(household=household, now=NOW)
    for number in range(12):
        saved_bill(owner, household, name=f"Bill {number}", start_date=dt.date(2026, 11, 25))
        make_member(household)
    run()
    with django_assert_max_num_queries(len(few)):
        services.plan_household_reminders(household=household, now=NOW)


# --- posting -----------------------------------------------------------------------------------
def test_fifty_runs_make_one_message_for_each_reminder(clock, owner, rent):
    for day in (25, 27, 28, 29):
        clock.move_to(at(day))
        for _ in range(50):
            run()
    assert [message.subject for message in posted()] == [
        "Rent is due in 3 days", "Rent is due tomorrow", "Rent is due today", "Rent was due yesterday",
    ]  # fmt: skip
    keys = Counter(Reminder.objects.values_list("recipient", "subject", "stage", "date"))
    assert set(keys.values()) == {1}
    assert Reminder.objects.exclude(message=None).count() == 4


def test_nothing_is_posted_before_the_hour(clock, rent):
    clock.move_to(at(25, 7, 55))
    assert run().posted == 0
    clock.move_to(at(25, 8, 0))
    assert run().posted == 1


def test_a_message_tells_the_amount_left_the_day_and_where(clock, owner, household, rent, settings):
    settings.PUBLIC_URL = "https://bills.example.org"
    household.name = "The Does"
    household.save()
    run()
    pay(owner, rent, "40")
    clock.move_to(at(27))
    run()
    (message,) = posted()
    assert (message.kind, message.via, message.address) == ("reminder", "mail", owner.email)
    assert message.subject == "Rent is due tomorrow"
    for words in ("$60.00 left of $100.00", "Sat 28 Nov 2026", "The Does",
                  f"https://bills.example.org/bills/{rent.pk}/2026-11-28/"):  # fmt: skip
        assert words in message.text
        assert words in message.html


def test_several_bills_of_a_household_come_in_one_message(clock, owner, household, rent):
    saved_bill(owner, household, name="Water", start_date=dt.date(2026, 11, 27))
    saved_bill(owner, household, name="Gas", start_date=dt.date(2026, 11, 26), currency="EUR")
    clock.move_to(at(27))
    run()
    (message,) = posted()
    assert message.subject == "3 bills need you"
    text = message.text
    heads = [text.index(word) for word in ("Overdue", "Gas", "Today", "Water", "Ahead", "Rent")]
    assert heads == sorted(heads)
    assert "€100.00" in text
    assert message.reminders.count() == 3


def test_after_ten_days_of_downtime_there_is_one_digest_and_then_the_normal_course(clock, owner, household):
    for number in range(8):
        saved_bill(owner, household, name=f"Bill {number}", start_date=dt.date(2026, 11, 20 + number))
    run()
    first = len(posted())
    # The second of December: what was due on the 20th was told of before, the other seven are new.
    clock.move_to(at(2, 6, month=12))
    run()
    run()
    assert [m.subject for m in posted()[first:]] == ["7 bills need you"]
    saved_bill(owner, household, name="Later", start_date=dt.date(2026, 12, 5))
    assert run().posted == 0
    clock.move_to(at(2, 8, 0, month=12))
    run()
    assert [m.subject for m in posted()[first + 1 :]] == ["Later is due in 3 days"]


def test_nobody_is_told_of_what_is_older_than_two_weeks(clock, rent):
    run()
    clock.move_to(at(14, 8, month=12))
    run()
    assert posted() == []
    assert states() == {("withdrawn", "Too long ago")}


def test_of_what_was_missed_only_the_latest_is_told(clock, rent):
    run()
    clock.move_to(at(28, 9))
    run()
    assert [message.subject for message in posted()] == ["Rent is due today"]
    assert [row[2:] for row in ledger()][:3] == [
        ("withdrawn", "A later one took its place"), ("withdrawn", "A later one took its place"),
        ("planned", ""),
    ]  # fmt: skip


# --- settled, skipped, snoozed -----------------------------------------------------------------
def states():
    return {(state, reason) for _, _, state, reason in ledger()}


def test_paying_withdraws_what_is_planned_in_the_same_step(owner, rent):
    run()
    payment = pay(owner, rent)
    assert states() == {("withdrawn", "Paid")}
    services.delete_payments(actor=owner, payments=[payment])
    run()
    assert states() == {("planned", "")}
    services.restore_payments(actor=owner, payments=[payment])
    assert states() == {("withdrawn", "Paid")}


def test_a_part_paid_bill_is_still_reminded_of(owner, rent):
    run()
    pay(owner, rent, "40")
    run()
    assert states() == {("planned", "")}


def test_a_message_that_waits_is_withdrawn_and_what_else_it_told_is_told_anew(clock, owner, household, rent):
    saved_bill(owner, household, name="Water", start_date=dt.date(2026, 11, 28))
    clock.move_to(at(28))
    run()
    pay(owner, rent)
    run()
    first, second = posted()
    assert (first.state, first.subject, first.reason) == ("withdrawn", "2 bills need you", "Paid")
    assert (second.state, second.subject) == ("waiting", "Water is due today")


def test_a_message_that_waits_never_tells_an_old_amount(clock, owner, rent):
    clock.move_to(at(28))
    run()
    pay(owner, rent, "40")
    run()
    assert [(m.state, "$60.00 left" in m.text) for m in posted()] == [("withdrawn", False), ("waiting", True)]


@pytest.mark.parametrize(("act", "reason"), [
    (lambda owner, o: services.skip_occurrence(actor=owner, occurrence=o), "Skipped"),
    (lambda owner, o: services.snooze_occurrence(
        actor=owner, occurrence=o, until=dt.date(2026, 12, 3), today=NOW.date()), "Snoozed until 3 Dec 2026"),
    (lambda owner, o: services.delete_bill(actor=owner, bill=o.bill), "The bill is in the bin"),
    (lambda owner, o: services.deactivate_bill(actor=owner, bill=o.bill), "The bill is paused"),
    (lambda owner, o: services.set_other_amount(actor=owner, occurrence=o, amount=Decimal(0)),
     "The amount changed"),
])  # fmt: skip
def test_what_needs_no_reminder_is_withdrawn_with_the_reason(clock, owner, rent, act, reason):
    run()
    act(owner, due_on(rent, dt.date(2026, 11, 28)))
    assert states() == {("withdrawn", reason)}
    for day in (25, 27, 28, 29):
        clock.move_to(at(day))
        run()
    assert posted() == []


def test_undoing_plans_again_at_the_next_run(owner, rent):
    run()
    occurrence = due_on(rent, dt.date(2026, 11, 28))
    services.skip_occurrence(actor=owner, occurrence=occurrence)
    services.unskip_occurrence(actor=owner, occurrence=occurrence)
    run()
    services.delete_bill(actor=owner, bill=rent)
    services.restore_bill(actor=owner, bill=rent)
    run()
    assert states() == {("planned", "")}


def test_what_was_sent_is_not_sent_again_when_the_payment_is_undone(clock, owner, rent):
    clock.move_to(at(28))
    run()
    Message.objects.update(state="sent", sent_at=at(28), next_try_at=None)
    services.delete_payments(actor=owner, payments=[pay(owner, rent)])
    run()
    assert [message.state for message in posted()] == ["sent"]


def test_a_snooze_is_kept_and_ends_with_one_reminder(clock, owner, rent):
    run()
    services.snooze_occurrence(
        actor=owner,
        occurrence=due_on(rent, dt.date(2026, 11, 28)),
        until=dt.date(2026, 12, 20),
        today=NOW.date(),
    )
    run_daily_until(clock, at(24, month=12), first=at(24))
    assert [m.subject for m in posted()] == ["Rent was due 22 days ago"]
    assert posted()[0].created_at == at(20, month=12)


def test_a_due_date_that_moves_takes_its_reminders_along(owner, household, rent):
    run()
    saved_bill(owner, household, rent, start_date=dt.date(2026, 11, 30), today=NOW.date())
    assert states() == {("withdrawn", "The bill changed")}
    run()
    planned = [row.subject for row in Reminder.objects.planned()]
    assert set(planned) == {f"occurrence:{rent.pk}:2026-11-30"}


def test_what_is_settled_between_planning_and_posting_is_not_told(clock, owner, household, rent, monkeypatch):
    run()
    clock.move_to(at(28))
    plan = reminders.plan_reminders

    def plan_then_pay(**given):
        result = plan(**given)
        Occurrence.objects.update(skipped_at=NOW)
        return result

    monkeypatch.setattr(reminders, "plan_reminders", plan_then_pay)
    assert run().posted == 0
    monkeypatch.undo()


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_comes_while_the_message_is_written_takes_it_back(clock, owner, rent, monkeypatch):
    written, post = threading.Event(), reminders.post_reminders

    def pay_meanwhile():
        written.wait(30)
        try:
            pay(owner, rent)
        finally:
            connection.close()

    def post_slowly(**given):
        message = post(**given)
        written.set()
        time.sleep(0.5)
        return message

    monkeypatch.setattr(reminders, "post_reminders", post_slowly)
    payer = threading.Thread(target=pay_meanwhile)
    payer.start()
    clock.move_to(at(28))
    run()
    payer.join(30)
    assert [(message.state, message.reason) for message in posted()] == [("withdrawn", "Paid")]
    assert states() == {("withdrawn", "Paid")}


# --- who ---------------------------------------------------------------------------------------
def test_reminders_of_one_household_never_reach_members_of_another(clock, owner, household, rent):
    other = make_user(email="other@example.org")
    saved_bill(other, make_household(other), name="Secret", start_date=dt.date(2026, 11, 28))
    clock.move_to(at(28))
    run()
    assert {(m.user, m.subject) for m in posted()} == {
        (owner, "Rent is due today"), (other, "Secret is due today"),
    }  # fmt: skip


def test_a_member_who_left_before_the_hour_gets_nothing(clock, household, rent):
    gone = make_member(household).user
    run()
    Membership.objects.filter(user=gone).delete()
    clock.move_to(at(25))
    run()
    assert [m.user == gone for m in posted()] == [False]
    reasons = Reminder.objects.filter(user=gone).values_list("reason", flat=True)
    assert set(reasons) == {"No longer a member"}


def test_who_wants_no_mail_gets_none(owner, household, rent):
    make_user(email="")
    owner.email = ""
    owner.save()
    run()
    assert ledger() == []


def test_one_address_gets_everything_once_where_the_settings_name_one(clock, monkeypatch, household, rent):
    make_member(household)
    monkeypatch.setenv("REMINDER_RECIPIENT", "office@example.org")
    clock.move_to(at(28))
    run()
    assert [(m.user, m.address) for m in posted()] == [(None, "office@example.org")]


def test_nothing_is_planned_or_posted_for_demo_households(clock, owner, household, rent):
    run()
    household.is_demo = True
    household.save()
    clock.move_to(at(28))
    run()
    assert posted() == []
    assert states() == {("planned", "")}
    assert reminders.post_due(household=household, recipient=f"user:{owner.pk}:mail", now=at(28)) is None


def test_a_household_that_fails_stops_no_other_and_gets_nothing(clock, owner, household, rent, caplog):
    broken = make_household(owner, name="Broken")
    saved_bill(owner, broken, start_date=dt.date(2026, 11, 28))
    run()
    broken.reminder_lead_days = "what"
    broken.save()
    clock.move_to(at(28))
    result = run()
    assert (result.failed, result.posted) == (1, 1)
    assert f"household {broken.pk}" in caplog.text
    assert [m.reminders.first().scope for m in posted()] == [household.audit_scope]


def test_a_reminder_is_as_old_as_its_message_and_goes_with_it(clock, owner, rent):
    clock.move_to(at(28))
    run()
    Message.objects.update(state="sent", sent_at=at(28), next_try_at=None)
    clock.move_to(dt.datetime(2027, 3, 1, 8, tzinfo=dt.UTC))
    assert trim_messages() == {"messages": 1}
    run()
    assert not Reminder.objects.filter(date=dt.date(2026, 11, 28)).exclude(withdrawn_at=None).exists()


def test_autopay_that_failed_is_asked_for_from_then_on(clock, owner, household, rent):
    saved_bill(owner, household, rent, is_autopay=True)
    clock.move_to(at(28))
    run()
    assert posted() == []
    services.report_autopay_failure(actor=owner, occurrence=due_on(rent, dt.date(2026, 11, 28)))
    run()
    assert [message.subject for message in posted()] == ["Rent is due today"]


# --- hostile names -----------------------------------------------------------------------------
def test_names_change_nothing_in_the_messages_structure(clock, owner, household):
    household.name = '<b>Us</b>"\r\nX-Evil: 1'
    household.save()
    name = '<img src=x onerror=alert(1)>\r\nBcc: eve@example.org\n\nAmount: $0.00 {{ 7 }} {% now "Y" %}'
    saved_bill(owner, household, name=name[:120], start_date=dt.date(2026, 11, 28))
    saved_bill(owner, household, name="\u202egnp.exe & <script>", start_date=dt.date(2026, 11, 28))
    for day in (25, 28):
        clock.move_to(at(day))
        run()
    for message in posted():
        assert "\n" not in message.subject
        assert "\r" not in message.subject
        assert "<img" not in message.html
        assert "<script" not in message.html
        assert "<b>" not in message.html
        assert not any(
            line.startswith(("Bcc:", "X-Evil:", "Amount: $0")) for line in message.text.splitlines()
        )
        assert "{{ 7 }}" in message.text or "gnp.exe" in message.text
        assert "\u202e" not in message.text + message.html + message.subject


def test_a_mail_server_gets_one_subject_two_parts_and_no_header_of_a_bills_making(
    clock, owner, household, monkeypatch
):
    household.name = "Us\r\nX-Evil: 1"
    household.save()
    name = "Rent\r\nBcc: eve@example.org\r\n\r\n<h1>Pay eve</h1>"
    saved_bill(owner, household, name=name, start_date=dt.date(2026, 11, 28))
    clock.move_to(at(28))
    run()
    with mail_server() as box:
        monkeypatch.setenv("SMTP_PORT", str(box.port))
        monkeypatch.setenv("SMTP_SECURITY", "none")
        deliver_waiting()
    ((recipients, mail),) = box.mails
    assert recipients == [owner.email]
    assert mail.get_all("Subject") == ["Rent Bcc: eve@example.org <h1>Pay eve</h1> is due today"]
    assert (mail["Bcc"], mail["X-Evil"], mail.defects) == (None, None, [])
    text, html = mail.iter_parts()
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert "<h1>Pay" not in html.get_content()
    assert "\nBcc:" not in text.get_content()
    assert "sent" in {state for state, _ in states()}


def test_an_amount_that_nobody_knows_yet_is_reminded_of(owner, household, rent):
    """B7"""
    saved_bill(owner, household, rent, is_variable=True, expected_amount=Decimal("0"))
    run()
    assert [stage for stage, *_ in ledger()] == ["before_3", "before_1", "due"]
    run(at(25, 9))
    (message,) = posted()
    assert "Amount: amount not known yet" in message.text
