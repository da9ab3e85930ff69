"""Which accounts belong into totals and matching."""

import pytest

from tests.factories import make_bank_account

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


@pytest.mark.parametrize(("fields", "counts"), [
    ({}, True), ({"is_monitored": False}, False), ({"currency": "", "custom_currency": "miles"}, False),
])  # fmt: skip
def test_accounts_that_are_switched_off_or_have_no_currency_do_not_count(fields, counts):
    """Requirement 15"""
    assert make_bank_account(**fields).counts == counts
