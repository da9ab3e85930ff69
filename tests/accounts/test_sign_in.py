"""Signing in: the page for strangers, cookies, proof of forms, limits, closed registration."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
MESSAGE = "CSRF token validation failed"


def sign_in(client, user, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": user.username, "password": password}, **extra)


# --- the page ----------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_stranger_finds_the_sign_in_page_at_the_root(client, method):
    answer = getattr(client, method)("/")
    assert answer.status_code == 200
    if method == "get":
        assert f'action="{LOGIN}"' in answer.content.decode()


def test_the_root_takes_no_other_method(client):
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("name", ["username", "email"])
def test_one_signs_in_with_name_or_address(client, name):
    user = make_user()
    answer = client.post(LOGIN, {"login": getattr(user, name), "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:///evil.example",
        "http://localhost/",
        "\thttps://evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(client, target):
    answer = client.post(LOGIN, {"login": make_user().username, "password": PASSWORD, "next": target})
    assert answer.url == "/"


def test_signing_in_leads_back_to_the_page_asked_for(client):
    answer = client.post(LOGIN, {"login": make_user().username, "password": PASSWORD, "next": "/household/"})
    assert answer.url == "/household/"


def test_a_switched_off_account_does_not_get_in(client):
    user = make_user(is_active=False)
    sign_in(client, user)
    assert client.get("/accounts/profile/").status_code == 302


def test_registration_is_closed(client):
    form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    assert "Registration is closed" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", form)
    from billtracker.accounts.models import User

    assert not User.objects.filter(username="eve").exists()


def test_signing_out_is_a_post(client):
    client.force_login(make_user())
    client.get("/accounts/logout/")
    assert client.get("/accounts/profile/").status_code == 200
    assert client.post("/accounts/logout/").url == "/"
    assert client.get("/accounts/profile/").status_code == 302


# --- limits --------------------------------------------------------------------------------------
def test_the_eleventh_wrong_password_is_refused_with_a_time_to_wait(client):
    user = make_user()
    for _ in range(10):
        assert sign_in(client, user, "wrong").status_code == 200
    answer = sign_in(client, user, "wrong")
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "Too many attempts" in answer.content.decode()


def test_beyond_the_limit_the_right_password_waits_too(client):
    user = make_user()
    for _ in range(10):
        sign_in(client, user, "wrong")
    assert sign_in(client, user).status_code == 429


def test_an_account_is_guarded_over_many_addresses(client):
    user = make_user()
    for number in range(10):
        sign_in(client, user, "wrong", REMOTE_ADDR=f"192.0.2.{number}")
    assert sign_in(client, user, "wrong", REMOTE_ADDR="192.0.2.99").status_code == 429
    assert sign_in(client, make_user(), REMOTE_ADDR="192.0.2.99").status_code == 302


def test_an_address_is_guarded_over_many_accounts(client):
    for _ in range(10):
        sign_in(client, make_user(), "wrong")
    assert sign_in(client, make_user(), "wrong").status_code == 429


def test_a_script_gets_the_limit_as_json(client):
    user = make_user()
    for _ in range(10):
        sign_in(client, user, "wrong")
    answer = sign_in(client, user, "wrong", headers={"accept": "application/json"})
    assert answer.json()["error"]["code"] == "too_many_requests"


def test_a_forged_forwarded_address_does_not_reset_the_count(client):
    user = make_user()
    for number in range(10):
        sign_in(client, user, "wrong", headers={"x-forwarded-for": f"192.0.2.{number}"})
    assert sign_in(client, make_user(), "wrong", headers={"x-forwarded-for": "192.0.2.77"}).status_code == 429


def test_password_changes_are_limited(client):
    client.force_login(make_user())
    form = {"oldpassword": "wrong", "password1": "another one 9", "password2": "another one 9"}
    codes = [client.post("/accounts/password/change/", form).status_code for _ in range(6)]
    assert codes[-1] == 429


def test_the_admins_own_sign_in_goes_through_ours(client):
    for path in ("/admin/", "/admin/login/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith(LOGIN)
    user = make_user(is_staff=True, is_superuser=True)
    client.post("/admin/login/", {"username": user.username, "password": PASSWORD})
    assert client.get("/accounts/profile/").status_code == 302


# --- cookies and proof ---------------------------------------------------------------------------
def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client):
    sign_in(client, make_user())
    cookie = client.cookies["bt_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 7 * 24 * 3600)
    assert not cookie["secure"]


def test_the_csrf_cookie_has_its_name_and_is_closed_to_scripts(client):
    client.get("/")
    cookie = client.cookies["bt_csrf_token"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_behind_https_both_cookies_are_secure(client):
    client.get("/", secure=True)
    client.post(LOGIN, {"login": make_user().username, "password": PASSWORD}, secure=True)
    assert client.cookies["bt_csrf_token"]["secure"]
    assert client.cookies["bt_session"]["secure"]


def test_a_forwarded_protocol_is_believed_only_from_a_trusted_proxy(client, settings):
    client.get("/", headers={"x-forwarded-proto": "https"})
    assert not client.cookies["bt_csrf_token"]["secure"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    trusting = Client()
    trusting.get("/", headers={"x-forwarded-proto": "https"})
    assert trusting.cookies["bt_csrf_token"]["secure"]


def test_a_form_without_proof_is_refused_on_a_page_that_says_what_to_check():
    client = Client(enforce_csrf_checks=True)
    answer = sign_in(client, make_user())
    assert answer.status_code == 403
    assert MESSAGE in answer.content.decode()
    assert "PUBLIC_URL" in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "headers"),
    [(LOGIN, {"accept": "application/json"}), ("/accounts/logout/", {"accept": "application/json"})],
)
def test_a_script_without_proof_gets_json(path, headers):
    answer = Client(enforce_csrf_checks=True).post(path, {}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["message"]) == (403, MESSAGE)


def test_the_token_for_scripts_is_taken_in_the_header():
    client = Client(enforce_csrf_checks=True)
    token = client.get("/api/auth/csrf-token").json()["csrf_token"]
    user = make_user()
    assert sign_in(client, user, headers={"x-csrf-token": token}).status_code == 302
    fresh = client.get("/api/auth/csrf-token").json()["csrf_token"]
    assert client.post("/accounts/logout/", headers={"x-csrf-token": fresh}).status_code == 302


def test_another_header_name_is_no_proof():
    client = Client(enforce_csrf_checks=True)
    token = client.get("/api/auth/csrf-token").json()["csrf_token"]
    assert sign_in(client, make_user(), headers={"x-csrftoken": token}).status_code == 403


def test_every_page_forbids_inline_scripts_and_styles(client):
    policy = client.get("/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_page_of_ours_carries_inline_scripts_styles_or_handlers(client):
    client.force_login(make_user())
    for name in (
        "accounts:profile",
        "accounts:household",
        "accounts:household_create",
        "account_change_password",
        "account_email",
    ):
        html = client.get(reverse(name)).content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert "<script>" not in html
        assert " onclick" not in html


# --- passwords -----------------------------------------------------------------------------------
def test_a_changed_password_ends_the_other_sessions(client):
    user = make_user()
    other = Client()
    client.force_login(user)
    other.force_login(user)
    new = "a whole new password 9"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert client.get("/accounts/profile/").status_code == 200
    assert other.get("/accounts/profile/").status_code == 302


def test_a_reset_tells_nobody_whether_the_address_is_known(client, mailoutbox):
    user = make_user()
    known = client.post("/accounts/password/reset/", {"email": user.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)


def test_a_reset_link_sets_the_password(client, mailoutbox):
    user = make_user()
    client.post("/accounts/password/reset/", {"email": user.email})
    link = next(word for word in mailoutbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link, follow=True)
    assert "Choose a new password" in page.content.decode()
    new = "a whole new password 9"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    user.refresh_from_db()
    assert user.check_password(new)
    assert "no longer works" in Client().get(link, follow=True).content.decode()
