"""Several processes at once: one form makes one payment, and nobody finds the database locked."""

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.conf import settings

pytestmark = pytest.mark.engines("sqlite", "postgresql")

SECONDS = 10
PASSWORD = "a long enough passphrase 7"


def manage(server, *arguments: str, given: str = "") -> str:
    """Run a command of the product on the server's own data."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=server.environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def signed_in(server) -> requests.Session:
    """Create a user and sign in through the form, as a person does."""
    manage(server, "create_admin", "ada", "--password-stdin", given=PASSWORD)
    session = requests.Session()
    page = session.get(f"{server.url}/accounts/login/", timeout=30)
    form = {
        "login": "ada",
        "password": PASSWORD,
        "csrfmiddlewaretoken": hidden(page.text, "csrfmiddlewaretoken"),
    }
    assert session.post(f"{server.url}/accounts/login/", form, timeout=30).ok
    return session


def hidden(html: str, name: str) -> str:
    """Return the value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', html)[1]


def make_bill(session: requests.Session, server) -> str:
    """Add a bill through the API; returns the address of its first due date."""
    token = session.get(f"{server.url}/api/auth/csrf-token", timeout=30).json()["csrf_token"]
    bill = {"name": "Rent", "amount": "100.00", "start_date": "2030-01-15", "tracked_from": "2030-01-01"}
    made = session.post(f"{server.url}/api/bills/", json=bill, headers={"x-csrf-token": token}, timeout=30)
    assert made.status_code == 201, made.text
    return f"{server.url}/bills/{made.json()['id']}/2030-01-15/"


def test_the_same_payment_form_sent_five_times_in_parallel_makes_one_payment(server):
    server.start("--web").wait_for_answer()
    session = signed_in(server)
    page = session.get(address := make_bill(session, server), timeout=30).text
    form = {
        "csrfmiddlewaretoken": hidden(page, "csrfmiddlewaretoken"), "key": hidden(page, "key"),
        "amount": "100.00", "paid_on": "2026-11-21", "method": "", "note": "",
    }  # fmt: skip

    cookies = session.cookies.get_dict()

    def send(_number):
        return requests.post(f"{address}pay/", form, cookies=cookies, timeout=60).status_code

    with ThreadPoolExecutor(5) as senders:
        assert list(senders.map(send, range(5))) == [200] * 5
    assert session.get(f"{server.url}/api/payments/", timeout=30).json()["count"] == 1


def test_pay_all_clicked_by_two_people_at_once_pays_each_bill_once(server):
    server.start("--web").wait_for_answer()
    session = signed_in(server)
    addresses = [make_bill(session, server) for _ in range(3)]
    pages = [session.get(f"{server.url}/tracker/2030/1/", timeout=30).text for _ in range(2)]
    token = hidden(pages[0], "csrfmiddlewaretoken")
    marks = [re.sub(r".*/bills/(\d+)/([\d-]+)/$", r"\1:\2", address) for address in addresses]

    def send(number):
        form = {"csrfmiddlewaretoken": token, "key": f"person-{number}", "due": marks}
        url = f"{server.url}/tracker/pay-due/"
        return requests.post(url, form, cookies=session.cookies.get_dict(), timeout=60).status_code

    with ThreadPoolExecutor(4) as senders:
        assert list(senders.map(send, range(4))) == [200] * 4
    assert session.get(f"{server.url}/api/payments/", timeout=30).json()["count"] == 3


SET_UP = """
import datetime as dt
from decimal import Decimal
from bills import services
from bills.models import Bill
from tests.factories import make_household, make_user
owner = make_user()
household = make_household(owner, name="Busy")
for number in range(5):
    start = dt.date(2026, 1, 1 + number)
    services.save_bill(actor=owner, bill=Bill(household=household, name=f"Bill {number}", currency="USD",
        expected_amount=Decimal(100), start_date=start, tracked_from=start))
"""

CHECK = """
from bills.models import Bill, Occurrence, Payment
from billtracker.core import audit
from django.db.models import Count, Sum
assert audit.verify() == [], audit.verify()
for payment in Payment.objects.annotate(parts=Sum("splits__amount")):
    assert payment.parts == payment.amount
assert not Occurrence.objects.values("bill", "scheduled_date").annotate(n=Count("pk")).filter(n__gt=1)
print(Payment.objects.count())
"""


@pytest.mark.engines("sqlite")
def test_four_processes_write_at_once_and_none_finds_the_database_locked(server):
    manage(server, "shell", "-v0", "-c", SET_UP)
    command = [sys.executable, "-m", "tests.processes.writer", str(SECONDS)]
    writers = [
        subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=server.environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    reports = [json.loads(writer.communicate(timeout=SECONDS + 60)[0]) for writer in writers]
    assert [report["errors"] for report in reports] == [[]] * 4
    assert all(report["done"] > 0 for report in reports)
    assert int(manage(server, "shell", "-v0", "-c", CHECK)) > 0
