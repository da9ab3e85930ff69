"""Categories of bills."""

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from bills import services
from bills.api.schemas import categories as schemas
from bills.models import Category
from billtracker.accounts.access.api_auth import membership_asked_for
from billtracker.accounts.access.households import membership_for, require_editor
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.web.api import Id, PageIn, PageOut, give, once, page_of

router = Router()
Page = Query(...)


def _category_or_404(request: HouseholdRequest, pk: int, *, to_edit: bool = False) -> Category:
    found = get_object_or_404(Category.objects.live().visible_to(request.user), pk=pk)
    if to_edit:
        require_editor(membership_for(request.user, found.household_id))
    return found


@router.get("/categories/", response=give(PageOut[schemas.CategoryOut]))
def list_categories(request: HouseholdRequest, page: PageIn = Page, household: Id | None = None):
    """List a household's categories by name."""
    mine = membership_asked_for(request, household).household
    return page_of(mine.categories.live(), page, schemas.show_category)


@router.post("/categories/", response=give(schemas.CategoryOut, 201))
def create_category(request: HouseholdRequest, payload: schemas.CategoryIn, household: Id | None = None):
    """Add a category."""
    mine = membership_asked_for(request, household, to_edit=True).household
    category = Category(household=mine, name=payload.name)
    pk = once(request, lambda: services.save_category(actor=request.user, category=category))
    return Status(201, schemas.show_category(_category_or_404(request, pk)))


@router.get("/categories/{pk}/", response=give(schemas.CategoryOut))
def get_category(request: HouseholdRequest, pk: Id):
    """Give one category."""
    return schemas.show_category(_category_or_404(request, pk))


@router.patch("/categories/{pk}/", response=give(schemas.CategoryOut))
def rename_category(request: HouseholdRequest, pk: Id, payload: schemas.CategoryIn):
    """Rename a category."""
    category = _category_or_404(request, pk, to_edit=True)
    category.name = payload.name
    return schemas.show_category(services.save_category(actor=request.user, category=category))


@router.delete("/categories/{pk}/", response=give(None, 204))
def delete_category(request: HouseholdRequest, pk: Id):
    """Put a category in the bin."""
    services.delete_category(actor=request.user, category=_category_or_404(request, pk, to_edit=True))
    return Status(204, None)
