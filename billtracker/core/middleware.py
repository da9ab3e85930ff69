"""Headers and cookie flags that every answer carries, and the name of each request in the audit log."""

import secrets

from django.conf import settings

from billtracker.core.audit import coming_from

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"


def security_headers(get_response):
    """Add the permissions policy, and mark our cookies Secure on answers that go out over https."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if settings.COOKIE_SECURE == "auto" and request.is_secure():
            for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME):
                if name in response.cookies:
                    response.cookies[name]["secure"] = True
        return response

    return middleware


def named_request(get_response):
    """Give each request a name of its own, which its audit entries and its answer carry.

    The name is ours: one that a client sends could be made to look like another request's.
    """

    def middleware(request):
        name = secrets.token_hex(8)
        with coming_from(door_of(request.path), name):
            response = get_response(request)
        response.headers["X-Request-ID"] = name
        return response

    return middleware


def door_of(path: str) -> str:
    """Return the door in the audit log's words: ``api``, ``admin`` or ``page``."""
    first = path.strip("/").partition("/")[0]
    return first if first in ("api", "admin") else "page"
