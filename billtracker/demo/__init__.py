"""Demo data: one household that looks lived in, made in one step and removed in one step."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction

from bills import services
from bills.models import Bill, Category, Occurrence, Payment
from billtracker.accounts.models import Household, Role, User
from billtracker.accounts.services import create_administrator, create_household
from billtracker.core import audit
from billtracker.core.periods import clamped_date
from billtracker.demo.ledger import clear_ledger, fill_ledger

NAME = "Demo household"
MONTHS_BACK = 14
METHODS = ("Checking", "Card", "Cash")


@dataclass(frozen=True, slots=True)
class SampleBill:
    """One demo bill: when it is due, and how its owner pays it."""

    category: str
    name: str
    amount: str
    day: int
    unit: str = Bill.Unit.MONTH
    interval: int = 1
    second_day: int | None = None
    is_autopay: bool = False
    is_variable: bool = False
    currency: str = "USD"
    habit: str = "pays"  # pays, forgets (the last one), nothing (autopay is never confirmed)


UNKNOWN_SO_FAR = Decimal("310.00")
SAMPLES = (
    SampleBill("Housing", "Rent", "1850.00", 1),
    SampleBill("Housing", "HOA dues", "210.00", 10, interval=3),
    SampleBill("Housing", "Property tax", "2418.65", 31, interval=6),
    SampleBill("Utilities", "Electricity", "142.37", 12, is_variable=True, habit="forgets"),
    SampleBill("Utilities", "Water and sewer", "61.80", 20, interval=3),
    SampleBill("Utilities", "Natural gas", "88.00", 15),
    SampleBill("Utilities", "Internet (fibre)", "69.99", 5, is_autopay=True, habit="nothing"),
    # Nobody knows the amount of the next one before the invoice comes.
    SampleBill("Utilities", "Heating oil", "0.00", 22, interval=4, is_variable=True),
    SampleBill("Utilities", "Mobile family plan", "140.00", 28),
    SampleBill("Utilities", "Trash pickup", "32.50", 31),
    SampleBill("Insurance", "Car insurance", "612.40", 3, interval=6),
    SampleBill("Insurance", "Life insurance", "38.75", 30, is_autopay=True, habit="nothing"),
    SampleBill("Debt", "Car loan", "318.22", 29, is_autopay=True),
    SampleBill("Debt", "Student loan", "204.11", 21),
    SampleBill("Debt", "Credit card, blue", "75.00", 24, is_variable=True),
    SampleBill("Subscriptions", "Film streaming", "15.49", 11, is_autopay=True, habit="nothing"),
    SampleBill(
        "Subscriptions", "Newspaper", "4.00", 5, unit=Bill.Unit.WEEK, is_autopay=True, habit="nothing"
    ),
    SampleBill("Subscriptions", "Domain names", "48.60", 14, unit=Bill.Unit.YEAR),
    SampleBill(
        "Health", "Gym", "24.99", 9, unit=Bill.Unit.WEEK, interval=2, is_autopay=True, habit="nothing"
    ),
    SampleBill("Kids", "Piano lessons", "160.00", 12, unit=Bill.Unit.WEEK, interval=4),
    SampleBill("Kids", "School lunch account", "45.00", 1, unit=Bill.Unit.TWICE_A_MONTH, second_day=15),
    SampleBill("Fun", "Café membership “Zoë”", "12.50", 18, currency="EUR"),
    SampleBill("Car", "Vehicle inspection", "102.22", 28, unit=Bill.Unit.YEAR, habit="forgets"),
)


@transaction.atomic
def load(*, actor: User) -> Household:
    """Make the user's demo household with its bills and payments; the existing one if there is one."""
    known = Household.objects.filter(is_demo=True, memberships__user=actor).first()
    if known:
        return known
    own = Household.objects.visible_to(actor).first()
    fields = {"is_demo": True, "currency": "USD"} | ({"time_zone": own.time_zone} if own else {})
    household = create_household(actor=actor, name=NAME, **fields)
    _fill(actor, household)
    return household


@transaction.atomic
def make_visitor(*, username: str, password: str) -> User:
    """Make an administrator who has nothing but demo data, so that the first sign-in shows it.

    Raises DomainError for a taken name and a weak password.
    """
    user = create_administrator(actor=None, username=username, password=password)
    # The household that comes with every account becomes the demo household.
    household = Household.objects.visible_to(user).get()
    household.name, household.is_demo = NAME, True
    household.save(update_fields=["name", "is_demo"])
    _fill(user, household)
    return user


def _fill(actor: User, household: Household) -> None:
    """Make the sample bills in the household, and pay them as their owner would."""
    categories = {name: _make_category(actor, household, name) for name in {s.category for s in SAMPLES}}
    for sample in SAMPLES:
        _pay_history(actor, _make_bill(actor, household, categories[sample.category], sample), sample)
    fill_ledger(actor, household)


def _make_category(actor: User, household: Household, name: str) -> Category:
    return services.save_category(actor=actor, category=Category(household=household, name=name))


def _make_bill(actor: User, household: Household, category: Category, sample: SampleBill) -> Bill:
    first = household.today + relativedelta(months=-MONTHS_BACK, day=1)
    start = clamped_date(first.year, first.month, sample.day)
    bill = Bill(
        household=household,
        category=category,
        name=sample.name,
        expected_amount=Decimal(sample.amount),
        currency=sample.currency,
        unit=sample.unit,
        interval=sample.interval,
        start_date=start,
        due_day=None if sample.unit == Bill.Unit.WEEK else sample.day,
        second_due_day=sample.second_day,
        tracked_from=first,
        is_autopay=sample.is_autopay,
        is_variable=sample.is_variable,
        is_subscription=sample.category == "Subscriptions",
    )
    # Made as if added back then, so that autopay covers the past too.
    services.save_bill(actor=actor, bill=bill, today=first)
    services.make_due_occurrences(household=household)
    return bill


def _pay_history(actor: User, bill: Bill, sample: SampleBill) -> None:
    """Pay what came due until a few days ago, by the owner's habit."""
    today = bill.household.today
    due = list(bill.occurrences.filter(due_date__lt=today - dt.timedelta(days=2)).order_by("due_date"))
    paid = {"pays": due, "forgets": due[:-1], "nothing": []}[sample.habit]
    for number, occurrence in enumerate(paid):
        _pay(actor, occurrence, number)


def _pay(actor: User, occurrence: Occurrence, number: int) -> Payment:
    """Pay one occurrence a day or two around its due date; variable bills wander a little."""
    amount = occurrence.owed
    if occurrence.bill.is_variable:
        amount = (amount or UNKNOWN_SO_FAR) + Decimal((number * 37) % 41 - 20)
        services.set_other_amount(actor=actor, occurrence=occurrence, amount=amount)
    return services.record_payment(
        actor=actor,
        household=occurrence.bill.household,
        splits=[(occurrence, amount)],
        paid_on=occurrence.due_date + dt.timedelta(days=number % 3 - 1),
        currency=occurrence.currency,
        method=METHODS[number % len(METHODS)],
    )


@transaction.atomic
def clear(*, actor: User) -> int:
    """Remove the user's demo households with everything in them; returns how many there were."""
    mine = {"is_demo": True, "memberships__user": actor, "memberships__role": Role.OWNER}
    households = list(Household.objects.filter(**mine))
    for household in households:
        audit.record(actor, "household.deleted", household, reason="demo data")
        clear_ledger(household)
        Payment.objects.filter(household=household).delete()
        Bill.objects.filter(household=household).delete()
        household.delete()
    return len(households)
