"""Which row is which: by id, by what stayed the same, and never by chance."""

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from banksync.rules.identity import plan_sync
from banksync.simplefin.answers import SentTransaction
from banksync.simplefin.client import Window

DAY = dt.date(2026, 11, 20)
WINDOW = Window(dt.date(2026, 11, 1))


@dataclass(frozen=True)
class Stored:
    remote_id: str
    amount: Decimal = Decimal("-10.00")
    posted_on: dt.date | None = DAY
    transacted_on: dt.date | None = None
    description: str = "COFFEE"
    is_pending: bool = False
    withdrawn_at: dt.datetime | None = None


def sent(key: str, **fields) -> SentTransaction:
    row = SentTransaction(key, Decimal("-10.00"), DAY, None, "COFFEE", "", "", "", is_pending=False)
    return replace(row, **fields)


def plan(stored, rows, *, is_complete=True, with_pending=True, window=WINDOW):
    made = plan_sync(stored, rows, window, is_complete=is_complete, with_pending=with_pending)
    pairs = {"known": made.known, "rekeyed": made.rekeyed}
    named = {name: [(old.remote_id, row.id) for old, row in rows] for name, rows in pairs.items() if rows}
    if made.new:
        named["new"] = [row.id for row in made.new]
    if made.withdrawn:
        named["withdrawn"] = [row.remote_id for row in made.withdrawn]
    return named


def pending(key: str, **fields) -> Stored:
    return Stored(key, **{"is_pending": True, "posted_on": None, "transacted_on": DAY, **fields})


def test_a_known_id_is_known_whatever_changed():
    """Requirement 11"""
    assert plan([Stored("t")], [sent("t", amount=Decimal(-99))]) == {"known": [("t", "t")]}


def test_alike_rows_are_two_while_both_ids_are_there():
    """Requirement 11"""
    assert plan([Stored("t1")], [sent("t1"), sent("t2")]) == {"known": [("t1", "t1")], "new": ["t2"]}


def test_a_row_that_got_another_id_keeps_its_place():
    """Requirement 13"""
    assert plan([Stored("old")], [sent("fresh")]) == {"rekeyed": [("old", "fresh")]}


def test_a_new_id_is_another_row_when_anything_differs_or_the_answer_is_not_complete():
    """Requirement 13"""
    for fields in ({"amount": Decimal(-11)}, {"description": "TEA"}, {"posted_on": dt.date(2026, 11, 19)}):
        assert plan([Stored("old")], [sent("fresh", **fields)]) == {"new": ["fresh"]}
    assert plan([Stored("old")], [sent("fresh")], is_complete=False) == {"new": ["fresh"]}


def test_a_row_outside_the_window_is_not_gone():
    """Requirement 13"""
    assert plan([Stored("old")], [sent("fresh")], window=Window(dt.date(2026, 11, 21))) == {"new": ["fresh"]}


def test_of_two_alike_new_ids_one_takes_the_place_of_the_one_that_is_gone():
    """Requirement 13"""
    assert plan([Stored("old")], [sent("f1"), sent("f2")]) == {"rekeyed": [("old", "f1")], "new": ["f2"]}


def test_a_posted_row_replaces_its_pending_one():
    """Requirement 12"""
    row = sent("posted", posted_on=dt.date(2026, 11, 22))
    assert plan([pending("p")], [row]) == {"rekeyed": [("p", "posted")]}


def test_the_amount_of_a_pending_row_may_change_where_only_one_fits():
    """Requirement 12"""
    row = sent("posted", amount=Decimal("-12.00"))
    assert plan([pending("p")], [row]) == {"rekeyed": [("p", "posted")]}
    two = [pending("p1"), pending("p2", amount=Decimal(-11))]
    assert plan(two, [row]) == {"new": ["posted"], "withdrawn": ["p1", "p2"]}


def test_a_refund_does_not_replace_a_pending_payment():
    """Requirement 12"""
    assert plan([pending("p")], [sent("refund", amount=Decimal(10))]) == {
        "new": ["refund"],
        "withdrawn": ["p"],
    }


def test_a_pending_row_that_is_missing_is_withdrawn_if_the_answer_could_hold_it():
    """Requirement 12"""
    assert plan([pending("p")], []) == {"withdrawn": ["p"]}
    assert plan([pending("p")], [], is_complete=False) == {}
    assert plan([pending("p")], [], with_pending=False) == {}
    assert plan([Stored("posted")], []) == {}


rows = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.sampled_from([-10, -12, 10]),
        st.sampled_from([19, 20, 25]),
        st.booleans(),
    ),
    max_size=8,
    unique_by=lambda row: row[0],
)


@given(rows, rows, st.booleans(), st.booleans(), st.randoms())
def test_every_sent_row_has_one_place_in_any_order(old, fresh, is_complete, with_pending, random):
    """Requirement 11"""
    stored = [
        Stored(key, Decimal(amount), dt.date(2026, 11, day), is_pending=is_pending)
        for key, amount, day, is_pending in old
    ]
    answer = [
        sent(key, amount=Decimal(amount), posted_on=dt.date(2026, 11, day), is_pending=is_pending)
        for key, amount, day, is_pending in fresh
    ]
    options = {"is_complete": is_complete, "with_pending": with_pending}
    made = plan(stored, answer, **options)
    pairs = made.get("known", []) + made.get("rekeyed", [])
    assert sorted([key for _, key in pairs] + made.get("new", [])) == sorted(row.id for row in answer)
    places = [key for key, _ in pairs] + made.get("withdrawn", [])
    assert len(places) == len(set(places))
    random.shuffle(stored)
    random.shuffle(answer)
    assert plan(stored, answer, **options) == made
