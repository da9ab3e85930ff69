"""What says that a line comes from a bill's payee, the strongest first."""

import pytest

from banksync.matching.payees import SIMILAR_FROM, judge_payee, name_similarity
from tests.banksync.matching.samples import TODAY, due, line, recorded, rule

SAME = "POS DEBIT FIBERNET*SVC 800-555-0111 MI"


@pytest.mark.parametrize(
    ("rules", "item", "reason", "agrees"),
    [
        ([rule()], due(past_descriptors=(SAME,)), "Matches the rule “fibernet svc”", True),
        ([rule(days=2)], due(), "Matches the rule “fibernet svc”", False),
        ([rule(days=1), rule("fibernet")], due(), "Matches the rule “fibernet”", True),
        ([rule("fibernet"), rule()], due(), "Matches the rule “fibernet svc”", True),
        ([rule(bill_id=2)], due(past_descriptors=(SAME,)), "Same payee as the last payment", False),
        (
            [],
            due(past_descriptors=("OTHER", SAME, SAME, SAME)),
            "Same payee as the last three payments",
            False,
        ),
        ([], due(past_descriptors=(SAME,) * 12), "Same payee as the last 12 payments", False),
        (
            [],
            due(past_descriptors=(SAME, "OTHER"), names=("Fibernet",)),
            "Payee is similar to “Fibernet”",
            False,
        ),
        ([], due(), "", False),
    ],
)
def test_the_strongest_evidence_is_named(rules, item, reason, agrees):
    judged = judge_payee(line(), item, rules, TODAY)
    assert (judged.reason, judged.agrees) == (reason, agrees)
    assert bool(judged.points) == bool(reason)


def test_a_recorded_payment_is_judged_like_its_bill():
    assert judge_payee(line(), recorded(), [rule()], TODAY).agrees


def test_a_line_that_names_no_payee_is_like_nothing():
    cash = line(descriptor="ATM WITHDRAWAL 41393")
    item = due(names=("ATM withdrawal",), past_descriptors=("ATM WITHDRAWAL 42240",))
    assert judge_payee(cash, item, [], TODAY).points == 0


@pytest.mark.parametrize(
    ("descriptor", "name", "is_similar"),
    [
        ("NETFLIX.COM LOS GATOS CA", "Netflix", True),
        ("SPOTIFY P9500 STOCKHOLM", "Spotify Family", True),
        ("CONSUMERS ENERGY ACH DEBIT 003574", "Electric - Consumers", True),
        ("DEPT EDUCATION STUDENT LN", "Student loan", True),
        ("CONSUMRS ENERGY", "Consumers Energy", True),
        ("POS DEBIT IRON GYM 4471", "Gym", True),
        ("AUTO FINANCE 4471 PMT", "Car finance", True),
        ("AUTO LOAN CO", "Car loan", False),
        ("TST* BLUE PLATE DINER", "Credit card - blue", False),
        ("WEB PMT RIVERSIDE APTS 8829", "Rent", False),
        ("STARBUCKS STORE 9588", "Netflix", False),
        ("ONLINE PAYMENT THANK YOU", "Mobile payment", False),
    ],
)
def test_names_that_a_person_takes_for_the_same_are_similar(descriptor, name, is_similar):
    assert (name_similarity(line(descriptor=descriptor).payee, name) >= SIMILAR_FROM) == is_similar
