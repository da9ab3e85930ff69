"""No key is given twice, however far a restore goes back."""

import pytest

from backups.engines.id_counters import go_on_behind, keys_given
from bills.models import Category
from tests.factories import make_category, make_household, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def household():
    return make_household(make_user())


def name_of_sequence() -> str:
    return next(name for name in keys_given() if name.startswith("bills_category"))


def test_rows_go_on_behind_the_keys_that_were_given_before(household):
    last = make_category(household).pk
    go_on_behind({**keys_given(), name_of_sequence(): last + 500})
    assert make_category(household).pk == last + 501


def test_a_table_that_is_further_keeps_its_own(household):
    given = keys_given() | {}
    last = make_category(household).pk
    go_on_behind(given)
    assert make_category(household).pk == last + 1


def test_a_table_that_gave_none_yet_and_one_that_is_not_there(household):
    make_category(household)
    name = name_of_sequence()
    Category.objects.all().delete()
    go_on_behind({name: 100_000, "no_such_table": 7, "no_such_table_id_seq": 7})
    assert make_category(household).pk == 100_001
    assert not {"no_such_table", "no_such_table_id_seq"} & keys_given().keys()
