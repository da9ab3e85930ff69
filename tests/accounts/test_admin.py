"""The administrators' pages: accounts and the log, and no way into a household."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group

from billtracker.accounts import services
from billtracker.accounts.models import Household, User
from billtracker.core import audit
from billtracker.core.models import AuditEntry
from tests.factories import PASSWORD, make_household, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(client):
    user = services.create_administrator(actor=None, username="root", password=PASSWORD)
    client.force_login(user)
    return user


def change(client, user, **fields):
    form = {"username": user.username, "is_active": "on", **fields}
    return client.post(f"/admin/accounts/user/{user.pk}/change/", {k: v for k, v in form.items() if v})


def test_no_households_data_is_in_the_admin():
    apps = {model._meta.app_label for model in admin.site._registry}
    assert apps.isdisjoint({"bills", "banksync"})
    assert Household not in admin.site._registry


def test_others_do_not_get_in(client):
    client.force_login(make_user())
    assert client.get("/admin/").status_code in (302, 403)


def test_an_administrator_gives_and_takes_roles(client, root):
    user = services.create_user(actor=None, username="ada", password=PASSWORD, roles=["Biller"])
    change(client, user, is_superuser="on")
    user.refresh_from_db()
    assert services.roles_of(user) == ["administrator"]
    assert AuditEntry.objects.filter(action="user.changed", actor_id=root.pk).exists()


def test_the_last_administrator_stays(client, root):
    services.create_user(actor=None, username="ada", password=PASSWORD)
    for fields in ({"is_superuser": ""}, {"is_superuser": "on", "is_active": ""}):
        change(client, root, **fields)
        root.refresh_from_db()
        assert (root.is_active, root.is_superuser, root.is_staff) == (True, True, True)


def test_the_last_administrator_is_not_deleted(client, root):
    client.post(f"/admin/accounts/user/{root.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=root.pk).exists()


def test_a_deleted_account_is_in_the_log(client, root):
    user = make_user()
    client.post(f"/admin/accounts/user/{user.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=user.pk).exists()
    assert AuditEntry.objects.get(action="user.deleted").target_name == user.username


def test_deleting_an_account_shows_no_households_name(client, root):
    user = make_user()
    make_household(user, name="Secret name")
    page = client.get(f"/admin/accounts/user/{user.pk}/delete/").content.decode()
    assert user.username in page
    assert "Secret name" not in page


def test_the_office_roles_are_there_to_tick(client, root):
    user = make_user()
    page = client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert all(role in page for role in services.OFFICE_ROLES)
    biller = Group.objects.get(name="Biller")
    change(client, user, groups=[biller.pk])
    assert services.roles_of(user) == ["Biller"]


def test_a_new_account_gets_a_household(client, root):
    form = {"username": "ada", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/accounts/user/add/", form)
    assert User.objects.get(username="ada").memberships.count() == 1


def test_the_log_is_read_only_and_without_households(client, root):
    make_household(owner := make_user())
    services.update_household(actor=owner, household=owner.memberships.get().household, name="Secret name")
    page = client.get("/admin/core/auditentry/")
    assert page.status_code == 200
    assert "Secret name" not in page.content.decode()
    entry = AuditEntry.objects.filter(scope=audit.OFFICE).first()
    assert client.get(f"/admin/core/auditentry/{entry.pk}/change/").status_code == 200
    assert client.post(f"/admin/core/auditentry/{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post("/admin/core/auditentry/add/").status_code == 403
