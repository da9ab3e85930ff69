"""Numbers: taken inside the transaction that issues, one after the other, without a gap."""

import datetime as dt

from django.db import transaction
from django.db.models import F

from billing.models import Counter, CounterAdjustment, Sequence
from billing.rules import policy
from billtracker.core import audit
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import FIRST_YEAR, LAST_YEAR

LARGEST = 2_000_000_000


def take_number(sequence: Sequence, issue_date: dt.date) -> tuple[int, int]:
    """Return (year, number): the next one of the sequence; a rollback gives it back.

    Call it in the transaction that writes the number. The counter's row stays locked until that
    transaction ends, so whoever comes next waits and gets the number after.
    """
    year = sequence.year_of(issue_date)
    counter = Counter.objects.filter(sequence=sequence, year=year)
    # Updated first, then read: two transactions cannot both read the same last number.
    if not counter.update(last_number=F("last_number") + 1):
        Counter.objects.get_or_create(sequence=sequence, year=year)
        counter.update(last_number=F("last_number") + 1)
    return year, counter.values_list("last_number", flat=True).get()


def take_number_fields(code: str, issue_date: dt.date) -> dict:
    """Take the next number of the sequence of that code; returns the fields of the document that bears it."""
    sequence = Sequence.objects.get(code=code)
    year, number = take_number(sequence, issue_date)
    return {
        "sequence": sequence,
        "sequence_year": year,
        "sequence_number": number,
        "number": sequence.format(year, number),
    }


def expected_number(sequence: Sequence, issue_date: dt.date) -> str:
    """Return the number that the next document of that date would get; reserves nothing."""
    year = sequence.year_of(issue_date)
    last = Counter.objects.filter(sequence=sequence, year=year).values_list("last_number", flat=True).first()
    return sequence.format(year, (last or 0) + 1)


@transaction.atomic
def move_counter(*, actor, sequence: Sequence, year: int, to: int, reason: str) -> CounterAdjustment:
    """Let the next number be ``to`` + 1; the numbers left out are listed with the reason.

    Forward only, by an Admin. Raises DomainError and leaves the counter as it was otherwise.
    """
    policy.require(actor, policy.Permission.ADMINISTER)
    reason = reason.strip()
    if not reason:
        raise DomainError("Say why the counter is moved: the numbers left out need a reason.", field="reason")
    if (year != 0 and not FIRST_YEAR <= year <= LAST_YEAR) or (year == 0) != (
        sequence.reset == Sequence.Reset.NONE
    ):
        raise DomainError("The sequence has no counter for that year.", field="year")
    # First the chain, then the counter: the order in which a document takes its number.
    audit.lock_chain(audit.OFFICE)
    Counter.objects.get_or_create(sequence=sequence, year=year)
    counter = Counter.objects.select_for_update().get(sequence=sequence, year=year)
    before = counter.last_number
    if not before < to <= LARGEST:
        raise DomainError(f"A counter moves forward only: the last number is {before}.", field="to")
    Counter.objects.filter(pk=counter.pk).update(last_number=to)
    moved = CounterAdjustment.objects.create(
        counter=counter, from_number=before, to_number=to, reason=reason[:300], made_by=actor
    )
    audit.record(actor, "counter.moved", counter, {"last_number": [before, to]}, reason)
    return moved
