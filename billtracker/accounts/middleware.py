"""Which household a request is about."""

from django.utils.functional import SimpleLazyObject

from billtracker.accounts import households


def current_household(get_response):
    """Give each request ``memberships`` (the user's, oldest first) and ``membership``: the role in the
    chosen household, or None.

    Lazy: a page that needs no household asks no question.
    """

    def middleware(request):
        request.memberships = SimpleLazyObject(lambda: households.memberships_of(request))
        request.membership = SimpleLazyObject(lambda: households.current_membership(request))
        return get_response(request)

    return middleware
