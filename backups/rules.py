"""The triggers that hold rules of the database: taken away and made again, whoever's they are.

They are never taken from a copy of a database, but made by the code that knows them.
"""

from importlib import import_module
from types import ModuleType

from django.conf import settings
from django.db import connection


def modules() -> list[ModuleType]:
    return [import_module(name) for name in settings.DATABASE_RULES]


def drop() -> None:
    """Let every row of the default connection's database be changed; call it in a transaction."""
    for module in reversed(modules()):
        module.drop(connection)


def renew() -> None:
    """Hold the rules again, as today's code has them."""
    drop()
    for module in modules():
        module.create(connection)
