"""Doors to households: which one a request is about, and what its user may do there."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import redirect

from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.accounts.models import Membership

SESSION_KEY = "household"


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Return the signed-in user's memberships with their households, oldest first."""
    if not request.user.is_authenticated:
        return []
    return list(request.user.memberships.select_related("household"))


def current_membership(request: HouseholdRequest) -> Membership | None:
    """Return the signed-in user's membership of the household chosen in this session.

    The choice is a hint: one the user has (no longer) a role in counts as none, and then the
    oldest membership is taken. None for strangers and for users without a household.
    """
    memberships = list(request.memberships)
    if not memberships:
        return None
    chosen = request.session.get(SESSION_KEY)
    return next((m for m in memberships if m.household_id == chosen), memberships[0])


def membership_for(user, household_id: int) -> Membership:
    """Return the user's membership of that household; 404 for everyone else's households."""
    membership = user.memberships.filter(household_id=household_id).select_related("household").first()
    if membership is None:
        raise Http404
    return membership


def require_editor(membership: Membership) -> None:
    """Let owners and editors through; a viewer gets 403."""
    if not membership.may_edit:
        raise PermissionDenied("Your role in this household is viewer: you can look, not change.")


def household_required(view):
    """Sign-in first, then a household; a user who has none is sent to the page that makes one."""

    @wraps(view)
    @login_required
    def wrapper(request: HouseholdRequest, *args, **kwargs):
        if not request.membership:
            return redirect("accounts:household_create")
        return view(request, *args, **kwargs)

    return wrapper
