"""One of several processes that write to the same household as fast as they can.

Run as ``python -m tests.processes.writer SECONDS`` with the product's settings; prints JSON: how many
acts were done, and every error in words.
"""

import datetime as dt
import json
import random
import sys
import time
from decimal import Decimal

import django

django.setup()

from bills import services  # noqa: E402
from bills.models import Bill, Occurrence, Payment  # noqa: E402
from billtracker.accounts.models import Household, User  # noqa: E402


def act(actor: User, household: Household, chance: random.Random) -> None:
    """Pay, undo, note or change something at random."""
    bill = chance.choice(list(household.bills.all()))
    occurrence = chance.choice(list(bill.occurrences.all()[:24]))
    match chance.randrange(4):
        case 0:
            services.record_payment(
                actor=actor,
                household=household,
                paid_on=dt.date(2026, 11, 21),
                currency=bill.currency,
                splits=[(occurrence, Decimal(chance.randint(1, 9999)) / 100)],
            )
        case 1:
            payment = Payment.objects.live().filter(household=household).order_by("?").first()
            services.delete_payments(actor=actor, payments=[payment] if payment else [])
        case 2:
            note = f"note {chance.random()}"
            services.set_note(actor=actor, occurrence=Occurrence.objects.get(pk=occurrence.pk), note=note)
        case 3:
            changed = Bill.objects.get(pk=bill.pk)
            changed.expected_amount = Decimal(chance.randint(1, 9999)) / 100
            services.save_bill(actor=actor, bill=changed)


def main() -> None:
    household = Household.objects.get(name="Busy")
    actor = household.memberships.get().user
    chance, done, errors = random.Random(), 0, []
    end = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < end:
        try:
            act(actor, household, chance)
            done += 1
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
    sys.stdout.write(json.dumps({"done": done, "errors": errors}))


if __name__ == "__main__":
    main()
