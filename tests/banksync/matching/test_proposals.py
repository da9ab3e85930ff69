"""What is matched by itself, what is suggested, and what never happens."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksync.matching.proposals import propose_matches
from banksync.matching.targets import DueItem, TargetKind
from billtracker.core.periods import clamped_date
from tests.banksync.matching.samples import (
    BILL,
    DAY,
    STATEMENT,
    TODAY,
    D,
    due,
    line,
    lines_of_the_year,
    recorded,
    rule,
    situations,
    statement,
)


def propose(lines, targets, *rules, rejected=frozenset()):
    return propose_matches(lines=lines, targets=targets, rules=rules, rejected=rejected, today=TODAY)


def test_a_rule_a_date_and_an_amount_that_agree_match_by_themselves():
    (match,) = propose([line()], [due()], rule())
    assert match.is_automatic
    assert (match.line, match.target, match.amount) == (line(), due(), Decimal("69.99"))
    assert match.reasons == ("Matches the rule “fibernet svc”", "On the due date", "Amount is exact")


@pytest.mark.parametrize(
    ("bank_line", "target", "known_rule"),
    [
        (line(), due(), rule(days=2)),
        (line(), due(names=("Fibernet",)), rule(bill_id=2)),
        (line(), due(past_descriptors=(line().descriptor,) * 9), rule(is_enabled=False)),
        (line(amount="-70.00"), due(), rule()),
        (line(), due(owed=None), rule()),
    ],
)
def test_anything_less_is_a_suggestion(bank_line, target, known_rule):
    (match,) = propose([bank_line], [target], known_rule)
    assert not match.is_automatic
    assert match.reasons


def test_two_lines_for_one_bill_are_a_suggestion():
    lines = [line(1), line(2, DAY + dt.timedelta(days=1))]
    (match,) = propose(lines, [due()], rule())
    assert (match.line.id, match.is_automatic) == (1, False)
    assert match.reasons[-1] == "2 transactions could be this payment"


def test_two_bills_for_one_line_are_a_suggestion():
    (match,) = propose([line()], [due(1), due(2, bill_id=2)], rule())
    assert (match.target.id, match.is_automatic) == (1, False)
    assert match.reasons[-1] == "Best of 2 possible matches for this transaction"


def test_what_was_rejected_leaves_the_other_alone():
    matches = propose([line()], [due(1), due(2, bill_id=2)], rule(), rejected={(1, (BILL, 2))})
    assert [(match.target.id, match.is_automatic) for match in matches] == [(1, True)]
    assert propose([line()], [due()], rule(), rejected={(1, (BILL, 1))}) == ()


def test_an_undone_match_is_not_made_again():
    (match,) = propose([line()], [due()], rule())
    assert propose([line()], [due()], rule(), rejected={(match.line.id, match.target.key)}) == ()


def test_a_statement_is_only_ever_suggested():
    money_in = line(amount="1200.00", descriptor="HARBOUR BAKERY")
    known = rule("harbour bakery", kind=STATEMENT)
    (match,) = propose([money_in], [statement()], known)
    assert match.reasons[0] == "Matches the rule “harbour bakery”"
    assert not match.is_automatic


def test_a_payment_recorded_by_hand_is_linked_and_not_doubled():
    """The bill of that payment owes nothing any more, and the next date is too far away."""
    (match,) = propose([line()], [recorded(), due(2, DAY + dt.timedelta(days=30))], rule())
    assert match.target == recorded()
    assert match.is_automatic


def test_a_line_that_may_be_the_recorded_payment_or_the_next_date_is_left_to_a_person():
    (match,) = propose([line()], [recorded(), due(2, DAY + dt.timedelta(days=3), period_days=7)], rule())
    assert match.target == recorded()
    assert not match.is_automatic


def test_cash_that_happens_to_be_as_much_as_a_recorded_payment_is_a_suggestion():
    (match,) = propose([line(descriptor="ATM WITHDRAWAL 41393")], [recorded()])
    assert not match.is_automatic


def test_two_payments_of_one_bill_each_meet_their_own_date():
    lines = [line(1, D(2026, 11, 11)), line(2, D(2026, 11, 6))]
    items = [due(1, D(2026, 11, 5), period_days=14), due(2, D(2026, 11, 9), period_days=14)]
    matches = propose(lines, items, rule())
    assert [(match.line.id, match.target.id) for match in matches] == [(1, 2), (2, 1)]


@settings(max_examples=150, deadline=None)
@given(situations(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(situation, random):
    mixed = {
        name: random.sample(value, len(value)) if isinstance(value, list) else value
        for name, value in situation.items()
    }
    assert propose_matches(**mixed) == propose_matches(**situation)


@settings(max_examples=150, deadline=None)
@given(situations())
def test_nothing_is_used_twice_nor_beyond_what_it_has_or_owes(situation):
    matches = propose_matches(**situation)
    assert len({match.line.id for match in matches}) == len(matches)
    assert len({match.target.key for match in matches}) == len(matches)
    for match in matches:
        assert 0 < match.amount <= match.line.left
        owed = match.target.owed if isinstance(match.target, DueItem) else match.target.amount
        assert owed is None or match.amount <= owed
        assert match.line.currency == match.target.currency
        assert match.line.is_money_out == (match.target.kind == TargetKind.BILL)
        assert match.reasons


@settings(max_examples=150, deadline=None)
@given(situations())
def test_an_automatic_match_is_of_a_bill_with_a_rule_that_acts_or_a_recorded_payment(situation):
    for match in propose_matches(**situation):
        if match.is_automatic:
            assert match.target.kind == TargetKind.BILL
            assert not isinstance(match.target, DueItem) or any(
                one.acts_by_itself(TODAY) and one.fits(match.line) and one.bill_id == match.target.bill_id
                for one in situation["rules"]
            )


@settings(max_examples=150, deadline=None)
@given(situations())
def test_whatever_is_rejected_does_not_come_back(situation):
    rejected = {(match.line.id, match.target.key) for match in propose_matches(**situation)}
    again = propose_matches(**situation, rejected=rejected)
    assert not rejected & {(match.line.id, match.target.key) for match in again}


# --- a year of an account ----------------------------------------------------------------------
BILLS = {
    1: ("Netflix", "15.49", 11, "netflix.com"),
    2: ("Internet (fiber)", "69.99", 5, "fibernet svc"),
    3: ("Rent", "1850.00", 1, "riverside apts"),
    4: ("Car loan", "318.22", 29, "auto finance"),
    5: ("Natural gas", "88.00", 15, "midstate gas"),
}


def due_dates_of_the_year() -> list[DueItem]:
    return [
        due(100 * bill_id + month, clamped_date(2026, month, day), owed, bill_id=bill_id, names=(name,))
        for bill_id, (name, owed, day, _) in BILLS.items()
        for month in range(2, 12)
    ]


def payees(matches) -> set[tuple[str, str]]:
    return {(match.target.names[0], match.line.payee) for match in matches}


def test_a_year_of_an_account_is_matched_to_its_bills():
    known = [rule(pattern, bill_id=bill_id) for bill_id, (*_, pattern) in BILLS.items()]
    matches = propose(lines_of_the_year(), due_dates_of_the_year(), *known)
    automatic = [match for match in matches if match.is_automatic]
    assert len(matches) == 49  # The account paid no rent in October's window.
    assert payees(matches) == {
        ("Netflix", "netflix.com"),
        ("Internet (fiber)", "fibernet svc"),
        ("Rent", "riverside apts"),
        ("Car loan", "auto finance"),
        ("Natural gas", "midstate gas co"),
    }
    assert len(automatic) > 40


def test_a_year_without_rules_is_only_suggested():
    matches = propose(lines_of_the_year(), due_dates_of_the_year())
    assert not any(match.is_automatic for match in matches)
    assert ("Rent", "riverside apts") in payees(matches)
