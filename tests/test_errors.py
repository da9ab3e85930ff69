"""Error answers: pages for people, JSON for scripts; and what the server says about itself."""

import pytest
from django.test import Client, RequestFactory

from billtracker import __version__, errors
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_page_that_is_not_there_says_so(client):
    answer = client.get("/nothing/here/")
    assert answer.status_code == 404
    assert "<h1>Not found</h1>" in answer.content.decode()


def test_an_api_address_that_is_not_there_answers_json(client):
    answer = client.get("/api/nothing-here")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_a_signed_in_person_gets_error_pages_too(client):
    client.force_login(make_user())
    assert client.get("/nothing/here/").status_code == 404


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("text/html", False),
        ("*/*", False),
        ("", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/json;q=0.9,text/html;q=0.1", True),
    ],
)
def test_json_is_for_those_who_prefer_it(accept, is_json):
    request = RequestFactory().get("/x/", headers={"accept": accept} if accept else {})
    assert errors.wants_json(request) is is_json


def test_the_500_page_asks_nothing_of_the_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = errors.server_error(RequestFactory().get("/x/"))
    assert answer.status_code == 500
    assert "unharmed" in answer.content.decode()


def test_a_broken_view_answers_the_500_page(client, monkeypatch):
    quiet = Client(raise_request_exception=False)
    monkeypatch.setattr("billtracker.views.settings", None)
    answer = quiet.get("/api/about")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("path", ["/api/about", "/api/auth/mode", "/api/auth/csrf-token"])
def test_what_everyone_may_ask(client, method, path):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


def test_about_tells_name_and_version(client):
    assert client.get("/api/about").json() == {"name": "BillTracker", "version": __version__}


def test_the_ways_in_are_told(client):
    assert client.get("/api/auth/mode").json()["local"] is True
