"""Requests as the decorators of pages hand them on: somebody is signed in, and in a household."""

from django.http import HttpRequest

from billtracker.accounts.models import Membership, User


class SignedInRequest(HttpRequest):
    """A request of somebody who is signed in: behind ``login_required`` or the API's own check."""

    user: User


class HouseholdRequest(SignedInRequest):
    """A request about a household: ``membership`` says which, and what the user may do there.

    Behind ``household_required``; the API's requests carry the same.
    """

    memberships: list[Membership]
    membership: Membership
