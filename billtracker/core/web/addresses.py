"""Where this server is reached from outside: the one way to make an absolute address."""

from django.conf import settings
from django.http import HttpRequest


def own_address() -> str:
    """Return PUBLIC_URL, else the address it listens on; without a slash at its end."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
    return settings.PUBLIC_URL or f"http://{host}:{settings.PORT}"


def absolute_url(path: str, request: HttpRequest | None = None) -> str:
    """Return the address of a path of ours, for mails and for whoever is elsewhere.

    PUBLIC_URL comes first, whatever host somebody asked under. Without it a link that a request asks for is
    under that request's host, one of ALLOWED_HOSTS, and any other under the address that it listens on.
    """
    if request is not None and not settings.PUBLIC_URL:
        return f"{request.scheme}://{request.get_host()}{path}"
    return f"{own_address()}{path}"
