"""Who gets into the server's own pages: administrators of this server, nobody else."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def require_administrator(user) -> None:
    """Let administrators through; everybody else gets 403."""
    if not user.is_superuser:
        raise PermissionDenied("This page is for administrators of this server.")


def administrator_required(view):
    """Sign-in first; then 403 for everybody but administrators."""

    @wraps(view)
    @login_required
    def wrapper(request: HttpRequest, *args, **kwargs):
        require_administrator(request.user)
        return view(request, *args, **kwargs)

    return wrapper
