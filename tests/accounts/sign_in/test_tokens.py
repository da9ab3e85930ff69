"""API tokens: kept as a hash, ended by expiry, revocation and a switched-off account."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billtracker.accounts.models import ApiToken
from billtracker.accounts.sign_in import tokens
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_token_finds_its_user_and_only_its_hash_is_kept():
    token, plain = tokens.make_token(user=make_user(), scope="read")
    assert tokens.find_token(plain) == token
    assert plain not in str(ApiToken.objects.values().get())
    assert token.hash == tokens.hash_token(plain)


@pytest.mark.parametrize("plain", ["", "bt_", "bt_nothing", "\u00e4\u0000", "x" * 5000])
def test_anything_else_finds_nothing(plain):
    tokens.make_token(user=make_user(), scope="read")
    assert tokens.find_token(plain) is None


def test_the_hash_itself_opens_nothing():
    token, _plain = tokens.make_token(user=make_user(), scope="read")
    assert tokens.find_token(token.hash) is None


def test_an_expired_token_finds_nothing():
    with time_machine.travel("2026-11-01", tick=False) as clock:
        token, plain = tokens.make_token(user=make_user(), scope="read", days=2)
        clock.move_to("2026-11-02T23:59:59Z")
        assert tokens.find_token(plain)
        clock.move_to("2026-11-03T00:00:00Z")
        assert tokens.find_token(plain) is None
        assert token.state == "expired"


def test_a_revoked_token_finds_nothing_and_the_log_has_it_once():
    user = make_user()
    token, plain = tokens.make_token(user=user, scope="write")
    tokens.revoke_token(actor=user, token=token)
    tokens.revoke_token(actor=user, token=token)
    assert tokens.find_token(plain) is None
    assert token.state == "revoked"
    assert AuditEntry.objects.filter(action="token.revoked").count() == 1


def test_a_switched_off_users_token_finds_nothing():
    user = make_user()
    _token, plain = tokens.make_token(user=user, scope="read")
    user.is_active = False
    user.save()
    assert tokens.find_token(plain) is None


def test_using_a_token_is_noted_without_writing_to_the_database():
    token, plain = tokens.make_token(user=make_user(), scope="read")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        tokens.find_token(plain)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
    assert token.pk in tokens.last_uses([token])


@pytest.mark.parametrize(
    ("field", "value"), [("scope", "admin"), ("days", 0), ("days", -1), ("days", 10**9), ("name", "x" * 81)]
)
def test_wrong_wishes_are_refused(field, value):
    with pytest.raises(DomainError) as refusal:
        tokens.make_token(**{"user": make_user(), "scope": "read", field: value})
    assert refusal.value.field == field
