"""Is what somebody says about a category well formed?"""

from django import forms

from bills.models import Category
from billtracker.core.web.forms import RefusableForm


class CategoryForm(RefusableForm, forms.ModelForm):
    """A category's name."""

    class Meta:
        model = Category
        fields = ("name",)
