"""Numbers are taken without a gap, shown without being taken, and moved forward only."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import services
from billing.models import Counter, CounterAdjustment, Sequence
from billtracker.core.exceptions import DomainError, NotAllowed
from tests.factories import make_office_user

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 21)


def soa() -> Sequence:
    return Sequence.objects.get(code="SOA")


def test_each_year_counts_from_one():
    taken = [services.take_number(soa(), day) for day in (DAY, DAY, dt.date(2027, 1, 1), DAY)]
    assert taken == [(2026, 1), (2026, 2), (2027, 1), (2026, 3)]


def test_a_sequence_that_never_begins_again_has_one_counter():
    forever = Sequence.objects.create(
        code="OR", prefix="OR", pattern="{prefix}{number}", reset="none", padding=6
    )
    taken = [services.take_number(forever, day) for day in (DAY, dt.date(2027, 1, 1))]
    assert taken == [(0, 1), (0, 2)]
    assert forever.format(0, 2) == "OR000002"


def test_looking_at_the_next_number_takes_nothing():
    assert [services.expected_number(soa(), DAY) for _ in range(10)] == ["SOA-2026-0001"] * 10
    assert not Counter.objects.exists()
    assert services.take_number(soa(), DAY) == (2026, 1)


@given(number=st.integers(1, 10**9), padding=st.integers(0, 10))
def test_a_number_keeps_all_its_digits(number, padding):
    text = Sequence(prefix="SOA", padding=padding).format(2026, number)
    assert int(text.rpartition("-")[2]) == number


def test_a_counter_moves_forward_only_by_an_admin_with_a_reason():
    admin = make_office_user("Admin")
    services.take_number(soa(), DAY)
    for to in (1, 0, -5, 3_000_000_000):
        with pytest.raises(DomainError, match="forward only"):
            services.move_counter(actor=admin, sequence=soa(), year=2026, to=to, reason="Booklet")
    with pytest.raises(DomainError, match="reason"):
        services.move_counter(actor=admin, sequence=soa(), year=2026, to=100, reason=" ")
    with pytest.raises(NotAllowed):
        services.move_counter(
            actor=make_office_user("Reviewer"), sequence=soa(), year=2026, to=100, reason="Booklet"
        )
    services.move_counter(actor=admin, sequence=soa(), year=2026, to=100, reason="Paper booklet until here")
    assert services.take_number(soa(), DAY) == (2026, 101)
    moved = CounterAdjustment.objects.get()
    assert (moved.from_number, moved.to_number, moved.made_by) == (1, 100, admin)
