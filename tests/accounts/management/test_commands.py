"""Commands about people: what they do, and how they refuse: exit 2, one line."""

import io

import pytest
from django.core.management import CommandError, call_command

from billtracker.accounts import services
from billtracker.accounts.models import User
from billtracker.accounts.sign_in import tokens
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch, capsys):
    """Run a command with a line on standard input; return what it printed."""

    def run(*arguments, stdin=f"{PASSWORD}\n"):
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        call_command(*arguments)
        return capsys.readouterr().out

    return run


def refused(run, *arguments, **options) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*arguments, **options)
    assert refusal.value.returncode == 2
    assert "\n" not in str(refusal.value)
    return str(refusal.value)


def test_create_admin_says_what_it_makes(run):
    """O14"""
    assert run("create_admin", "root", "--password-stdin") == (
        "root is an administrator of this server and an Admin of the office.\n"
    )
    user = User.objects.get(username="root")
    assert user.is_superuser
    assert user.check_password(PASSWORD)


def test_a_password_may_hold_spaces_and_ends_at_the_line(run):
    run("create_admin", "root", "--password-stdin", stdin=f"  {PASSWORD} \r\n")
    assert User.objects.get().check_password(f"  {PASSWORD} ")


@pytest.mark.parametrize("stdin", ["", "\n", "short\n", "password123\n"])
def test_a_missing_or_weak_password_is_refused(run, stdin):
    assert "password" in refused(run, "create_admin", "root", "--password-stdin", stdin=stdin)
    assert not User.objects.exists()


def test_a_taken_name_is_refused(run):
    make_user(username="root")
    assert "already exists" in refused(run, "create_admin", "root", "--password-stdin")


def test_create_user_takes_several_roles(run):
    run("create_user", "ada", "--role", "biller", "Viewer", "--role", "administrator", "--password-stdin")
    assert services.roles_of(User.objects.get()) == ["Biller", "Viewer", "administrator"]


def test_create_user_needs_no_role(run):
    assert run("create_user", "ada", "--password-stdin") == "ada is created with no role.\n"


def test_an_unknown_role_is_refused(run):
    assert "'king'" in refused(run, "create_user", "ada", "--role", "king", "--password-stdin")
    assert not User.objects.exists()


def test_create_api_token_prints_what_opens_the_api(run):
    make_user(username="ada")
    plain = run("create_api_token", "--user", "ada", "--scope", "write", "--days", "30").strip()
    token = tokens.find_token(plain)
    assert (token.user.username, token.may_write) == ("ada", True)
    assert (token.expires_at - token.created_at).days in (29, 30)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--user", "nobody", "--scope", "read"),
        ("--user", "ada", "--scope", "all"),
        ("--user", "ada", "--scope", "read", "--days", "0"),
    ],
)
def test_a_wrong_token_wish_is_refused(run, arguments):
    make_user(username="ada")
    refused(run, "create_api_token", *arguments)
