"""The page on which an Admin who is no administrator of the server gives and takes the office's roles."""

import pytest

from billing.rules.policy import OfficeRole, roles_of
from tests.factories import make_office_user, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
URL = "/billing/users/"


@pytest.fixture
def admin(client):
    user = make_office_user("Admin", username="ana")
    client.force_login(user)
    return user


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_an_admin_finds_the_page_in_the_menu_and_gives_roles(client, admin):
    """O14"""
    bo, _outsider = make_user(username="bo"), make_user(username="outsider")
    page = client.get(URL)
    assert f'href="{URL}"' in text_of(page)
    assert [(one.user, one.roles) for one in page.context["people"]] == [(admin, (OfficeRole.ADMIN,))]
    said = client.post(URL, {"login": "bo", "roles": ["Biller", "Reviewer"]}, follow=True)
    assert "bo has a role in the office now." in text_of(said)
    assert "Biller, Reviewer" in text_of(said)
    assert roles_of(bo) == {OfficeRole.BILLER, OfficeRole.REVIEWER}


def test_what_is_wrong_stands_at_its_field(client, admin):
    """O14"""
    for data, sentence in (
        ({"login": "nobody", "roles": ["Viewer"]}, "No account has this user name or e-mail address"),
        ({"login": "ana", "roles": ["Viewer"]}, "ana has a role in the office already"),
        ({"login": "ana"}, "This field is required."),
        ({"login": "ana", "roles": ["administrator"]}, "Select a valid choice."),
    ):
        page = client.post(URL, data)
        assert page.status_code == 422
        assert sentence in text_of(page)
    assert roles_of(admin) == {OfficeRole.ADMIN}


def test_roles_are_taken_and_given_on_the_persons_page(client, admin):
    """O14"""
    bo = make_office_user("Biller", username="bo")
    url = f"{URL}{bo.pk}/"
    assert client.get(url).context["form"]["roles"].value() == [OfficeRole.BILLER]
    said = client.post(url, {"roles": ["Viewer"]}, follow=True)
    assert "The roles of bo are saved." in text_of(said)
    assert roles_of(bo) == {OfficeRole.VIEWER}
    client.post(url, {})
    assert roles_of(bo) == set()
    assert client.get(url).status_code == 404


def test_nobody_changes_their_own_roles(client, admin):
    """O14"""
    url = f"{URL}{admin.pk}/"
    assert "Nobody changes their own roles" in text_of(client.get(url))
    page = client.post(url, {"roles": ["Viewer"]})
    assert page.status_code == 422
    assert "Nobody changes their own roles" in text_of(page)
    assert roles_of(admin) == {OfficeRole.ADMIN}


def test_accounts_without_a_role_in_the_office_are_not_found(client, admin):
    """O14"""
    for pk in (make_user().pk, 10**15):
        assert client.get(f"{URL}{pk}/").status_code == 404
        assert client.post(f"{URL}{pk}/", {"roles": ["Admin"]}).status_code == 404
    assert client.put(URL).status_code == 405


@pytest.mark.parametrize("role", ["Biller", "Reviewer", "Viewer"])
def test_other_roles_do_not_see_the_page(client, role):
    """O14"""
    user = make_office_user(role)
    client.force_login(user)
    assert client.get(URL).status_code == 403
    assert client.post(f"{URL}{user.pk}/", {"roles": ["Admin"]}).status_code == 403
    assert f'href="{URL}"' not in text_of(client.get("/billing/"))
