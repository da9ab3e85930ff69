"""Which tables of a database are ours: those that our migrations make, or made once."""

from functools import cache

from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ModelState, ProjectState


@cache
def table_names() -> frozenset[str]:
    """Return every table that any migration makes, those of the past too, and those without a model."""
    graph = MigrationLoader(None, ignore_no_migrations=True).graph
    found = {MigrationRecorder.Migration._meta.db_table, *cache_tables()}
    state = ProjectState()
    for key in graph._generate_plan(graph.leaf_nodes(), at_end=True):
        state = graph.nodes[key].mutate_state(state, preserve=False)
        found.update(*map(_tables_of, state.models.values()))
    return frozenset(found)


def cache_tables() -> list[str]:
    """Return the tables whose rows stay out of backups: the cache's, and that of earlier versions."""
    return ["core_cacheentry", "shared_cache"]


def _tables_of(model: ModelState) -> list[str]:
    """Return the model's table and those of its many-to-many fields."""
    own = model.options.get("db_table") or f"{model.app_label}_{model.name_lower}"
    links = {name: field for name, field in model.fields.items() if field.many_to_many}
    return [own, *(getattr(field, "db_table", None) or f"{own}_{name}" for name, field in links.items())]
