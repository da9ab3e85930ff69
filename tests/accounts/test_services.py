"""Accounts and households: who is made, what is refused, what the log says."""

import hashlib
import threading

import pytest
from django.db import connection
from django.test import Client

from billtracker.accounts import services
from billtracker.accounts.models import Household, Role, User
from billtracker.core.exceptions import DomainError, NotAllowed
from billtracker.core.models import AuditEntry
from tests.factories import PASSWORD, make_household, make_member, make_user

pytestmark = pytest.mark.django_db


def create(**overrides) -> User:
    return services.create_user(**{"actor": None, "username": "ada", "password": PASSWORD, **overrides})


def in_parallel(count: int, work) -> list:
    """Run ``work`` in threads that start together; return each one's result or exception."""
    gate, results = threading.Barrier(count), []

    def run():
        gate.wait()
        try:
            results.append(work())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return results


# --- creating ----------------------------------------------------------------------------------
def test_a_new_account_has_a_household_of_its_own():
    user = create(email="Ada@Example.org")
    membership = user.memberships.get()
    assert (membership.household.name, membership.role) == ("ada's household", Role.OWNER)
    assert user.check_password(PASSWORD)


def test_an_administrator_is_staff_and_superuser():
    user = services.create_administrator(actor=None, username="root", password=PASSWORD)
    assert (user.is_staff, user.is_superuser) == (True, True)


def test_roles_are_taken_in_any_case():
    user = create(roles=["ADMIN", "reviewer"])
    assert services.roles_of(user) == ["Admin", "Reviewer"]
    assert not user.is_superuser


def test_an_unknown_role_is_refused_and_nobody_is_made():
    with pytest.raises(DomainError, match="no role 'king'"):
        create(roles=["king"])
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", "short", "password", "12345678901"])
def test_a_weak_password_is_refused(password):
    with pytest.raises(DomainError) as refusal:
        create(password=password)
    assert (refusal.value.code, refusal.value.field) == ("weak_password", "password")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "x" * 151}, "username"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_a_malformed_name_or_address_is_refused(fields, field):
    with pytest.raises(DomainError) as refusal:
        create(**fields)
    assert refusal.value.field == field


def test_a_taken_name_is_refused():
    create()
    with pytest.raises(DomainError, match="already exists"):
        create()


def test_creating_is_in_the_log_without_the_password():
    user = create(roles=["Viewer"])
    entry = AuditEntry.objects.get(action="user.created")
    assert (entry.target_name, entry.changes) == ("ada", {"roles": [None, ["Viewer"]]})
    assert PASSWORD not in str(entry.changes)
    assert AuditEntry.objects.filter(action="household.created", actor_id=user.pk).exists()


# --- never without an administrator --------------------------------------------------------------
@pytest.fixture
def root():
    return services.create_administrator(actor=None, username="root", password=PASSWORD)


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": []}, {"roles": ["Viewer"]}])
def test_the_last_administrator_cannot_be_taken_away(root, change):
    with pytest.raises(DomainError, match="last active administrator"):
        services.change_user(actor=None, user=root, **change)
    root.refresh_from_db()
    assert (root.is_active, root.is_superuser) == (True, True)


def test_the_last_administrator_cannot_be_deleted(root):
    with pytest.raises(DomainError, match="last active administrator"):
        services.delete_user(actor=None, user=root)


def test_the_only_owner_of_a_household_is_not_deleted():
    user = make_user()
    household = make_household(user)
    make_member(household, role=Role.EDITOR)
    with pytest.raises(DomainError, match="only owner"):
        services.delete_user(actor=None, user=user)
    make_member(household, role=Role.OWNER)
    services.delete_user(actor=None, user=user)
    assert household.memberships.count() == 2


def test_a_switched_off_administrator_does_not_count(root):
    other = services.create_administrator(actor=None, username="other", password=PASSWORD)
    services.change_user(actor=root, user=other, is_active=False)
    with pytest.raises(DomainError, match="last active administrator"):
        services.change_user(actor=None, user=root, roles=[])


def test_one_of_two_administrators_can_go(root):
    other = services.create_administrator(actor=None, username="other", password=PASSWORD)
    services.change_user(actor=other, user=root, roles=["Biller"])
    root.refresh_from_db()
    assert (root.is_superuser, root.is_staff, services.roles_of(root)) == (False, False, ["Biller"])


def test_nobody_changes_their_own_roles(root):
    services.create_administrator(actor=None, username="other", password=PASSWORD)
    with pytest.raises(NotAllowed):
        services.change_user(actor=root, user=root, roles=[])


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_take_each_other_away_at_once():
    pair = [services.create_administrator(actor=None, username=n, password=PASSWORD) for n in ("a1", "b1")]
    todo = [(pair[0], pair[1]), (pair[1], pair[0])]
    in_parallel(2, lambda: services.change_user(actor=None, user=todo.pop()[0], is_active=False))
    assert User.objects.administrators().count() == 1


@pytest.mark.parametrize("change", [{"is_active": False}, {"roles": ["Viewer"]}])
def test_a_change_of_role_or_activation_ends_the_sessions(root, client, change):
    user = create()
    client.force_login(user)
    services.change_user(actor=root, user=user, **change)
    assert client.get("/accounts/profile/").status_code == 302


def test_changing_nothing_ends_no_session(root, client):
    user = create(roles=["Viewer"])
    client.force_login(user)
    services.change_user(actor=root, user=user, roles=["viewer"], is_active=True)
    assert client.get("/accounts/profile/").status_code == 200


# --- the first administrator ---------------------------------------------------------------------
@pytest.fixture
def data_dir(settings, tmp_path):
    """A data directory of the test's own, with the folder beside which the data lock stands."""
    (tmp_path / "db").mkdir()
    settings.DATA_DIR = tmp_path


@pytest.mark.usefixtures("data_dir")
def test_an_empty_server_prints_a_link_that_works_once():
    link = services.prepare_first_administrator()
    form = {"username": "root", "password": PASSWORD, "repeated": PASSWORD, "email": ""}
    assert Client().get(link).status_code == 200
    assert Client().post(link, form).status_code == 302
    assert User.objects.get().is_superuser
    assert Client().get(link).status_code == 404
    assert services.prepare_first_administrator() is None


@pytest.mark.usefixtures("data_dir")
def test_the_link_is_kept_as_a_hash():
    token = services.prepare_first_administrator().rstrip("/").split("/")[-1]
    kept = services.setup_hash_path()
    assert kept.read_text() == hashlib.sha256(token.encode()).hexdigest()
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("data_dir")
def test_the_link_does_not_work_beside_an_account():
    link = services.prepare_first_administrator()
    make_user()
    assert Client().get(link).status_code == 404


@pytest.mark.usefixtures("data_dir")
def test_a_weak_password_leaves_the_link_in_place():
    link = services.prepare_first_administrator()
    answer = Client().post(link, {"username": "root", "password": "short", "repeated": "short"})
    assert "too short" in answer.content.decode()
    assert Client().get(link).status_code == 200


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize("token", ["x", "\u00e4", "a" * 400])
def test_a_wrong_link_is_not_found(token):
    services.prepare_first_administrator()
    assert Client().get(f"/accounts/setup/{token}/").status_code == 404


def test_the_environment_names_the_first_administrator(settings, tmp_path):
    settings.DATA_DIR, settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = tmp_path, "root", PASSWORD
    assert services.prepare_first_administrator() is None
    assert User.objects.get(username="root").is_superuser


def test_the_environment_changes_nothing_later(settings, tmp_path):
    make_user(username="root")
    settings.DATA_DIR, settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = tmp_path, "root", "other" + PASSWORD
    assert services.prepare_first_administrator() is None
    assert User.objects.get(username="root").check_password(PASSWORD)


def test_a_weak_password_in_the_environment_names_the_variable(settings, tmp_path):
    settings.DATA_DIR, settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = tmp_path, "root", "short"
    with pytest.raises(DomainError, match="ADMIN_PASSWORD"):
        services.prepare_first_administrator()


@pytest.mark.django_db(transaction=True)
def test_two_set_ups_at_once_make_one_administrator():
    names = ["one", "two", "three"]
    in_parallel(3, lambda: services.create_first_administrator(username=names.pop(), password=PASSWORD))
    assert User.objects.count() == 1


# --- households ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_sign_ins_at_the_same_time_make_one_household():
    user = make_user()
    results = in_parallel(5, lambda: services.ensure_personal_household(user=user))
    assert not [result for result in results if isinstance(result, Exception)]
    assert user.memberships.count() == 1


def test_a_first_sign_in_makes_a_household(client):
    user = make_user()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert user.memberships.get().is_owner


def test_a_member_elsewhere_gets_no_household_of_their_own(client):
    user = make_user()
    make_member(make_household(make_user()), user, Role.VIEWER)
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert user.memberships.count() == 1


def test_an_owner_changes_the_settings_and_the_log_says_what():
    household = make_household(owner := make_user())
    services.update_household(actor=owner, household=household, time_zone="Asia/Kolkata", grace_days=14)
    household.refresh_from_db()
    assert household.time_zone == "Asia/Kolkata"
    entry = AuditEntry.objects.get(action="household.updated")
    assert (entry.scope, entry.changes) == (household.audit_scope, {"time_zone": ["UTC", "Asia/Kolkata"]})


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_an_owner_changes_the_settings(role):
    household = make_household(make_user())
    member = make_member(household, role=role)
    with pytest.raises(NotAllowed):
        services.update_household(actor=member.user, household=household, name="Mine")
    assert Household.objects.get().name != "Mine"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Base"),
        ("currency", "XXQ"),
        ("second_period_day", 1),
        ("second_period_day", 29),
        ("due_soon_days", 32),
        ("grace_days", 91),
        ("name", ""),
        ("name", "x" * 101),
        ("week_start", 3),
    ],
)
def test_wrong_settings_are_refused_with_their_field(field, value):
    household = make_household(owner := make_user())
    with pytest.raises(DomainError) as refusal:
        services.update_household(actor=owner, household=household, **{field: value})
    assert refusal.value.field == field
