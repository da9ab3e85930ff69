"""Syncing from the command line: a line for each connection, and a code for scripts."""

import pytest
from django.core.management import CommandError, call_command

from banksync.models import Connection
from tests import simplefin_server as server

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def test_it_syncs_and_says_what_came(bank, connection, capsys):
    """Requirement 4"""
    bank.accounts = [server.account("a", server.transaction("t"))]
    call_command("sync_bank")
    expected = f"{connection.pk} My banks: OK. 1 new, 0 changed, 0 withdrawn, 0 left out.\n"
    assert capsys.readouterr().out == expected
    assert connection.requests.get().is_manual


def test_what_did_not_come_through_ends_with_1(bank, connection, capsys):
    """Requirement 10"""
    bank.faults = [server.status(500)]
    with pytest.raises(SystemExit) as ending:
        call_command("sync_bank", "--connection", str(connection.pk))
    assert ending.value.code == 1
    assert "answered with status 500." in capsys.readouterr().err


def test_an_unknown_or_broken_connection_is_refused_with_2(connection):
    """Requirement 3"""
    with pytest.raises(CommandError) as refusal:
        call_command("sync_bank", "--connection", str(connection.pk + 1))
    assert refusal.value.returncode == 2
    Connection.objects.update(state="needs_reconnect")
    with pytest.raises(CommandError, match="Reconnect"):
        call_command("sync_bank", "--connection", str(connection.pk))


def test_without_a_connection_there_is_nothing_to_do(db, capsys):
    """Requirement 6"""
    call_command("sync_bank")
    assert capsys.readouterr().out == "There is no connection to sync.\n"
