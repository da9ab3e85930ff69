"""Which household a request is about."""

from typing import cast

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from billtracker.accounts.access import households
from billtracker.accounts.access.requests import HouseholdRequest


def current_household(get_response):
    """Give each request ``memberships`` (the user's, oldest first) and ``membership``: the role in the
    chosen household, or None.

    Lazy: a page that needs no household asks no question.
    """

    def middleware(request: HttpRequest):
        add_memberships(request)
        return get_response(request)

    return middleware


def add_memberships(request: HttpRequest) -> None:
    """Set both attributes from the request's user; nothing is asked before somebody looks."""
    asked = cast(HouseholdRequest, request)
    asked.memberships = cast(list, SimpleLazyObject(lambda: households.memberships_of(request)))
    asked.membership = cast(
        households.Membership, SimpleLazyObject(lambda: households.current_membership(asked))
    )
