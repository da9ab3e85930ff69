"""What tests of bank sync share: a bank on loopback, and leave to ask it."""

import pytest

from tests.simplefin_server import simplefin_server


@pytest.fixture
def bank(settings):
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = True
    with simplefin_server() as server:
        yield server
