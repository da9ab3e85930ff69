"""Which pairs are possible, with their reasons and what they weigh."""

import datetime as dt

import pytest
from hypothesis import given, settings

from banksync.matching.candidates import find_candidates, judge_pair
from tests.banksync.matching.samples import DAY, TODAY, due, line, recorded, rule, situations


def after(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def judge(bank_line, target, *rules):
    return judge_pair(bank_line, target, rules, TODAY)


def test_a_pair_has_its_reasons_in_words():
    candidate = judge(line(day=after(2)), due(), rule())
    assert candidate.reasons == (
        "Matches the rule “fibernet svc”",
        "2 days after the due date",
        "Amount is exact",
    )
    assert candidate.agrees


def test_a_recorded_payment_has_its_own_day():
    candidate = judge(line(day=after(1)), recorded())
    assert candidate.reasons == (
        "Payee is similar to “Fibernet”",
        "1 day after the day of the recorded payment",
        "Amount is exact",
    )
    assert candidate.agrees


@pytest.mark.parametrize(("days", "is_possible"), [(-8, False), (-7, True), (10, True), (11, False)])
def test_a_line_outside_the_window_is_no_candidate(days, is_possible):
    assert (judge(line(day=after(days)), due()) is not None) == is_possible


@pytest.mark.parametrize(("days", "is_possible"), [(-4, False), (-3, True), (3, True), (4, False)])
def test_a_weekly_bill_looks_no_further_than_half_a_week(days, is_possible):
    assert (judge(line(day=after(days)), due(period_days=7)) is not None) == is_possible


def test_an_amount_and_a_date_are_enough_for_a_candidate_but_not_to_agree():
    rent = judge(line(amount="-1850.00", descriptor="WEB PMT RIVERSIDE APTS 8829"), due(owed="1850.00"))
    assert rent.reasons == ("On the due date", "Amount is exact")
    assert not rent.agrees


def test_a_date_alone_is_not_enough():
    assert judge(line(), due(owed=None)) is None
    assert judge(line(), due(owed=None, names=("Fibernet",))) is not None


def test_the_closer_the_better():
    scores = [
        judge(line(), due(), rule()).score,
        judge(line(), due(past_descriptors=(line().descriptor,))).score,
        judge(line(), due(names=("Fibernet",))).score,
        judge(line(), due()).score,
        judge(line(day=after(1)), due()).score,
        judge(line(day=after(9)), due()).score,
        judge(line(day=after(9), amount="-69.50"), due()).score,
    ]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)
    assert min(scores) > 0


def test_a_rejected_pair_is_never_offered_again():
    october = due(2, DAY - dt.timedelta(days=5))
    found = find_candidates([line()], [due(), october], [rule()], {(1, due().key)}, TODAY)
    assert [candidate.target for candidate in found] == [october]


@settings(deadline=None)
@given(situations())
def test_every_possible_pair_is_found_and_no_other(situation):
    lines, targets, rules = situation["lines"], situation["targets"], situation["rules"]
    found = find_candidates(lines, targets, rules, frozenset(), TODAY)
    own = {
        target.key: [one for one in rules if (one.kind, one.bill_id) == (target.kind, target.bill_id)]
        for target in targets
    }
    possible = [judge_pair(one, target, own[target.key], TODAY) for one in lines for target in targets]
    assert {(one.line.id, one.target.key) for one in found} == {
        (one.line.id, one.target.key) for one in possible if one
    }
