"""What every request passes: headers, cookie flags, a name for the audit log, the data lock."""

import secrets

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from billtracker.core.audit import coming_from
from billtracker.core.data import data_lock

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"
PRIVATE = "private, no-store"
# They answer for the process itself, whatever becomes of the data.
OPEN = ("/healthz", "/readyz")
MOMENT = 2.0  # seconds a request waits for a restore to end
COME_BACK = 3  # seconds after which it is worth asking again


def security_headers(get_response):
    """Add the permissions policy, keep answers out of stores, and mark our cookies Secure over https."""

    def middleware(request: HttpRequest):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # Whoever uses the browser after a sign-out finds no page in its store. Static files say otherwise
        # themselves, before this.
        response.headers.setdefault("Cache-Control", PRIVATE)
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

    def middleware(request: HttpRequest):
        name = secrets.token_hex(8)
        with coming_from(entry_point_of(request.path), name):
            response = get_response(request)
        response.headers["X-Request-ID"] = name
        return response

    return middleware


def entry_point_of(path: str) -> str:
    """Return the entry point in the audit log's words: ``api``, ``admin`` or ``page``."""
    first = path.strip("/").partition("/")[0]
    return first if first in ("api", "admin") else "page"


def hold_data(get_response):
    """Hold the data while a request is answered, to the end of a stream; nobody replaces them meanwhile.

    While a backup is restored a request waits a moment and is then told to come back. A stream that asks
    nothing of the data says so by ``holds_data = False``, and a restore need not wait for its end.
    """

    def middleware(request: HttpRequest):
        if request.path in OPEN:
            return get_response(request)
        try:
            lock = data_lock.acquire_shared(MOMENT)
        except (data_lock.DataLocked, DatabaseError, OSError):
            return _come_back(request)
        try:
            response = get_response(request)
        except BaseException:
            lock.release()
            raise
        if response.streaming and getattr(response, "holds_data", True):
            response._resource_closers.append(lock.release)
        else:
            lock.release()
        return response

    return middleware


def _come_back(request: HttpRequest) -> HttpResponse:
    """503: the data are not to be had; says when to ask again. It asks nothing of the database."""
    if request.path.startswith("/api/"):
        message = _("The data are being restored or cannot be reached. Nothing was changed; try again.")
        error = {"code": "maintenance", "message": message, "field": None}
        response: HttpResponse = JsonResponse({"error": error}, status=503)
    else:
        context = {"is_get": request.method in ("GET", "HEAD"), "seconds": COME_BACK}
        response = HttpResponse(render_to_string("core/closed.html", context), status=503)
    response.headers["Retry-After"] = str(COME_BACK)
    response.headers["Cache-Control"] = "no-store"
    return response
