"""Bank lines and what they may belong to, as tests say them, and a year of a real-looking account."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st

from banksync.matching.bank_lines import BankLine
from banksync.matching.rules import MatchRule
from banksync.matching.targets import DueItem, RecordedPayment, TargetKind

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
_DESCRIPTORS = [
    "FIBERNET*SVC 800-555-0199 MI",
    "NETFLIX.COM LOS GATOS CA",
    "RIVERSIDE APTS",
    "ACH DEBIT 1234",
]
_PATTERNS = {1: "fibernet svc", 2: "netflix.com", 3: "riverside apts"}
_NAMES = {1: ("Internet", "Fibernet"), 2: ("Netflix",), 3: ("Rent",)}
_days = st.dates(D(2026, 11, 1), D(2026, 11, 20))
_descriptors = st.sampled_from(_DESCRIPTORS)
_bill_ids = st.sampled_from(sorted(_PATTERNS))
_kinds = st.sampled_from([BILL, BILL, BILL, STATEMENT])


def _seldom(value, usual):
    return st.sampled_from([usual] * 9 + [value])


_currencies = _seldom("JPY", "USD")
# The first three are within 2 % of each other.
_amounts = st.sampled_from([Decimal(number) for number in (100, 101, 102, 250)])


@st.composite
def bank_lines(draw, id: int) -> BankLine:
    amount = draw(_amounts)
    return BankLine(
        id=id,
        account_id=1,
        day=draw(st.one_of([_days] * 9 + [st.none()])),
        amount=amount * draw(st.sampled_from([-1, -1, -1, 1])),
        currency=draw(_currencies),
        descriptor=draw(_descriptors),
        is_pending=draw(_seldom(True, False)),
        is_monitored=draw(_seldom(False, True)),
        used=draw(_seldom(amount, Decimal(0)) | _seldom(Decimal(1), Decimal(0))),
    )


@st.composite
def due_items(draw, id: int) -> DueItem:
    bill_id = draw(_bill_ids)
    return DueItem(
        id=id,
        kind=draw(_kinds),
        bill_id=bill_id,
        due_date=draw(_days),
        owed=draw(st.one_of([_amounts] * 4 + [st.none()])),
        currency=draw(_currencies),
        is_variable=draw(st.booleans()),
        past_amounts=tuple(draw(st.lists(_amounts, max_size=3))),
        period_days=draw(st.sampled_from([None, 7, 14, 30, 30])),
        names=_NAMES[bill_id],
        past_descriptors=tuple(draw(st.lists(_descriptors, max_size=2))),
    )


@st.composite
def recorded_payments(draw, id: int) -> RecordedPayment:
    bill_id = draw(_bill_ids)
    return RecordedPayment(
        id=id,
        kind=draw(_kinds),
        bill_id=bill_id,
        paid_on=draw(_days),
        amount=draw(_amounts),
        currency=draw(_currencies),
        names=_NAMES[bill_id],
    )


_recent_days = st.sampled_from([TODAY - dt.timedelta(days=count) for count in (0, 30, 60, 90, 200)])
rules = st.builds(
    lambda bill_id, confirmed_on: rule(_PATTERNS[bill_id], bill_id=bill_id, confirmed_on=tuple(confirmed_on)),
    _bill_ids,
    st.lists(_recent_days, min_size=2, max_size=5),
)


@st.composite
def situations(draw) -> dict:
    """Return the arguments of ``propose_matches``: about half of the lines pay one of the targets."""
    items = [draw(due_items(id)) for id in range(1, draw(st.integers(1, 5)) + 1)]
    payments = [draw(recorded_payments(id)) for id in range(1, draw(st.integers(0, 2)) + 1)]
    lines = [draw(bank_lines(id)) for id in range(1, draw(st.integers(0, 3)) + 1)]
    for target in draw(st.lists(st.sampled_from([*items, *payments]), min_size=1, max_size=4)):
        lines.append(draw(_lines_that_pay(target, len(lines) + 1)))
    return {
        "lines": lines,
        "targets": [*items, *payments],
        "rules": draw(st.lists(rules, min_size=1, max_size=4)),
        "today": TODAY,
    }


@st.composite
def _lines_that_pay(draw, target, id: int) -> BankLine:
    day, owed = (
        (target.due_date, target.owed) if isinstance(target, DueItem) else (target.paid_on, target.amount)
    )
    return line(
        id,
        day + dt.timedelta(days=draw(st.integers(-2, 3))),
        (draw(_amounts) if owed is None else owed) * (-1 if target.kind == BILL else 1),
        _DESCRIPTORS[target.bill_id - 1],
        currency=target.currency,
    )


@st.composite
def series_of_lines(draw) -> list[BankLine]:
    """Return payments to several payees, each in steps of about so many days, with noise between them."""
    lines = [draw(bank_lines(id)) for id in range(1, draw(st.integers(0, 4)) + 1)]
    for descriptor in draw(st.lists(_descriptors, max_size=3, unique=True)):
        amount, step = draw(_amounts), draw(st.sampled_from([7, 14, 30]))
        for number in range(draw(st.integers(2, 6))):
            day = TODAY - dt.timedelta(days=number * step + draw(st.integers(0, 1)))
            price = draw(_seldom(amount + 1, amount))
            lines.append(line(len(lines) + 1, day, -price, descriptor))
    return lines
