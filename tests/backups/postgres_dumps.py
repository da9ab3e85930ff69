"""Dumps and client programs as tests need them: hostile, cut, replaced by a script."""

from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from backups.engines.postgres.client import client_in, installed_client

SCHEMA = r"""
    SELECT 'column', c.relname || '.' || a.attname,
        format_type(a.atttypid, a.atttypmod) || a.attnotnull::text || a.attidentity::text
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'S')
    UNION ALL SELECT 'constraint', conname, CASE contype WHEN 'c' THEN '' ELSE pg_get_constraintdef(oid) END
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, regexp_replace(prosrc, '\s+', ' ', 'g')
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2, 3
"""


def schema() -> list[tuple]:
    """Every column, constraint, index, trigger and function of schema public as text.

    Postgres writes a check in other words when it reads its own ones, so that their names must do. Functions
    that a restore makes anew are indented otherwise than those of the migrations.
    """
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        return cursor.fetchall()


@contextmanager
def replaced_program(monkeypatch, folder: Path, name: str, script: str):
    """Let one of the client's programs be a shell script for a block; ``{real}`` is the program itself."""
    real = installed_client().folder
    own = folder / "replaced"
    own.mkdir()
    for program in ("pg_dump", "pg_restore"):
        (own / program).symlink_to(real / program)
    (own / name).unlink()
    answer = f'[ "$1" = --version ] && exec {real / name} --version\n'
    (own / name).write_text("#!/bin/sh\n" + answer + script.replace("{real}", str(real / name)) + "\n")
    (own / name).chmod(0o755)
    monkeypatch.setattr(settings, "POSTGRES_BIN_DIR", str(own))
    client_in.cache_clear()
    yield
    monkeypatch.undo()
