"""Where this server is reached from outside: what links in mail begin with."""

from django.conf import settings


def own_address() -> str:
    """Return PUBLIC_URL, else the address it listens on; without a slash at its end."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.HOST, settings.HOST)  # noqa: S104
    return settings.PUBLIC_URL or f"http://{host}:{settings.PORT}"
