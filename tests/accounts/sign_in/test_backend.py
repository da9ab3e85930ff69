"""Each attempt to sign in costs one password check, whoever is meant."""

import pytest
from django.contrib.auth import authenticate, hashers

from tests.factories import PASSWORD, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


@pytest.fixture
def checks(monkeypatch):
    """How often a password is hashed."""
    done = []
    for name in {type(hasher) for hasher in hashers.get_hashers()}:
        encode = name.encode

        def counting(self, password, salt, *args, _encode=encode, **options):
            done.append(password)
            return _encode(self, password, salt, *args, **options)

        monkeypatch.setattr(name, "encode", counting)
    return done


@pytest.mark.parametrize(
    "login", ["ana", "ana@example.org", "nobody", "nobody@example.org", "ANA@example.org"]
)
def test_known_and_unknown_logins_cost_the_same(checks, client, login):
    """S8"""
    make_user(username="ana", email="ana@example.org")
    checks.clear()
    client.post("/accounts/login/", {"login": login, "password": "wrong one"})
    assert checks == ["wrong one"]


@pytest.mark.parametrize("login", ["ana", "ana@example.org", "ANA@example.org"])
def test_name_and_address_let_in(client, login):
    """S8"""
    make_user(username="ana", email="ana@example.org")
    assert client.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code == 302


def test_an_address_that_is_somebody_elses_user_name_lets_both_in(rf):
    """S8"""
    ana = make_user(username="ana", email="shared@example.org", password="the password of ana")
    ben = make_user(username="shared@example.org", password="the password of ben")
    for user, password in ((ana, "the password of ana"), (ben, "the password of ben")):
        request = rf.post("/")
        found = authenticate(
            request, username="shared@example.org", email="shared@example.org", password=password
        )
        assert found == user
