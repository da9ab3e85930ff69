"""Which names of a Postgres database are ours: functions, and the tables that stand in schema public."""

from django.apps import apps
from django.db import connection

from backups.engines.own_tables import table_names

OURS = """
    SELECT c.relname, c.relkind::text FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname
"""


def is_our_function(name: str) -> bool:
    """Say whether a function bears a name as ours do: ``billing_rule_line_kept()``."""
    first = name.partition("_")[0]
    return first == "audit" or first in {config.label for config in apps.get_app_configs()}


def tables_there() -> tuple[list[str], list[str]]:
    """Return our tables in the default connection's schema public, and whatever else stands there."""
    with connection.cursor() as cursor:
        cursor.execute(OURS)
        found = cursor.fetchall()
    ours = [name for name, kind in found if kind in "rp" and name in table_names()]
    return ours, [name for name, _ in found if name not in ours]
