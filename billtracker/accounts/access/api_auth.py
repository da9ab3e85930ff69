"""Who asks through the API, and about which household."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.security.base import AuthBase

from billtracker.accounts.access.households import membership_for, require_editor
from billtracker.accounts.access.middleware import add_memberships
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.accounts.models import Membership
from billtracker.accounts.sign_in.tokens import find_token
from billtracker.core.exceptions import CSRF_MESSAGE

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenAuth(HttpBearer):
    """``Authorization: Bearer TOKEN``; a token of scope read cannot write."""

    def authenticate(self, request: HttpRequest, token: str):
        found = find_token(token)
        if found is None:
            return None
        if request.method not in SAFE_METHODS and found.scope != found.Scope.WRITE:
            raise HttpError(403, "This token may read only. Nothing was changed.")
        request.user = found.user
        add_memberships(request)
        return found


class CsrfCheck(CsrfViewMiddleware):
    """Django's own check, answering with the reason instead of a page."""

    def _reject(self, request: HttpRequest, reason):
        return reason


def _no_answer(request: HttpRequest) -> HttpResponseBase:
    """Stand in for the view that the check is asked for; it is never called."""
    return HttpResponse()


class SessionAuth(AuthBase):
    """The session cookie of the pages, with the header x-csrf-token on writes."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "bt_session"

    def __call__(self, request: HttpRequest):
        if "authorization" in request.headers or not request.user.is_authenticated:
            return None
        check = CsrfCheck(_no_answer)
        check.process_request(request)
        # Ninja's views are exempt, so the check is asked for a view that is not.
        if check.process_view(request, _no_answer, (), {}):
            raise HttpError(403, CSRF_MESSAGE)
        return request.user


API_AUTH = [TokenAuth(), SessionAuth()]


def membership_asked_for(
    request: HouseholdRequest, household: int | None, *, to_edit: bool = False
) -> Membership:
    """Return the user's role in ``?household=``, else in the one chosen or oldest.

    404 for others' households. A viewer who wants to edit gets 403. 409 when the user is in no household yet.
    """
    membership = membership_for(request.user, household) if household else request.membership
    if not membership:
        raise HttpError(409, "You are in no household yet; sign in on the page once.")
    if to_edit:
        require_editor(membership)
    return membership
