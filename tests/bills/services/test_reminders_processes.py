"""Real processes, a real mail server: one message each, however many run at once and wherever one dies."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.bills.services.test_payments_concurrency import manage
from tests.mail_server import Mailbox, mail_server

pytestmark = pytest.mark.engines("sqlite", "postgresql")

SET_UP = """
import datetime as dt
from decimal import Decimal
from bills import services
from bills.models import Bill
from tests.factories import make_household, make_member, make_user
owner = make_user(email="anna@example.org")
household = make_household(owner, name="The Does")
for name in ("ben", "cleo"):
    make_member(household, make_user(email=f"{name}@example.org"))
for number in range(3):
    services.save_bill(actor=owner, bill=Bill(household=household, name=f"Bill {number}", currency="USD",
        expected_amount=Decimal(100), start_date=household.today, tracked_from=household.today))
"""
LEDGER = """
import json
from notifications.models import Message, Reminder
due = Reminder.objects.filter(stage="due")
print(json.dumps({
    "due": due.count(), "in_messages": due.filter(message__state="sent").count(),
    "keys": len(set(due.values_list("recipient", "subject", "stage", "date"))),
    "messages": sorted(Message.objects.values_list("state", flat=True)),
}))
"""
DIE = """
import os
from django.utils import timezone
from bills.services import reminders
from notifications.transport import smtp
from notifications.services import deliver_waiting
def die(*args, **kwargs):
    os.kill(os.getpid(), 9)
post = reminders.post_reminders
def post_and_die(**given):
    post(**given)
    die()
%s
reminders.remind_everyone(now=timezone.now())
deliver_waiting()
"""
PLACES = {
    "after the rows are planned": "reminders._send_due_reminders = die",
    "while the message is written": "reminders.post_reminders = post_and_die",
    "after the messages are written": "deliver_waiting = die",
    "before the mail server is reached": "smtp.Connection.open = die",
}
MEMBERS = ["anna@example.org", "ben@example.org", "cleo@example.org"]
HEALTHY = {"due": 9, "in_messages": 9, "keys": 9, "messages": ["sent"] * 3}


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def household(server, mailbox):
    """Three members and three bills that are due today, since midnight."""
    server.environment |= {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mailbox.port), "SMTP_SECURITY": "none",
        "SMTP_FROM_ADDRESS": "bills@example.org", "REMINDER_HOUR": "0",
    }  # fmt: skip
    manage(server, "shell", "-v0", "-c", SET_UP)
    return server


def recipients(mailbox: Mailbox) -> list[str]:
    """To whom each mail was that the server took."""
    return sorted(to for tos, _ in mailbox.mails for to in tos)


def ledger(server) -> dict:
    return json.loads(manage(server, "shell", "-v0", "-c", LEDGER))


def started(server, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=server.environment,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.PIPE,
    )


def test_four_processes_at_once_send_each_member_one_message(household, mailbox):
    for _ in range(2):
        running = [started(household, "send_reminders") for _ in range(4)]
        ended = [(process.communicate(timeout=120), process.returncode) for process in running]
        assert [code for _, code in ended] == [0] * 4, ended
    assert recipients(mailbox) == MEMBERS
    assert ledger(household) == HEALTHY


@pytest.mark.parametrize("place", PLACES)
def test_a_process_killed_between_row_and_sending_leaves_one_message_for_the_next(household, mailbox, place):
    killed = started(household, "shell", "-v0", "-c", DIE % PLACES[place])
    killed.communicate(timeout=120)
    assert killed.returncode == -9
    assert recipients(mailbox) == []
    manage(household, "send_reminders")
    assert recipients(mailbox) == MEMBERS
    assert ledger(household) == HEALTHY


def test_the_command_counts_what_it_did_and_ends_with_one_when_a_message_failed(household):
    household.environment["SMTP_PORT"] = "1"
    failing = started(household, "send_reminders", "--json")
    out, _ = failing.communicate(timeout=120)
    said = json.loads(out)
    assert failing.returncode == 1
    assert (said["posted"], said["sent"]) == (3, 0)
    assert said["failed"] > 0
