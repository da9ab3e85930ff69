"""A close waits for an event that is on its way into the month, and then sees it."""

import datetime as dt
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from billing import services
from billing.models import BooksCheck, Payment, Period
from billing.services.periods import require_open
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("postgresql")]
NINTH = dt.date(2026, 9, 9)


def test_a_close_waits_for_a_payment_under_way_and_is_then_blocked_by_it(time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=True)
    make_office()
    admin, payer, refusals = make_office_user("Admin"), make_client(), []
    BooksCheck.objects.create(
        checked_at=dt.datetime(2026, 11, 21, tzinfo=dt.UTC), entry_count=0, counter_count=0
    )
    statement = make_issued(client=payer, issue_date=NINTH)
    statement.documents.create(path="x", sha256="0" * 64, size=1, made_at=statement.issued_at)
    checked, finish = Event(), Event()

    def pay():
        with transaction.atomic():
            require_open(actor=admin, day=NINTH, doing="the payment")
            checked.set()
            finish.wait(10)
            make_payment(payer, paid_on=NINTH, by=admin)
        connection.close()

    def close():
        checked.wait(10)
        try:
            services.close_period(actor=admin, month=Month(2026, 9))
        except DomainError as error:
            refusals.append(error.code)
        connection.close()

    threads = [Thread(target=pay), Thread(target=close)]
    for thread in threads:
        thread.start()
    threads[1].join(0.5)
    assert threads[1].is_alive(), "The close has to wait for the payment."
    finish.set()
    for thread in threads:
        thread.join(10)
    assert refusals == ["blocked"]
    assert Payment.objects.count() == 1
    assert not Period.objects.filter(state="closed").exists()
