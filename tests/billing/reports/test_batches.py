"""Places given by a person: what is moved stands where it was asked for, the others keep their order."""

from hypothesis import given
from hypothesis import strategies as st

from billing.reports.batches import reorder_keys


def test_moved_up_and_moved_down_it_stands_on_the_place_that_was_asked_for():
    assert reorder_keys([7, 8, 9], {9: 1}) == [9, 7, 8]
    assert reorder_keys([7, 8, 9], {7: 3}) == [8, 9, 7]
    assert reorder_keys([7, 8, 9], {7: 3, 9: 1}) == [9, 8, 7]
    assert reorder_keys([7, 8, 9], {}) == [7, 8, 9]


@given(st.lists(st.integers(1, 99), unique=True, min_size=1, max_size=20), st.data())
def test_one_move_puts_it_there_and_leaves_the_others_in_their_order(pks, data):
    pk = data.draw(st.sampled_from(pks))
    place = data.draw(st.integers(1, len(pks)))
    order = reorder_keys(pks, {pk: place})
    assert order.index(pk) == place - 1
    assert [one for one in order if one != pk] == [one for one in pks if one != pk]


@given(st.permutations(range(6)))
def test_places_for_all_of_them_are_taken_as_they_are(order):
    places = {pk: at for at, pk in enumerate(order, start=1)}
    assert reorder_keys(list(range(6)), places) == list(order)
