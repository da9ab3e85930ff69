"""Roles in the office are given and taken by its Admins, never their own, and the server's role stays."""

import pytest

from billing import services
from billing.rules.policy import OfficeRole, roles_of
from billtracker.accounts.models import User
from billtracker.accounts.services import change_user
from billtracker.core.exceptions import DomainError
from billtracker.core.models import AuditEntry
from tests.factories import make_administrator, make_office_user, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.engines("sqlite", "postgresql")]
ADMIN, BILLER, REVIEWER, VIEWER = OfficeRole


@pytest.fixture
def admin():
    return make_office_user("Admin", username="ana")


def refused(sentence: str, verb, **facts) -> str:
    before = [list(User.groups.through.objects.order_by("pk").values()), AuditEntry.objects.count()]
    with pytest.raises(DomainError) as error:
        verb(**facts)
    assert sentence in error.value.sentence
    assert [list(User.groups.through.objects.order_by("pk").values()), AuditEntry.objects.count()] == before
    return error.value.code


@pytest.mark.parametrize("login", ["bo", " bo ", "BO@example.org"])
def test_roles_are_given_by_user_name_or_e_mail_and_audited(admin, login):
    """O14"""
    bo = make_user(username="bo", email="bo@example.org")
    services.add_office_user(actor=admin, login=login, roles=[BILLER, VIEWER])
    assert roles_of(bo) == {BILLER, VIEWER}
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_name, entry.scope) == ("user.changed", "ana", "office")
    assert entry.changes == {"roles": [[], ["Biller", "Viewer"]]}


def test_a_user_name_counts_before_an_address_of_the_same_letters(admin):
    bo = make_user(username="bo@example.org", email="other@example.org")
    make_user(username="eve", email="bo@example.org")
    assert services.add_office_user(actor=admin, login="bo@example.org", roles=[VIEWER]) == bo


def test_who_is_not_there_is_off_or_is_in_the_office_is_refused_with_the_reason(admin):
    """O14"""
    make_user(username="off", is_active=False)
    make_office_user("Biller", username="bo")
    facts = {"verb": services.add_office_user, "actor": admin, "roles": [VIEWER]}
    assert refused("No account has this user name", login="nobody", **facts) == "no_account"
    assert refused("No account has this user name", login="", **facts) == "no_account"
    refused("off is switched off", login="off", **facts)
    assert refused("bo has a role in the office already", login="bo", **facts) == "in_the_office"


def test_roles_are_replaced_and_the_sessions_end(admin):
    """O14"""
    bo = make_office_user("Biller", "Viewer", username="bo")
    changed = services.change_office_roles(actor=admin, user=bo, roles=[REVIEWER])
    assert (roles_of(bo), changed.session_version) == ({REVIEWER}, bo.session_version + 1)
    services.change_office_roles(actor=admin, user=bo, roles=[])
    assert roles_of(bo) == set()


def test_the_servers_own_role_stays(admin):
    """O14"""
    root = make_administrator(username="root")
    services.add_office_user(actor=admin, login="root", roles=[BILLER])
    services.change_office_roles(actor=admin, user=root, roles=[])
    root.refresh_from_db()
    assert (root.is_superuser, root.is_staff, root.is_active) == (True, True, True)
    assert roles_of(root) == set()


def test_nobody_changes_their_own_roles_so_the_last_admin_stays(admin):
    """O14"""
    facts = {"verb": services.change_office_roles, "actor": admin, "user": admin}
    for roles in ([], [VIEWER], [ADMIN, BILLER]):
        assert refused("Nobody changes their own roles.", roles=roles, **facts) == "not_allowed"
    assert roles_of(admin) == {ADMIN}


def test_of_two_admins_who_take_each_others_role_one_stays(admin):
    """O14"""
    bo = make_office_user("Admin", username="bo")
    services.change_office_roles(actor=admin, user=bo, roles=[BILLER])
    facts = {"verb": services.change_office_roles, "actor": bo, "user": admin}
    assert refused("you may not change sequences", roles=[], **facts) == "not_allowed"


@pytest.mark.parametrize("role", ["Biller", "Reviewer", "Viewer"])
def test_other_roles_give_none(role):
    """O14"""
    actor, bo = make_office_user(role), make_user(username="bo")
    facts = {"actor": actor, "roles": [ADMIN]}
    assert refused("you may not", services.add_office_user, login="bo", **facts) == "not_allowed"
    assert refused("you may not", services.change_office_roles, user=bo, **facts) == "not_allowed"


def test_an_administrator_of_the_server_gives_roles_as_before(admin):
    bo = make_office_user("Biller")
    change_user(actor=make_administrator(), user=bo, roles=["admin"])
    assert roles_of(bo) == {ADMIN}
