"""Pages without a server: a browser is shown what Django's test client was answered."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

ORIGIN = "http://testserver"


class Answers:
    """What the browser gets is made in the test's own process, inside its open transaction.

    Nothing is committed, so one world serves a whole module; and an answer that several pages show
    is made once.
    """

    def __init__(self, *pages):
        self.client, self.made = Client(), {}
        for page in pages:
            page.route("**/*", self.fulfil)

    def belong_to(self, user) -> None:
        """From now on the answers are those to ``user``; None is a stranger."""
        self.client, self.made = Client(), {}
        if user:
            self.client.force_login(user)

    def get(self, path: str):
        """Ask the product, the first time the address is wanted."""
        if path not in self.made:
            self.made[path] = self.client.get(path)
        return self.made[path]

    def fulfil(self, route) -> None:
        """Give the browser a style sheet or script from its source, and the product's answer otherwise."""
        path = urlsplit(route.request.url).path
        if path.startswith(settings.STATIC_URL):
            return route.fulfill(path=finders.find(path.removeprefix(settings.STATIC_URL)))
        answer = self.get(route.request.url.removeprefix(ORIGIN))
        return route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=b"".join(answer))
