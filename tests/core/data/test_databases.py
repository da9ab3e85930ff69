"""Another database stands in for this process' own, and the own one is back afterwards."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

from billtracker.accounts.models import User
from billtracker.core.data.databases import standing_in
from billtracker.core.data.readiness import is_ready
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.engines("sqlite")
def test_models_and_migrations_work_in_the_one_that_stands_in(tmp_path):
    make_user(username="here")
    ContentType.objects.get_for_model(User)
    with standing_in({"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "other.db"}):
        assert not is_ready()
        call_command("migrate", verbosity=0)
        assert is_ready()
        make_user(username="there")
        assert list(User.objects.values_list("username", flat=True)) == ["there"]
        assert ContentType.objects.get_for_model(User).pk
    assert list(User.objects.values_list("username", flat=True)) == ["here"]


def test_the_own_one_is_back_after_an_error(tmp_path):
    own = connection.settings_dict["NAME"]
    with (
        pytest.raises(ZeroDivisionError),
        standing_in({"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "other.db"}),
    ):
        raise ZeroDivisionError
    assert connection.settings_dict["NAME"] == own
