"""Error answers: a page for people, JSON for scripts, each with what to do next."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error as server_error_page

from billtracker.core.exceptions import CSRF_MESSAGE, LimitReached

CSRF_ADVICE = (
    _("Reload the page and send the form again: its proof may be older than your sign-in."),
    _("Check that the browser accepts cookies from this address."),
    _("Behind a proxy, set PUBLIC_URL to the address in the browser and TRUST_PROXY=true."),
    _("A script sends the token of /api/auth/csrf-token in the header x-csrf-token."),
)
LIMIT_SECONDS = 15 * 60  # the span over which sign-ins and password changes are counted


def wants_json(request: HttpRequest) -> bool:
    """Say whether a script asks: an API address, or JSON preferred over HTML."""
    if request.path.startswith("/api/"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _answer(request: HttpRequest, status: int, code: str, heading: str, text: str, advice=()) -> HttpResponse:
    """Give an error as page or as ``{"error": {"code", "message", "field"}}``."""
    if wants_json(request):
        error: dict[str, object] = {"code": code, "message": text, "field": None}
        if advice:
            error["advice"] = list(advice)
        return JsonResponse({"error": error}, status=status)
    context = {"heading": heading, "text": text, "advice": advice}
    return render(request, "core/error.html", context, status=status)


def forbidden(request: HttpRequest, exception=None) -> HttpResponse:
    """403: the person may not do this."""
    text = str(exception or "") or _("Your role does not allow this. Nothing was changed.")
    return _answer(request, 403, "forbidden", _("Not allowed"), text)


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    """404: nothing here, or nothing that this person may see."""
    text = _("There is nothing at this address, or it is not yours to see.")
    return _answer(request, 404, "not_found", _("Not found"), text)


def too_many_requests(request: HttpRequest, exception=None) -> HttpResponse:
    """429: a limit is reached; says when to come back."""
    if isinstance(exception, LimitReached):
        seconds, text = exception.seconds, exception.sentence
    else:
        seconds = LIMIT_SECONDS
        text = _("Too many attempts. Wait %(minutes)d minutes and try again.") % {"minutes": seconds // 60}
    response = _answer(request, 429, "too_many_requests", _("Too many attempts"), text)
    response["Retry-After"] = str(seconds)
    return response


def csrf_failure(request: HttpRequest, reason="") -> HttpResponse:
    """403: the form's proof was missing or stale; says what to check."""
    return _answer(request, 403, "csrf", CSRF_MESSAGE, CSRF_MESSAGE, CSRF_ADVICE)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: something broke; the page asks nothing of the database."""
    if wants_json(request):
        message = _("The server could not finish this request.")
        return JsonResponse(
            {"error": {"code": "server_error", "message": message, "field": None}}, status=500
        )
    return server_error_page(request)
