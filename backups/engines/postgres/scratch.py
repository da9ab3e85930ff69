"""A database beside the live one, for one restore; nothing of it is left, not even by a process that died."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection
from psycopg import sql

from billtracker.core.data.named_locks import key_of
from billtracker.core.exceptions import DomainError

MARK = "_scratch_"
NO_RIGHT = (
    "The database's role may not create databases, so that no scratch database can be made. Nothing was "
    "changed; ask the server's administrator for: ALTER ROLE {} CREATEDB."
)
LOCALE = """
    SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database
    WHERE datname = current_database()
"""
DEAD = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_has_role(datdba, 'USAGE')"


@contextmanager
def scratch_database() -> Iterator[dict]:
    """Yield the settings of an empty database on the same server; it is dropped at the end."""
    connection.ensure_connection()
    live = connection.settings_dict
    # Not the default connection: databases are made and dropped outside of any transaction.
    with psycopg.connect(**_own_parameters(), autocommit=True) as server:
        _drop_leftovers(server)
        name = f"{_prefix()}{secrets.token_hex(6)}"
        hold(server, name)
        create(server, name)
        try:
            yield {**live, "NAME": name, "CONN_MAX_AGE": 0}
        finally:
            _drop(server, name)


def _own_parameters() -> dict:
    """Return what psycopg needs for the live database, without what is Django's."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return parameters


def _prefix() -> str:
    """Return how scratch databases of this live one are called; Postgres cuts names at 63 bytes."""
    return connection.settings_dict["NAME"].encode()[:40].decode(errors="ignore") + MARK


def hold(server: psycopg.Connection, name: str) -> bool:
    """Hold the name while this connection lives, if nobody does, and say whether."""
    row = server.execute("SELECT pg_try_advisory_lock(%s)", [key_of(name)]).fetchone()
    return bool(row and row[0])


def _drop_leftovers(server: psycopg.Connection) -> None:
    """Drop scratch databases whose maker is gone: nobody holds their name."""
    for (name,) in server.execute(DEAD, [_prefix()]).fetchall():
        if hold(server, name):
            _drop(server, name)


def create(server: psycopg.Connection, name: str) -> None:
    """Make it empty, and sorting and spelling as the live one does."""
    row = server.execute(LOCALE).fetchone()
    words = "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}"
    try:
        server.execute(sql.SQL(words).format(sql.Identifier(name), *map(sql.Literal, row or ())))
    except psycopg.errors.InsufficientPrivilege:
        raise DomainError(NO_RIGHT.format(server.info.user), code="no_right") from None
    except psycopg.Error as error:
        raise DomainError(
            "The database server made no scratch database; its disk may be full. Nothing was changed."
        ) from error


def _drop(server: psycopg.Connection, name: str) -> None:
    """Drop it, whoever is still connected."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
