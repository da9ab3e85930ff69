"""The JSON API: one object that every app's router is added to."""

from functools import wraps

from ninja import NinjaAPI
from ninja.errors import AuthenticationError

from billing.api import router as billing_router
from bills.api import router as bills_router
from billtracker import __version__
from billtracker.accounts.api import API_AUTH
from billtracker.core.api import add_error_handlers
from opsstatus.api import router as status_router


def for_people_signed_in(view):
    """Let through who is signed in or sends a token; the schema tells strangers nothing."""

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        if any(method(request) for method in API_AUTH):
            return view(request, *args, **kwargs)
        return api.on_exception(request, AuthenticationError())

    return wrapped


api = NinjaAPI(
    title="BillTracker",
    version=__version__,
    description="Money we owe. Amounts are strings with their currency beside them; dates are ISO 8601.",
    auth=API_AUTH,
    openapi_url="/schema/",
    docs_url="/docs/",
    docs_decorator=for_people_signed_in,
    urls_namespace="api",
)
add_error_handlers(api)
api.add_router("", bills_router)
api.add_router("", billing_router)
api.add_router("", status_router)
