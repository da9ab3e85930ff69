"""The households of the person who asks."""

from typing import Literal

from ninja import Query, Router, Schema

from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.accounts.models import Membership
from billtracker.core.web.api import PageIn, PageOut, give, page_of

router = Router(tags=["households"])
Page = Query(...)


class HouseholdOut(Schema):
    """A household, with one's own role in it; ``id`` is what ``?household=`` takes."""

    id: int
    name: str
    role: Literal["owner", "editor", "viewer"]
    currency: str
    time_zone: str
    is_demo: bool


def _show_household(membership: Membership) -> dict:
    household = membership.household
    names = ("id", "name", "currency", "time_zone", "is_demo")
    return {name: getattr(household, name) for name in names} | {"role": membership.role}


@router.get("/households/", response=give(PageOut[HouseholdOut]))
def list_households(request: HouseholdRequest, page: PageIn = Page):
    """List the households you belong to, the oldest membership first, each with your role."""
    return page_of(request.user.memberships.select_related("household"), page, _show_household)
