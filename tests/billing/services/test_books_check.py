"""The daily check remembers what it found, and tells administrators of each fault once."""

import pytest
from django.db import connection, transaction

from billing import services, tasks
from billing.models import BooksCheck, Counter, Sequence
from billtracker.core import audit
from billtracker.core.models import AuditChain, AuditEntry
from billtracker.core.process.jobs import JobFailed
from notifications.models import Message
from tests.audit_unlock import audit_log_unlocked
from tests.factories import make_client, make_issued, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    """Four entries of the office."""
    client = make_client()
    with transaction.atomic():
        for number in range(4):
            audit.record(None, "client.edited", client, {"terms_days": [number, number + 1]})


@pytest.fixture
def administrators():
    """Two with an address, one without."""
    return [make_user(is_superuser=True, email=email) for email in ("a@example.org", "b@example.org", "")]


def spoil(position: int, **fields) -> None:
    with audit_log_unlocked(connection):
        AuditEntry.objects.filter(scope="office", position=position).update(**fields)


def take_out(position: int) -> None:
    with audit_log_unlocked(connection):
        AuditEntry.objects.filter(scope="office", position=position).delete()


def number_the_books(*numbers: int, last: int) -> None:
    for number in numbers:
        make_issued(number)
    Counter.objects.create(sequence=Sequence.objects.get(code="SOA"), year=2026, last_number=last)


def test_books_that_hold_are_remembered_so(chain, administrators):
    number_the_books(1, 2, last=2)
    assert (
        tasks.check_books()
        == "The audit chain holds (4 entries); 1 counters are whole; the balances tie out."
    )
    check = BooksCheck.objects.get()
    assert (check.chain_holds, check.entry_count, check.numbers_are_whole) == (True, 4, True)
    assert not Message.objects.exists()


def test_an_office_without_books_holds():
    assert (
        tasks.check_books()
        == "The audit chain holds (0 entries); 0 counters are whole; the balances tie out."
    )


def test_the_first_broken_entry_and_the_gap_are_remembered_and_the_job_fails(chain):
    number_the_books(1, 3, last=3)
    spoil(3, reason="because")
    with pytest.raises(JobFailed, match=r"broken at entry 3\. 1 counters are not whole\."):
        tasks.check_books()
    check = BooksCheck.objects.get()
    assert (check.broken_position, check.broken_reason) == (3, "the entry or its place was changed")
    assert check.gaps == ["SOA 2026: missing 2"]


def test_a_chain_without_its_head_is_broken(chain):
    AuditChain.objects.filter(scope="office").delete()
    assert services.check_books().broken_position == 1


def test_another_households_chain_is_not_the_offices(chain):
    with transaction.atomic():
        audit.record(None, "bill.created", make_client(), scope="household:1")
    with audit_log_unlocked(connection):
        AuditEntry.objects.filter(scope="household:1").update(reason="because")
    assert services.check_books().chain_holds


def test_each_fault_is_told_once_to_each_administrator_with_an_address(chain, administrators):
    number_the_books(1, 3, last=3)
    spoil(3, reason="because")
    for _ in range(3):
        services.check_books()
    told = Message.objects.order_by("pk").values_list("address", "subject", "kind")
    assert sorted(told) == [
        (address, subject, "alert")
        for address in ("a@example.org", "b@example.org")
        for subject in ("The office's audit log is broken", "The office's number register is not whole")
    ]
    texts = " ".join(Message.objects.values_list("text", flat=True))
    assert "broken at entry 3: the entry or its place was changed." in texts
    assert "SOA 2026: missing 2." in texts


def test_a_fault_that_comes_back_after_it_was_fixed_is_told_again(chain, administrators):
    spoil(3, reason="because")
    services.check_books()
    spoil(3, reason="")
    services.check_books()
    assert Message.objects.count() == 2
    spoil(3, reason="because")
    services.check_books()
    assert Message.objects.count() == 4


def test_another_place_is_another_fault(chain, administrators):
    spoil(3, reason="because")
    services.check_books()
    spoil(2, reason="because")
    services.check_books()
    assert Message.objects.count() == 4


def test_an_entry_taken_out_is_told_by_its_place(chain, administrators):
    take_out(2)
    services.check_books()
    assert "broken at entry 2: an entry is missing." in Message.objects.first().text
