"""Bank lines and what they may belong to, as tests say them, and a year of a real-looking account."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from banksync.matching.bank_lines import BankLine
from banksync.matching.rules import MatchRule
from banksync.matching.targets import DueItem, RecordedPayment, TargetKind
from billtracker.core.money import minor_unit

BILL, STATEMENT = TargetKind.BILL, TargetKind.STATEMENT
D = dt.date
TODAY = D(2026, 11, 29)
DAY = D(2026, 11, 5)
FILE = Path(__file__).parents[2] / "data" / "bank-2026.csv"


def line(id=1, day=DAY, amount="-69.99", descriptor="POS DEBIT FIBERNET*SVC 800-555-0199 MI", **more):
    fields = {"account_id": 1, "currency": "USD"} | more
    return BankLine(id=id, day=day, amount=Decimal(amount), descriptor=descriptor, **fields)


def due(id=1, due_date=DAY, owed="69.99", **more):
    fields = {"kind": BILL, "bill_id": 1, "currency": "USD", "period_days": 30, "names": ("Internet",)} | more
    return DueItem(id=id, due_date=due_date, owed=None if owed is None else Decimal(owed), **fields)


def statement(id=1, owed="1200.00", **more):
    return due(id, owed=owed, **{"kind": STATEMENT, "period_days": None, "names": ("Harbour Bakery",)} | more)


def recorded(id=1, paid_on=DAY, amount="69.99", **more):
    fields = {"kind": BILL, "bill_id": 1, "currency": "USD", "names": ("Fibernet",)} | more
    return RecordedPayment(id=id, paid_on=paid_on, amount=Decimal(amount), **fields)


def rule(pattern="fibernet svc", days=3, **more):
    """Return a rule that was confirmed on so many of the latest days."""
    confirmed_on = tuple(TODAY - dt.timedelta(days=30 * n) for n in range(1, days + 1))
    return MatchRule(**{"kind": BILL, "bill_id": 1, "pattern": pattern, "confirmed_on": confirmed_on} | more)


def lines_of_the_year() -> list[BankLine]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            line(
                id=number,
                day=dt.datetime.strptime(row["Posted Date"], "%m/%d/%Y").replace(tzinfo=dt.UTC).date(),
                amount=row["Amount"].replace(",", ""),
                descriptor=row["Description"],
            )
            for number, row in enumerate(csv.DictReader(file), start=1)
        ]


# --- anything at all, close enough together to compete -----------------------------------------
_days = st.dates(D(2026, 11, 1), D(2026, 11, 20))
_currencies = st.sampled_from(["USD", "USD", "JPY", "EUR"])
_descriptors = st.sampled_from(
    [
        "FIBERNET*SVC 800-555-0199 MI",
        "NETFLIX.COM LOS GATOS CA",
        "ACH DEBIT 1234",
        "WEB PMT RIVERSIDE APTS 8829",
    ]
)
_names = st.sampled_from([("Internet",), ("Netflix",), ("Rent", "Riverside"), ()])


@st.composite
def _amounts(draw, currency: str) -> Decimal:
    return draw(st.integers(1, 12)) * draw(st.sampled_from([100, 100, 101])) * minor_unit(currency)


@st.composite
def bank_lines(draw, id: int) -> BankLine:
    currency = draw(_currencies)
    amount = draw(_amounts(currency))
    return BankLine(
        id=id,
        account_id=1,
        day=draw(_days | st.none()),
        amount=amount * draw(st.sampled_from([-1, -1, -1, 1])),
        currency=currency,
        descriptor=draw(_descriptors),
        is_pending=draw(st.sampled_from([False, False, False, True])),
        is_monitored=draw(st.sampled_from([True, True, True, False])),
        used=draw(st.sampled_from([Decimal(0), Decimal(0), minor_unit(currency), amount])),
    )


@st.composite
def due_items(draw, id: int) -> DueItem:
    currency = draw(_currencies)
    return DueItem(
        id=id,
        kind=draw(st.sampled_from([BILL, BILL, BILL, STATEMENT])),
        bill_id=draw(st.integers(1, 3)),
        due_date=draw(_days),
        owed=draw(_amounts(currency) | st.none()),
        currency=currency,
        is_variable=draw(st.booleans()),
        past_amounts=tuple(draw(st.lists(_amounts(currency), max_size=3))),
        period_days=draw(st.sampled_from([None, 7, 14, 30, 30])),
        names=draw(_names),
        past_descriptors=tuple(draw(st.lists(_descriptors, max_size=2))),
    )


@st.composite
def recorded_payments(draw, id: int) -> RecordedPayment:
    currency = draw(_currencies)
    return RecordedPayment(
        id=id,
        kind=draw(st.sampled_from([BILL, STATEMENT])),
        bill_id=draw(st.integers(1, 3)),
        paid_on=draw(_days),
        amount=draw(_amounts(currency)),
        currency=currency,
        names=draw(_names),
    )


rules = st.builds(
    MatchRule,
    kind=st.just(BILL),
    bill_id=st.integers(1, 3),
    pattern=st.sampled_from(["fibernet svc", "netflix.com", "riverside apts"]),
    confirmed_on=st.lists(st.dates(D(2026, 9, 1), TODAY), max_size=4).map(tuple),
)


@st.composite
def situations(draw) -> dict:
    """Return the arguments of ``propose_matches``."""
    lines = [draw(bank_lines(id)) for id in range(1, draw(st.integers(0, 7)) + 1)]
    items = [draw(due_items(id)) for id in range(1, draw(st.integers(0, 6)) + 1)]
    payments = [draw(recorded_payments(id)) for id in range(1, draw(st.integers(0, 2)) + 1)]
    return {
        "lines": lines,
        "targets": [*items, *payments],
        "rules": draw(st.lists(rules, max_size=4)),
        "today": TODAY,
    }
