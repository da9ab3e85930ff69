"""When nothing can be written people get in and read; one sentence says what does not work."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from billtracker.accounts.sign_in import tokens
from billtracker.accounts.sign_in.session_store import MARK
from tests.core.data.test_shared_cache import full
from tests.factories import PASSWORD, make_administrator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture(autouse=True)
def product_cache(settings):
    settings.CACHES = {"default": {"BACKEND": "billtracker.core.data.shared_cache.SharedCache"}}
    cache.clear()


def sign_in(client, user, password=PASSWORD):
    return client.post("/accounts/login/", {"login": user.username, "password": password})


def test_an_administrator_gets_in_and_opens_the_pages_that_free_space(client):
    """S5"""
    user = make_administrator()
    with connection.execute_wrapper(full):
        assert sign_in(client, user).status_code == 302
        assert client.cookies["bt_session"].value.startswith(MARK)
        for page in ("/admin/backups/", "/admin/status/", "/admin/cleanup/"):
            assert client.get(page).status_code == 200, page
    assert not Session.objects.exists()


def test_limits_hold_on_a_full_disk_too(client):
    """S5"""
    user = make_administrator()
    with connection.execute_wrapper(full):
        answers = [sign_in(client, user, "wrong").status_code for _ in range(11)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_session_of_a_cookie_becomes_a_row_when_there_is_space_again(client):
    """S5"""
    user = make_administrator()
    with connection.execute_wrapper(full):
        sign_in(client, user)
    session = client.session
    session["household"] = 1
    session.save()
    assert not session.session_key.startswith(MARK)
    assert Session.objects.count() == 1


def test_a_signed_session_ends_with_a_changed_password_and_after_an_hour(client):
    """S5"""
    import time_machine

    user = make_administrator()
    with time_machine.travel("2026-11-28T12:00Z", tick=False) as clock:
        with connection.execute_wrapper(full):
            sign_in(client, user)
        assert client.get("/admin/backups/").status_code == 200
        clock.shift(3601)
        assert client.get("/admin/backups/").status_code == 302
        with connection.execute_wrapper(full):
            sign_in(client, user)
        user.set_password("another one entirely")
        user.save()
        assert client.get("/admin/backups/").status_code == 302


def test_a_forged_session_lets_nobody_in(client):
    """S5"""
    client.cookies["bt_session"] = f"{MARK}eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1abcde:forged"
    assert client.get("/admin/backups/").status_code == 302


def test_a_read_with_a_token_answers_and_its_last_use_is_not_missed(client):
    """S5"""
    token, plain = tokens.make_token(user=make_administrator(), scope="read")
    with connection.execute_wrapper(full):
        answer = client.get("/api/status", headers={"authorization": f"Bearer {plain}"})
    assert answer.status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is None


def test_a_command_that_writes_says_it_in_a_sentence(capsys):
    """S5"""
    with connection.execute_wrapper(full), pytest.raises(CommandError, match="The disk is full"):
        call_command("create_backup")
