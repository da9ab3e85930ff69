"""Which household a request is about."""

from django.utils.functional import SimpleLazyObject

from billtracker.accounts import households


def current_household(get_response):
    """Give each request ``request.membership``: the user's role in the chosen household, or None.

    Lazy: a page that needs no household asks no question.
    """

    def middleware(request):
        request.membership = SimpleLazyObject(lambda: households.current_membership(request))
        return get_response(request)

    return middleware
