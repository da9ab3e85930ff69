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


def writes_of(plain: str) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        tokens.find_token(plain)
    return [query["sql"].split()[0] for query in queries if not query["sql"].startswith("SELECT")]


@pytest.mark.engines("sqlite", "postgresql")
def test_the_last_use_is_known_to_the_minute_and_written_once_a_minute():
    """S3"""
    with time_machine.travel("2026-11-28T12:00Z", tick=False) as clock:
        token, plain = tokens.make_token(user=make_user(), scope="read")
        assert writes_of(plain) == ["UPDATE"]
        clock.shift(59)
        assert writes_of(plain) == []
        clock.shift(1)
        assert writes_of(plain) == ["UPDATE"]
        token.refresh_from_db()
        assert f"{token.last_used_at:%H:%M}" == "12:01"


@pytest.mark.engines("sqlite", "postgresql")
def test_a_person_has_a_bounded_number_of_working_tokens():
    """S3"""
    user = make_user()
    made = [tokens.make_token(user=user, scope="read")[0] for _ in range(tokens.MAX_TOKENS)]
    with pytest.raises(DomainError, match="has 50 working tokens"):
        tokens.make_token(user=user, scope="read")
    tokens.revoke_token(actor=user, token=made[0])
    assert tokens.make_token(user=user, scope="read")
    assert tokens.make_token(user=make_user(username="other"), scope="read")


@pytest.mark.parametrize(
    ("field", "value"), [("scope", "admin"), ("days", 0), ("days", -1), ("days", 10**9), ("name", "x" * 81)]
)
def test_wrong_wishes_are_refused(field, value):
    with pytest.raises(DomainError) as refusal:
        tokens.make_token(**{"user": make_user(), "scope": "read", field: value})
    assert refusal.value.field == field
