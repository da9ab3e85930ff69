"""Several processes, and processes that die: each message goes out once, whoever sends it."""

import os
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from tests.mail_server import mail_server, say_nothing, scripted_server
from tests.processes.mail_sender import SUBJECTS
from tests.servers import wait_until

pytestmark = pytest.mark.engines("sqlite", "postgresql")

MAKE = """
from tests.factories import make_message
for number in range({count}):
    make_message(address=f"reader{{number}}@example.org", message_id=f"<{{number}}@example.org>")
"""
STATES = """
from notifications.models import Message
print(*(f"{m.state}/{m.tries_count}/{m.reason}" for m in Message.objects.order_by("pk")), sep="\\n")
"""
PEOPLE = "from tests.factories import make_user; [make_user() for _ in range(4)]"
LEDGER = """
from notifications.models import Message, Reminder
print(Reminder.objects.count(), end=" ")
print(Reminder.objects.filter(message__state="sent").count(), Message.objects.count())
"""
DELIVER = "from notifications import services; print(services.deliver_waiting())"


def use(server, port: int) -> None:
    """Have the server's settings name a mail server on this port of loopback."""
    server.environment |= {
        "SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_SECURITY": "none",
        "SMTP_FROM_ADDRESS": "bills@example.org",
    }  # fmt: skip


def start(server, *arguments: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *arguments], cwd=settings.BASE_DIR, env=server.environment)


def start_delivery(server) -> subprocess.Popen:
    return start(server, "manage.py", "shell", "--no-imports", "-v0", "-c", DELIVER)


@pytest.fixture
def box():
    with mail_server() as mailbox:
        yield mailbox


def test_processes_that_deliver_at_once_send_each_message_once(server, box):
    use(server, box.port)
    server.ask(MAKE.format(count=40))
    box.pause = 0.02
    for process in [start_delivery(server) for _ in range(3)]:
        assert process.wait(60) == 0
    server.ask(DELIVER)
    assert Counter(box.ids) == {f"<{number}@example.org>": 1 for number in range(40)}
    assert set(server.ask(STATES).splitlines()) == {"sent/1/"}


def test_reminders_run_fifty_times_in_three_processes_reach_each_person_once(server, box):
    use(server, box.port)
    server.ask(PEOPLE)
    walkers = [start(server, "-m", "tests.processes.mail_sender", "17") for _ in range(3)]
    for process in walkers:
        assert process.wait(120) == 0
    assert max(Counter(box.ids).values()) == 1
    assert max(Counter(tuple(recipients) for recipients, _ in box.mails).values()) == 1
    assert server.ask(LEDGER) == f"{4 * len(SUBJECTS)} {4 * len(SUBJECTS)} 4"


def test_killed_between_claim_and_hand_over_it_is_sent_once_by_the_next_run(server, box):
    with scripted_server(say_nothing) as port:
        use(server, port)
        server.ask(MAKE.format(count=1))
        process = start_delivery(server)
        wait_until(lambda: server.ask(STATES) == "sending/1/", "the claim")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    use(server, box.port)
    server.ask(DELIVER)
    assert server.ask(STATES) == "sent/2/"
    assert box.ids == ["<0@example.org>"]


def test_killed_while_handing_over_it_is_never_sent_again(server, box):
    use(server, box.port)
    server.ask(MAKE.format(count=1))
    box.pause = 2
    process = start_delivery(server)
    assert box.is_in_data.wait(60)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    box.pause = 0
    for _ in range(2):
        server.ask(DELIVER)
    assert server.ask(STATES) == (
        "failed/1/The server stopped while it was handed over; it may have arrived."
    )
    assert len(box.mails) <= 1
