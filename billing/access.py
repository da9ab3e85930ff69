"""The door to the office: its roles get in, everybody else does not find it."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from billing import policy
from billing.policy import Act


def require_act(request: HttpRequest, act: Act) -> None:
    """Let through who may do that: 404 without any office role, 403 with a role that does not.

    Leaves ``request.acts``, everything the person may do, for the page's buttons. One query.
    """
    request.acts = policy.acts_of(request.user)
    if not request.acts:
        raise Http404
    if act not in request.acts:
        raise PermissionDenied(f"With your role you may not {act}.")


def office_door(act: Act = Act.READ) -> Callable:
    """Sign-in first; then only those who may do ``act``."""

    def decorator(view):
        @wraps(view)
        @login_required
        def wrapped(request, *args, **kwargs):
            require_act(request, act)
            return view(request, *args, **kwargs)

        return wrapped

    return decorator
