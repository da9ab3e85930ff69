"""What the worker does for bills says one sentence, and says so when a household failed."""

import pytest

from bills import tasks
from billtracker.core.process.jobs import JobFailed
from tests.factories import make_household, make_user

pytestmark = pytest.mark.django_db


def test_reminders_are_counted_in_one_sentence():
    assert tasks.send_reminders() == "Planned 0 reminders, withdrew 0, posted 0 messages."


def test_a_household_that_failed_makes_the_job_fail_without_naming_anybody():
    household = make_household(make_user(), name="The Does")
    # A zone that the machine's list lost after it was chosen.
    type(household).objects.update(time_zone="Nowhere/Lost")
    with pytest.raises(JobFailed) as failure:
        tasks.send_reminders()
    sentence = "Planned 0 reminders, withdrew 0, posted 0 messages."
    assert str(failure.value) == f"{sentence} 1 households or recipients failed, see the log."
