"""The best pairs in total, compared with every way there is."""

from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from banksync.matching.assignment import assign
from banksync.matching.candidates import Candidate
from tests.banksync.matching.samples import due, line

cells = st.tuples(st.integers(1, 5), st.integers(1, 4))
scores = st.dictionaries(cells, st.integers(1, 900), max_size=14)


def candidates(scores: dict[tuple[int, int], int]) -> list[Candidate]:
    return [
        Candidate(line(id), due(target), line().left, score, reasons=(), agrees=False)
        for (id, target), score in scores.items()
    ]


def pairs(chosen: list[Candidate]) -> list[tuple[int, int]]:
    return [(one.line.id, one.target.id) for one in chosen]


def highest_total(scores) -> int:
    """Try each order of five lines beside four targets and one seat for whoever is left."""
    return max(
        sum(scores.get(cell, 0) for cell in zip(order, range(1, 5), strict=False))
        for order in permutations(range(1, 6))
    )


def test_the_highest_total_wins_over_the_highest_single_score():
    assert pairs(assign(candidates({(1, 1): 900, (1, 2): 850, (2, 1): 800}))) == [(1, 2), (2, 1)]


def test_a_pair_that_costs_more_than_it_brings_is_left_out():
    assert pairs(assign(candidates({(1, 1): 900, (1, 2): 300, (2, 1): 300}))) == [(1, 1)]


def test_nothing_is_assigned_of_nothing():
    assert assign([]) == []


def test_a_hundred_lines_for_one_bill_leave_the_best():
    assert pairs(assign(candidates({(id, 1): id for id in range(1, 101)}))) == [(100, 1)]


@settings(max_examples=200, deadline=None)
@given(scores)
def test_no_other_way_has_a_higher_total(scores):
    chosen = assign(candidates(scores))
    assert sum(one.score for one in chosen) == highest_total(scores)


# Ids that a set keeps in the order of their coming, and scores that leave many equally good ways.
tied_scores = st.dictionaries(
    st.tuples(st.sampled_from([8, 16, 24, 32]), st.integers(1, 3)), st.sampled_from([1, 2]), max_size=10
)


@settings(max_examples=100, deadline=None)
@given(scores | tied_scores, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter_and_nothing_is_used_twice(scores, random):
    ordered = candidates(scores)
    mixed = random.sample(ordered, len(ordered))
    chosen = assign(ordered)
    assert assign(mixed) == chosen
    assert len({one.line.id for one in chosen}) == len(chosen) == len({one.target.id for one in chosen})
