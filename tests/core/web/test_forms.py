"""What forms and addresses take: text is cleaned before anything looks at it, secrets stay as they are."""

import pytest
from django import forms
from django.http import QueryDict

from billtracker.core.web.forms import RefusableForm
from tests.factories import make_office_user

ZERO_WIDTH = "\u200b"


class SampleNameForm(RefusableForm, forms.Form):
    name = forms.CharField(max_length=3)
    password = forms.CharField(widget=forms.PasswordInput, strip=False)


def sample(name: str) -> SampleNameForm:
    data = QueryDict(mutable=True)
    data.update({"name": name, "password": f"p{ZERO_WIDTH}w"})
    return SampleNameForm(data)


def test_a_text_is_cleaned_before_its_length_is_looked_at():
    form = sample(f"{ZERO_WIDTH}a{ZERO_WIDTH}b\x07c")
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"name": "abc", "password": f"p{ZERO_WIDTH}w"}


def test_a_text_of_nothing_that_can_be_seen_is_missing():
    """O7: it is no name."""
    assert sample(ZERO_WIDTH).errors == {"name": ["This field is required."]}


@pytest.mark.django_db
@pytest.mark.engines("sqlite", "postgresql")
@pytest.mark.parametrize("name", [ZERO_WIDTH, "\u3164", "\u2060 \u00ad"])
def test_a_client_without_a_name_that_can_be_seen_is_refused_by_page_and_api(client, name):
    """O7: the same on every way in."""
    client.force_login(make_office_user("Admin"))
    page = client.post("/billing/clients/new/", {"name": name, "currency": "PHP"})
    assert b"This field is required." in page.content
    token = client.get("/api/auth/csrf-token").json()["csrf_token"]
    answer = client.post(
        "/api/billing/clients/", {"name": name}, "application/json", headers={"x-csrf-token": token}
    )
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "name")
