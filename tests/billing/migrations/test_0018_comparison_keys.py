"""Keys of before are written anew, and the rule that freezes posted payments stands again afterwards."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from billing.models import Client, Payment
from tests.factories import make_client, make_payment

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
migration = import_module("billing.migrations.0018_comparison_keys")


def test_what_was_written_before_is_compared_like_what_is_written_now():
    """O7: an older booklet number is found by its look-alike too."""
    old = make_payment(make_client(name="Casa\u2010Nova"), manual_number="OR\u2011123")
    other = make_payment(make_client(), manual_number="OR-124")
    Client.objects.filter(pk=old.client_id).update(name_key="casa\u2010nova")
    with migration._rule_lifted(connection):
        Payment.objects.filter(pk=old.pk).update(manual_key="or\u2011123")

    migration.compare_alike(apps, SimpleNamespace(connection=connection))

    old.refresh_from_db()
    assert (old.manual_key, old.manual_number) == ("or-123", "OR\u2011123")
    assert Client.objects.get(pk=old.client_id).name_key == "casa-nova"
    assert Payment.objects.get(pk=other.pk).manual_key == "or-124"
    with pytest.raises(DatabaseError, match="A posted payment is frozen"), transaction.atomic():
        Payment.objects.filter(pk=old.pk).update(manual_key="x")
