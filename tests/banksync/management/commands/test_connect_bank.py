"""Connecting a bank from the command line: the token on standard input, one line for each refusal."""

import io

import pytest
from django.core.management import CommandError, call_command

from banksync.models import Connection
from tests import simplefin_server as server
from tests.factories import make_household, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture
def connect(monkeypatch, bank, household):
    def run(*arguments: str, given: str | None = None) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(bank.setup_token() if given is None else given))
        call_command("connect_bank", "--user", "anna", *arguments)

    return run


def test_a_token_connects_the_users_household(connect, household, capsys):
    """Requirement 1"""
    connect("--name", "My banks")
    connection = Connection.objects.get()
    assert (connection.household, connection.name, connection.state) == (household, "My banks", "active")
    output = capsys.readouterr().out
    assert "My banks is connected" in output
    assert "planted" not in output


def test_a_used_token_is_refused_with_2_and_a_line(connect, bank):
    """Requirement 1"""
    bank.claims.clear()
    with pytest.raises(CommandError, match="disable it at your provider") as refusal:
        connect()
    assert refusal.value.returncode == 2


def test_another_server_ends_with_1_until_it_is_confirmed(connect, bank, capsys):
    """Requirement 2"""
    bank.faults = [server.body(b"https://user:password@other.example.org/path")]
    with pytest.raises(SystemExit) as ending:
        connect()
    assert ending.value.code == 1
    key = Connection.objects.get().pk
    assert f"--confirm {key}" in capsys.readouterr().err
    connect("--confirm", str(key))
    assert Connection.objects.get().state == "active"
    with pytest.raises(CommandError, match="no connection"):
        connect("--confirm", str(key + 1))


@pytest.mark.parametrize("given", ["", "nonsense"])
def test_nothing_and_nonsense_are_refused(connect, bank, given):
    """Requirement 1"""
    with pytest.raises(CommandError):
        connect(given=given)
    assert bank.claim_count == 0


def test_several_households_have_to_be_told_apart(connect, anna, bank):
    """Requirement 1"""
    second = make_household(anna)
    with pytest.raises(CommandError, match="--household"):
        connect()
    connect("--household", str(second.pk))
    assert Connection.objects.get().household == second


def test_a_viewer_and_an_outsider_connect_nothing(connect, anna, bank):
    """Requirement 1"""
    other = make_household(make_user())
    with pytest.raises(CommandError, match="--household"):
        connect("--household", str(other.pk))
    make_member(other, anna, "viewer")
    with pytest.raises(CommandError, match="viewer"):
        connect("--household", str(other.pk))
    assert bank.claim_count == 0
