"""Looking changes nothing: every page of the access table is walked and the database compared."""

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.test_access import TABLE, filled_in, names_of

pytestmark = pytest.mark.django_db
ON_SQLITE = pytest.mark.engines("sqlite")
READS = [row for rows in TABLE.values() for row in rows if row.method == "get"]
# Postgres reads long lists through a cursor that it declares, fetches from and closes.
HARMLESS = ("SELECT", "SAVEPOINT", "RELEASE", "EXPLAIN", "DECLARE", "FETCH", "CLOSE")


def everything() -> dict:
    """Return every row of every table."""
    models = [model for model in apps.get_models() if model is not Session]
    return {model._meta.label: sorted(model.objects.values_list(), key=repr) for model in models}


@pytest.mark.parametrize("role", [
    *(pytest.param(role, marks=ON_SQLITE) for role in ("stranger", "viewer", "administrator")),
    "owner", "office admin",
])  # fmt: skip
def test_a_walk_over_every_page_leaves_the_database_as_it_was(client, world, role):
    if world.users[role]:
        client.force_login(world.users[role])
    names, before, writes = names_of(world), everything(), []
    for row in READS:
        with CaptureQueriesContext(connection) as queries:
            client.get(filled_in(row.path, names))
            client.head(filled_in(row.path, names))
        # Signing out by address is the one look that ends a session; ours asks first.
        writes += [(row.path, q["sql"]) for q in queries if not q["sql"].strip().startswith(HARMLESS)]
    assert writes == []
    assert everything() == before
