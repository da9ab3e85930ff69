"""SQL beside migrations: whole statements, one at a time."""

import pytest
from django.db import connection

from billtracker.core.data.frozen_sql import frozen_sql


@pytest.mark.engines("sqlite")
@pytest.mark.django_db
def test_a_trigger_with_semicolons_inside_is_one_statement(tmp_path):
    folder = tmp_path / "sql"
    folder.mkdir()
    (folder / "0001_parrots.sqlite.sql").write_text(
        "-- A bird and its rule.\nCREATE TABLE parrot (name text);\n"
        "CREATE TRIGGER loud BEFORE INSERT ON parrot\nBEGIN SELECT 1; SELECT 2; END;\n"
    )
    frozen_sql(str(tmp_path / "0001_parrots.py"), "0001_parrots")(None, connection.schema_editor())
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name IN ('parrot', 'loud') ORDER BY name")
        assert cursor.fetchall() == [("loud",), ("parrot",)]
        cursor.execute("DROP TABLE parrot")
