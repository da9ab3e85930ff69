"""What the tests of the pages share: an administrator, and no real processes."""

import pytest

from backups import operation_states, operations
from tests.factories import make_user


@pytest.fixture
def administrator(db):
    return make_user(username="root-of-all", is_superuser=True, is_staff=True)


@pytest.fixture
def signed_in(client, administrator):
    """The administrator's browser."""
    client.force_login(administrator)
    return client


@pytest.fixture
def begun(monkeypatch):
    """Operations that were asked for, as (kind, user name, arguments); none is really started."""
    asked = []

    def start(kind, actor, /, **arguments):
        asked.append((kind, actor.get_username(), arguments))
        operation_states.write_state(operation_states.new_state(kind, actor.get_username(), "1a2b3c4d5e6f"))
        return "1a2b3c4d5e6f"

    monkeypatch.setattr(operations, "start", start)
    return asked


@pytest.fixture
def busy(home):
    """Another operation is running."""
    with operations.begin("create", "somebody"):
        yield
