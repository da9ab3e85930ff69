"""When a rule is offered, when it fits, and when it needs nobody any more."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.matching.rules import offer_rule, why_pattern_refused
from tests.banksync.matching.samples import BILL, TODAY, due, line, rule


def days_ago(*days: int) -> tuple[dt.date, ...]:
    return tuple(TODAY - dt.timedelta(days=count) for count in days)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "“” is too short. Enter at least 4 characters of the payee's name."),
        ("BP", "“bp” is too short. Enter at least 4 characters of the payee's name."),
        ("a b c", "“a b c” is too short. Enter at least 4 characters of the payee's name."),
        ("SQ *ABC 4471", "“abc” is too short. Enter at least 4 characters of the payee's name."),
        *(
            (
                text,
                f"“{text.lower()}” does not name a payee. Enter the name of the company or person you pay.",
            )
            for text in [
                "PAYMENT",
                "ACH DEBIT 12345",
                "ATM WITHDRAWAL",
                "Online transfer to savings",
                "4471 8829",
            ]
        ),
    ],
)
def test_a_pattern_that_would_fit_too_much_is_refused(pattern, reason):
    assert why_pattern_refused(pattern) == reason
    assert not rule(pattern).fits(line(descriptor=f"POS DEBIT {pattern} 99"))


@pytest.mark.parametrize(
    "pattern", ["fibernet svc", "Netflix", "AT&T", "T-Mobile", "Bank of America", "株式会社"]
)
def test_the_name_of_a_payee_is_accepted(pattern):
    assert why_pattern_refused(pattern) == ""


@given(st.text(max_size=3))
def test_no_pattern_under_four_characters_is_accepted(pattern):
    assert why_pattern_refused(pattern)


@pytest.mark.parametrize(
    ("pattern", "descriptor", "fits"),
    [
        ("NETFLIX", "NETFLIX.COM LOS GATOS CA", True),
        ("netflix.com", "PAYPAL *NETFLIX.COM 4029357733", True),
        ("riverside apts", "WEB PMT RIVERSIDE APTS 8829", True),
        ("riverside apts", "RIVERSIDE CAR APTS", False),
        ("rent", "PARENTS CLUB", False),
        ("riverside apts", "RIVERSIDE", False),
    ],
)
def test_a_pattern_fits_as_whole_words(pattern, descriptor, fits):
    assert rule(pattern).fits(line(descriptor=descriptor)) == fits


def test_a_rule_that_is_switched_off_neither_fits_nor_acts():
    off = rule(is_enabled=False)
    assert not off.fits(line())
    assert not off.acts_by_itself(TODAY)


@pytest.mark.parametrize(
    ("confirmed_on", "undone_on", "acts"),
    [
        (days_ago(1, 31, 61), None, True),
        (days_ago(0, 0, 0), None, True),
        (days_ago(1, 31), None, False),
        (days_ago(0, 90, 180), None, True),
        (days_ago(0, 90, 181), None, False),
        (days_ago(-1, 31, 61), None, False),
        # After an undo the rule has to earn it again.
        (days_ago(1, 31, 61), days_ago(40)[0], False),
        (days_ago(1, 31, 61), days_ago(61)[0], False),
        (days_ago(1, 31, 61), days_ago(62)[0], True),
    ],
)
def test_a_rule_acts_by_itself_after_three_confirmations_in_180_days(confirmed_on, undone_on, acts):
    assert rule(confirmed_on=confirmed_on, undone_on=undone_on).acts_by_itself(TODAY) == acts


def test_a_rule_is_offered_after_one_confirmed_match():
    offer = offer_rule(line(), due(bill_id=7), confirmed_on=TODAY)
    assert (offer.kind, offer.bill_id, offer.pattern, offer.confirmed_on) == (
        BILL,
        7,
        "fibernet svc",
        (TODAY,),
    )
    assert offer.fits(line(descriptor="POS DEBIT FIBERNET*SVC 800-555-0111 OH"))
    assert not offer.acts_by_itself(TODAY)


@pytest.mark.parametrize("descriptor", ["ATM WITHDRAWAL 41393", "CHECK 1042", "SQ *ABC"])
def test_no_rule_is_offered_for_words_of_the_bank(descriptor):
    assert offer_rule(line(descriptor=descriptor), due(), confirmed_on=TODAY) is None


def test_no_rule_is_offered_where_one_of_this_bill_fits_already():
    assert offer_rule(line(), due(), confirmed_on=TODAY, rules=[rule("fibernet")]) is None
    assert offer_rule(line(), due(), confirmed_on=TODAY, rules=[rule("fibernet", bill_id=2)]) is not None
