"""SQLite: a restore into the open file is all or nothing, and nobody waits for ever."""

import os
import shutil
import signal
import sqlite3
import time
from contextlib import closing

import pytest
from django.conf import settings as django_settings
from django.db import connection

from backups.engines import sqlite
from backups.engines.sqlite import Sqlite, copy_database, live_path, settings_for
from billtracker.core.data.databases import standing_in
from billtracker.core.exceptions import DomainError
from tests.backups.conftest import forked, names_in
from tests.kills import RANDOM_KILLS, Killer, Place, kill_at, seconds_of

pytestmark = [pytest.mark.engines("sqlite"), pytest.mark.django_db]
ROWS = 20_000
# Writing what is there already changes no page.
CHANGE = "UPDATE rows SET word = substr(word, 1, 3) || hex(randomblob(40))"
LIVE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"


def filled(path, word: str, page_size: int = 4096):
    """Make a database in which every row says the word."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(f"PRAGMA page_size={page_size}")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE rows (word TEXT)")
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO rows SELECT ? || hex(zeroblob(40)) FROM n",
            [ROWS, word],
        )
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def words_in(path) -> dict[str, int]:
    """Count the rows by their word, on a connection of its own; the file must be whole."""
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(database.execute("SELECT substr(word, 1, 3), count(*) FROM rows GROUP BY 1").fetchall())


@pytest.fixture
def live(home):
    """A live database that says "old", as the default connection."""
    path = filled(home / "db" / "bills.db", "old")
    with standing_in(settings_for(path, LIVE)):
        yield path


@pytest.fixture
def new(tmp_path):
    path = filled(tmp_path / "new.db", "new")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    return path


def nothing() -> None:
    """Nothing is to be made ready."""


def test_the_new_content_is_there_for_connections_that_were_open(live, new, home):
    with closing(sqlite3.connect(live)) as reader:
        assert reader.execute("SELECT count(*) FROM rows WHERE word LIKE 'old%'").fetchone() == (ROWS,)
        Sqlite().replace_live(new, nothing)
        assert reader.execute("SELECT count(*) FROM rows WHERE word LIKE 'new%'").fetchone() == (ROWS,)
    assert words_in(live) == {"new": ROWS}
    assert not live.with_name("bills.db-wal").exists() or live.with_name("bills.db-wal").stat().st_size == 0
    assert names_in(home) == []
    assert words_in(new) == {"new": ROWS}


def test_finish_works_on_the_new_data_before_anybody_else_sees_them(live, new):
    def finish():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM rows WHERE rowid > 10")
        assert words_in(live) == {"old": ROWS}

    Sqlite().replace_live(new, finish)
    assert words_in(live) == {"new": 10}


def test_when_finish_fails_nothing_has_changed(live, new, home):
    def finish():
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM rows")
        raise DomainError("These differ.")

    with pytest.raises(DomainError, match="These differ"):
        Sqlite().replace_live(new, finish)
    assert words_in(live) == {"old": ROWS}
    assert names_in(home) == []


def test_another_page_size_is_no_trouble(live, tmp_path):
    Sqlite().replace_live(filled(tmp_path / "other.db", "new", page_size=8192), nothing)
    assert words_in(live) == {"new": ROWS}


def test_a_writer_that_never_ends_is_not_waited_for_for_ever(live, new, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.5)
    with closing(sqlite3.connect(live, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        begin = time.monotonic()
        with pytest.raises(DomainError, match="busy all the time"):
            Sqlite().replace_live(new, nothing)
        assert time.monotonic() - begin < 20
        writer.execute("ROLLBACK")
    assert words_in(live) == {"old": ROWS}


def test_kills_leave_the_old_data_or_the_new_ones(live, new, tmp_path):
    sources = [new, filled(tmp_path / "old.db", "old")]
    killer = Killer(seed=2026, length=seconds_of(Sqlite().replace_live, new, nothing))
    kill_at(Place("before", "backups.engines.sqlite._write_over"), Sqlite().replace_live, sources[1], nothing)
    assert words_in(live) == {"new": ROWS}, "what was there before"
    kill_at(Place("after", "backups.engines.sqlite._write_over"), Sqlite().replace_live, sources[1], nothing)
    assert words_in(live) == {"old": ROWS}, "what came"
    for number in range(2 * RANDOM_KILLS):
        killer.kill(Sqlite().replace_live, sources[number % 2], nothing)
        assert words_in(live) in ({"old": ROWS}, {"new": ROWS})
    Sqlite().replace_live(new, nothing)
    assert words_in(live) == {"new": ROWS}


def test_a_copy_under_a_steady_writer_is_one_instant_and_ends(live, tmp_path):
    def write():
        with closing(sqlite3.connect(live, timeout=20, isolation_level=None)) as database:
            while True:
                database.execute(CHANGE + " WHERE rowid % 100 = 0")

    pid = forked(write)
    try:
        for number in range(5):
            begin = time.monotonic()
            copy_database(live_path(), tmp_path / f"{number}.db")
            assert time.monotonic() - begin < 30
            assert words_in(tmp_path / f"{number}.db") == {"old": ROWS}
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_the_wal_is_counted_in_the_size_of_the_live_data(live):
    before = Sqlite().live_size()
    with closing(sqlite3.connect(live, isolation_level=None)) as writer:
        writer.execute(CHANGE)
        assert Sqlite().live_size() > before


def test_a_copy_needs_no_file_beside_it(live, tmp_path):
    """It is opened read-only from a folder that nobody may write to."""
    copy_database(live, tmp_path / "copy.db")
    folder = tmp_path / "sealed"
    folder.mkdir()
    shutil.move(tmp_path / "copy.db", folder)
    header = (folder / "copy.db").read_bytes()[18:20]
    assert header == b"\x01\x01"
    assert words_in(folder / "copy.db") == {"old": ROWS}
    assert [path.name for path in folder.iterdir()] == ["copy.db"]
    assert django_settings.DATA_DIR not in folder.parents
