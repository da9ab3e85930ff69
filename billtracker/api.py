"""The JSON API: one object that every app's router is added to."""

from functools import cached_property, wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.errors import AuthenticationError
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from billing.api import router as billing_router
from bills.api import router as bills_router
from billtracker import __version__
from billtracker.accounts.access.api_auth import API_AUTH
from billtracker.accounts.api import router as households_router
from billtracker.core.web.api import add_error_handlers
from opsstatus.api import router as status_router


def _for_people_signed_in(view):
    """Let through who is signed in or sends a token; the schema tells strangers nothing."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args, **kwargs):
        if any(method(request) for method in API_AUTH):
            return view(request, *args, **kwargs)
        return api.on_exception(request, AuthenticationError())

    return wrapper


class Docs(DocsBase):
    """A page on which every address is described and can be tried; all of it comes from this server."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs) -> HttpResponse:
        return render(request, "core/api_docs.html", {"schema_url": self.get_openapi_url(api, kwargs)})


class Api(NinjaAPI):
    """The API with its description, which is made once: it is the same for everybody and takes a second."""

    def get_openapi_schema(self, *, path_prefix=None, path_params=None) -> OpenAPISchema:
        return self.schema

    @cached_property
    def schema(self) -> OpenAPISchema:
        return super().get_openapi_schema()


api = Api(
    title="BillTracker",
    version=__version__,
    description="Money we owe and money owed to us. Amounts are strings with their currency beside them; "
    "dates are ISO 8601.",
    docs=Docs(),
    auth=API_AUTH,
    openapi_url="/schema/",
    docs_url="/docs/",
    docs_decorator=_for_people_signed_in,
    urls_namespace="api",
)
add_error_handlers(api)
api.add_router("", households_router)
api.add_router("", bills_router)
api.add_router("", billing_router)
api.add_router("", status_router)
