"""Who gets a lock, who goes away, and that death lets go of it."""

import subprocess
import sys

import pytest
from django.conf import settings

from billtracker.core.data.named_locks import try_database_lock
from tests.servers import wait_until

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
HOLD = """
import sys, time
from billtracker.core.data.named_locks import try_database_lock
with try_database_lock("delivery") as is_held:
    print(is_held, flush=True)
    time.sleep(60)
"""
TRY = """
from billtracker.core.data.named_locks import try_database_lock
with try_database_lock("delivery") as is_held, try_database_lock("other") as is_other:
    print(is_held, is_other)
"""


def test_a_lock_is_had_once_and_again_after_it_was_let_go():
    for _ in range(2):
        with try_database_lock("test") as is_held:
            assert is_held


def test_others_go_away_at_once_and_a_killed_holder_lets_go(server):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", HOLD]
    holder = subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=server.environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline().strip() == "True"
        assert server.ask(TRY) == "False True"
    finally:
        holder.kill()
        holder.communicate()
    wait_until(lambda: server.ask(TRY) == "True True", "the lock")
