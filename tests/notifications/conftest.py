"""What tests of notifications share: noon of 21 November 2026, a mail server in the settings, a person."""

import datetime as dt

import pytest
import time_machine

from billtracker.core.settings import runtime_settings
from tests.factories import make_user
from tests.mail_server import mail_server, make_certificate

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    """Noon of 21 November 2026, moved by hand."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mail_settings(db):
    """A mail server and a sender in the settings."""
    runtime_settings.save(None, "smtp_host", "127.0.0.1")
    runtime_settings.save(None, "mail_from_address", "bills@example.org")


@pytest.fixture
def anna(db):
    return make_user(username="anna", first_name="Anna", email="anna@example.org")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mailbox(mail_settings):
    """A plain mail server that takes everything, in the settings."""
    with mail_server() as box:
        point_to(box.port)
        yield box


def point_to(port: int, security: str = "none") -> None:
    """Have the settings name the server on this port of loopback."""
    runtime_settings.save(None, "smtp_port", port)
    runtime_settings.save(None, "smtp_security", security)
