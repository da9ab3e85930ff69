"""Status for machines."""

from django.http import HttpRequest
from ninja import Router, Schema

from billtracker.accounts.access.administrators import require_administrator
from billtracker.core.web.api import ErrorOut
from opsstatus import panel_results

router = Router(tags=["Server"])


class ItemOut(Schema):
    """One signal; ``level`` is ok, unknown, warning or error."""

    name: str
    value: str
    level: str
    url: str


class PanelOut(Schema):
    title: str
    level: str
    items: list[ItemOut]


class StatusOut(Schema):
    """How the server fares; ``is_healthy`` is false as soon as one signal is an error."""

    version: str
    at: str
    level: str
    is_healthy: bool
    headline: str
    panels: list[PanelOut]


@router.get("/status", response={200: StatusOut, 401: ErrorOut, 403: ErrorOut})
def status(request: HttpRequest):
    """Give what the Status page shows; administrators only."""
    require_administrator(request.user)
    return panel_results.as_json(panel_results.gather())
