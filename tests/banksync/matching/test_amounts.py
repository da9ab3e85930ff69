"""Which amounts fit, how well, and what a line then pays."""

from decimal import Decimal

import pytest
from hypothesis import given

from banksync.matching.amounts import Fit, judge_amount, settled_amount
from tests.banksync.matching.samples import bank_lines, due, due_items, line, recorded

PAST = tuple(map(Decimal, ["900.00", "10.00", "100.00", "100.00", "140.00", "140.00", "120.00", "120.00"]))


@pytest.mark.parametrize(
    ("paid", "owed", "fit", "reason"),
    [
        ("-69.99", "69.99", Fit.EXACT, "Amount is exact"),
        ("-70.50", "69.99", Fit.CLOSE, "Amount is $0.51 more than owed"),
        ("-68.99", "69.99", Fit.CLOSE, "Amount is $1.00 less than owed"),
        ("-16.49", "15.49", Fit.CLOSE, "Amount is $1.00 more than owed"),
        ("-1887.00", "1850.00", Fit.CLOSE, "Amount is $37.00 more than owed"),
        ("-1813.00", "1850.00", Fit.CLOSE, "Amount is $37.00 less than owed"),
    ],
)
def test_a_fixed_bill_is_exact_or_within_two_percent_or_one(paid, owed, fit, reason):
    judged = judge_amount(line(amount=paid), due(owed=owed))
    assert (judged.fit, judged.reason, judged.agrees) == (fit, reason, fit == Fit.EXACT)


@pytest.mark.parametrize(
    ("paid", "owed"), [("-71.40", "69.99"), ("-68.58", "69.99"), ("-16.50", "15.49"), ("-1887.01", "1850.00")]
)
def test_an_amount_further_off_does_not_fit_a_fixed_bill(paid, owed):
    assert judge_amount(line(amount=paid), due(owed=owed)) is None


@pytest.mark.parametrize(
    ("paid", "fits"), [("-111", True), ("-129", True), ("-110.99", False), ("-129.01", False)]
)
def test_a_variable_bill_fits_within_seven_and_a_half_percent_of_its_running_median(paid, fits):
    item = due(owed=None, is_variable=True, past_amounts=PAST)
    judged = judge_amount(line(amount=paid), item)
    assert (judged is not None) == fits
    if judged:
        assert judged.agrees
        assert judged.reason == "Amount is within 7.5% of the usual $120.00"


@pytest.mark.parametrize(
    ("paid", "fits"), [("-90", True), ("-210", True), ("-89.99", False), ("-210.01", False)]
)
def test_a_range_of_the_user_takes_the_place_of_the_median(paid, fits):
    item = due(owed=None, is_variable=True, past_amounts=PAST, expected_range=(Decimal(90), Decimal(210)))
    judged = judge_amount(line(amount=paid), item)
    assert (judged is not None) == fits
    if judged:
        assert judged.reason == "Amount is in your range, $90.00 to $210.00"


def test_an_amount_entered_for_this_date_agrees_only_when_it_is_exact():
    item = due(owed="118.00", is_variable=True, past_amounts=PAST)
    assert not judge_amount(line(amount="-120"), item).agrees
    assert judge_amount(line(amount="-118"), item).agrees


def test_a_bill_without_any_amount_leaves_it_to_the_user():
    judged = judge_amount(line(), due(owed=None))
    assert (judged.fit, judged.agrees) == (Fit.UNKNOWN, False)
    assert judged.reason == "Amount of this bill is not known yet"


def test_what_is_left_of_a_line_counts_not_its_amount():
    assert judge_amount(line(amount="-100", used=Decimal("30.01")), due()).fit == Fit.EXACT


def test_a_recorded_payment_fits_to_the_cent_only():
    assert judge_amount(line(), recorded()).fit == Fit.EXACT
    assert judge_amount(line(amount="-70.00"), recorded()) is None


@pytest.mark.parametrize(
    ("paid", "owed", "settles"),
    [("-70.50", "69.99", "69.99"), ("-69.50", "69.99", "69.50"), ("-70", None, "70")],
)
def test_a_line_pays_no_more_than_is_owed_or_than_it_has(paid, owed, settles):
    assert settled_amount(line(amount=paid), due(owed=owed)) == Decimal(settles)


@given(bank_lines(1), due_items(1))
def test_no_line_pays_more_than_is_left_of_it_nor_more_than_is_owed(bank_line, item):
    amount = settled_amount(bank_line, item)
    assert amount <= bank_line.left
    assert item.owed is None or amount <= item.owed
