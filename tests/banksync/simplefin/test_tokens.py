"""What people paste: setup tokens in every spelling, access URLs, and everything that is neither."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banksync.simplefin.tokens import AccessUrl, ClaimUrl, read_access_url, read_token
from billtracker.core.exceptions import InvalidInput

CLAIM = "https://bridge.example.org/simplefin/claim/ABC?x=~~~>>"
TOKEN = base64.b64encode(CLAIM.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        TOKEN.rstrip("="),
        f"  {TOKEN[:20]}\n {TOKEN[20:]}\t",
        base64.urlsafe_b64encode(CLAIM.encode()).decode(),
        CLAIM,
    ],
)
def test_a_setup_token_is_read_in_every_spelling(text):
    """Requirement 1"""
    claim = read_token(text)
    assert isinstance(claim, ClaimUrl)
    assert (claim.url, claim.host) == (CLAIM, "bridge.example.org")


def test_a_pasted_access_url_is_recognised_with_its_encoded_parts():
    """Requirement 1"""
    access = read_token("https://us%40er:p%3Ass%2F@Bridge.example.org:8443/simplefin/ \n")
    assert access == AccessUrl(
        "https://Bridge.example.org:8443/simplefin", "bridge.example.org", "us@er", "p:ss/"
    )
    assert read_access_url(access.secret) == access


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "%%%",
        base64.b64encode(b"ftp://host/claim").decode(),
        base64.b64encode(b"\xff\xfe").decode(),
        "https://user@host/path",
        "https://:password@host/",
        "https://user:pass@/path",
        "https://user:p@host:99999/x",
        "https://user:p@host/x?start=1",
        "https://host\\@evil/claim",
        "https://us%0Aer:p@host/x",
        "x" * 5_000,
        base64.b64encode(b"https://user:secret@host/claim").decode(),
    ],
)
def test_anything_else_is_refused_before_anything_is_sent(text):
    """Requirement 1"""
    with pytest.raises(InvalidInput) as refusal:
        read_token(text)
    assert refusal.value.field == "token"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/claim", "http://localhost/claim", "http://example.org/"])
def test_http_is_refused_and_allowed_on_this_machine_alone(settings, url):
    """Requirement 2"""
    token = base64.b64encode(url.encode()).decode()
    with pytest.raises(InvalidInput):
        read_token(token)
    settings.SIMPLEFIN_ALLOW_HTTP_LOOPBACK = True
    if "example.org" in url:
        with pytest.raises(InvalidInput):
            read_token(token)
    else:
        assert isinstance(read_token(token), ClaimUrl)


def test_no_secret_is_in_what_a_log_would_show():
    """Requirement 2"""
    access, claim = read_access_url("https://user:planted@host/x"), read_token(TOKEN)
    assert "planted" not in f"{access!r}{access}"
    assert "ABC" not in f"{claim!r}{claim}"


@given(st.text(max_size=200))
def test_no_text_does_anything_but_give_a_url_or_a_refusal(text):
    """Requirement 1"""
    with suppress(InvalidInput):
        assert read_token(text)
