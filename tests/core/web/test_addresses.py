"""Absolute addresses begin with PUBLIC_URL, whatever host somebody asked under."""

import re

import pytest

from billtracker.core.web.addresses import absolute_url
from notifications.models import Message
from tests.factories import make_user

BACKEND = "notifications.mail_backend.OutboxBackend"


def test_public_url_comes_before_the_host_of_a_request(rf, settings):
    """S6"""
    request = rf.get("/", headers={"host": "localhost:9999"})
    settings.PUBLIC_URL = "https://bills.example.org"
    assert absolute_url("/a/", request) == absolute_url("/a/") == "https://bills.example.org/a/"
    settings.PUBLIC_URL = ""
    assert absolute_url("/a/", request) == "http://localhost:9999/a/"
    assert absolute_url("/a/") == "http://127.0.0.1:3030/a/"


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("host", ["localhost:9999", "localhost:8443", "127.0.0.1"])
def test_the_link_of_a_reset_mail_is_under_public_url(client, settings, host):
    """S6"""
    settings.EMAIL_BACKEND, settings.PUBLIC_URL = BACKEND, "https://bills.example.org"
    make_user(email="ana@example.org")
    client.post("/accounts/password/reset/", {"email": "ana@example.org"}, headers={"host": host})
    links = re.findall(r"https?://\S+", Message.objects.get().text)
    assert links
    assert all(link.startswith("https://bills.example.org/accounts/password/reset/key/") for link in links)


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
def test_a_reset_mails_nobody_who_has_no_account_and_the_page_tells_no_difference(client, settings):
    """S10"""
    settings.EMAIL_BACKEND = BACKEND
    make_user(email="ana@example.org")
    pages = [
        client.post("/accounts/password/reset/", {"email": address}, follow=True).content
        for address in ("ana@example.org", "stranger@example.org")
    ]
    assert pages[0] == pages[1]
    assert [message.address for message in Message.objects.all()] == ["ana@example.org"]
