"""Scopes are strings that know whose they are."""

import pytest

from billtracker.core.audit import OFFICE, Scope


def test_a_households_scope_is_its_string_and_knows_its_household():
    scope = Scope.of_household(12)
    assert scope == "household:12"
    assert Scope("household:12").household_id == 12


def test_the_office_is_no_household():
    assert OFFICE == "office"
    with pytest.raises(ValueError, match="no household"):
        OFFICE.household_id  # noqa: B018
