"""``manage.py move_database``: from SQLite to Postgres and back, every row and total equal, or nothing."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.servers import Server, migrate, postgres_database

pytestmark = [pytest.mark.only_on("postgresql"), pytest.mark.django_db(transaction=True)]

DEMO = """
from billtracker import demo, demo_office
from billtracker.accounts.models import User
from billtracker.accounts.services import set_office_roles
visitor = demo.make_visitor(username="visitor", password="a long enough pass phrase")
demo_office.load_office(actor=visitor)
"""


def run(server: Server, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR, env=server.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def small(tmp_path) -> Server:
    """A migrated SQLite installation without anything in it."""
    server = Server(tmp_path / "small")
    migrate(server)
    return server


@pytest.fixture
def target():
    """The address of an empty Postgres database."""
    with postgres_database() as (_, url):
        yield url
