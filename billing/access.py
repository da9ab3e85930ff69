"""Access to the office: its roles get in, everybody else gets a 404."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404

from billing.rules import policy
from billing.rules.policy import Permission
from billtracker.accounts.access.requests import SignedInRequest


class OfficeRequest(SignedInRequest):
    """A request of somebody with a role in the office; ``permissions`` is all that they may do."""

    permissions: frozenset[Permission]


def require_permission(request: OfficeRequest, act: Permission) -> None:
    """Let through who may do that: 404 without any office role, 403 with a role that does not.

    Leaves ``request.permissions``, everything the person may do, for the page's buttons. One query.
    """
    request.permissions = policy.permissions_of(request.user)
    if not request.permissions:
        raise Http404
    if act not in request.permissions:
        raise PermissionDenied(f"With your role you may not {act}.")


def require_office(act: Permission = Permission.READ) -> Callable:
    """Sign-in first; then only those who may do ``act``."""

    def decorator(view):
        @wraps(view)
        @login_required
        def wrapper(request: OfficeRequest, *args, **kwargs):
            require_permission(request, act)
            return view(request, *args, **kwargs)

        return wrapper

    return decorator
