"""Which names of a Postgres database are ours: those that our migrations make, or made once."""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState

OURS = """
    SELECT c.relname, c.relkind::text FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
"""


@cache
def table_names() -> frozenset[str]:
    """Return every table that any migration makes, those of the past too, and the two without a model."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    found = {MigrationRecorder.Migration._meta.db_table, *cache_tables()}
    state = ProjectState()
    for key in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        state = graph.nodes[key].mutate_state(state, preserve=False)
        found.update(*map(tables_of, state.models.values()))
    return frozenset(found)


def cache_tables() -> list[str]:
    return [
        one["LOCATION"]
        for one in settings.CACHES.values()
        if one["BACKEND"] == "django.core.cache.backends.db.DatabaseCache"
    ] or ["shared_cache"]


def tables_of(model: ModelState) -> list[str]:
    """Return the model's table and those of its many-to-many fields."""
    own = model.options.get("db_table") or f"{model.app_label}_{model.name_lower}"
    links = {name: field for name, field in model.fields.items() if field.many_to_many}
    return [own, *(getattr(field, "db_table", None) or f"{own}_{name}" for name, field in links.items())]


def is_our_function(name: str) -> bool:
    """Say whether a function bears a name as ours do: ``billing_refuse()``, ``audit_refuse()``."""
    first = name.partition("_")[0]
    return first == "audit" or first in {config.label for config in apps.get_app_configs()}


def tables_there() -> tuple[list[str], list[str]]:
    """Return our tables in the default connection's schema public, and whatever else stands there."""
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        found = cursor.fetchall()
    ours = [name for name, kind in found if kind in "rp" and name in table_names()]
    return ours, [name for name, _ in found if name not in ours]
