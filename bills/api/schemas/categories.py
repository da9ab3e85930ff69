"""Categories in the API."""

from ninja import Field, Schema

from bills.models import Category
from billtracker.core.web.api import InSchema


class CategoryIn(InSchema):
    name: str = Field(min_length=1, max_length=80)


class CategoryOut(Schema):
    id: int
    name: str


def show_category(category: Category | None) -> dict | None:
    """Give a category; one in the bin is none."""
    if category is None or category.deleted_at:
        return None
    return {"id": category.pk, "name": category.name}
