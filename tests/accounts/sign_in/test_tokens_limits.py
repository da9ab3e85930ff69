"""The limit of sign-ins holds whatever else happens on the server."""

import pytest
from django.core.cache import cache

from billtracker.accounts.models import ApiToken
from billtracker.accounts.sign_in.tokens import find_token, hash_token
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]


def test_the_limit_holds_after_five_thousand_uses_of_four_hundred_tokens(client, settings):
    """S3"""
    settings.CACHES = {"default": {"BACKEND": "billtracker.core.data.shared_cache.SharedCache"}}
    cache.clear()
    user = make_user(username="ana")
    wrong = {"login": "ana", "password": "wrong"}
    codes = [client.post("/accounts/login/", wrong).status_code for _ in range(11)]
    assert codes == [200] * 10 + [429]
    plain = [f"bt_{number}" for number in range(400)]
    ApiToken.objects.bulk_create([ApiToken(user=user, name="x", hash=hash_token(one)) for one in plain])
    for number in range(5_000):
        assert find_token(plain[number % 400])
    assert client.post("/accounts/login/", wrong).status_code == 429
