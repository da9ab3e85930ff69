"""What has been billed is found for any engagements, in any order, and for none."""

import datetime as dt

import pytest

from billing.reports.retainer_cycle import billed_periods
from tests.factories import make_draft, make_engagement

pytestmark = pytest.mark.django_db
MARCH = dt.date(2026, 3, 1)


def test_billed_periods_do_not_hang_on_the_order_of_the_engagements():
    first = make_engagement()
    second = make_engagement(first.client)
    for engagement in (first, second):
        make_draft(
            first.client,
            kind="retainer",
            engagement=engagement,
            period_start=MARCH,
            period_end=dt.date(2026, 4, 1),
        )
    expected = {first.pk: {MARCH}, second.pk: {MARCH}}
    assert billed_periods([first.pk, second.pk]) == billed_periods([second.pk, first.pk]) == expected


def test_no_engagements_have_no_periods():
    assert billed_periods([]) == {}
