"""Pages of people and households, rung by rung: owner, other role, outsider, wrong input."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billtracker.accounts.models import Household, Role
from billtracker.accounts.sign_in import tokens
from tests.factories import make_household, make_member, make_user

pytestmark = pytest.mark.django_db
SETTINGS = {
    "name": "Home", "time_zone": "Pacific/Auckland", "currency": "EUR", "week_start": "6",
    "second_period_day": "16", "due_soon_days": "5", "grace_days": "10",
}  # fmt: skip


@pytest.fixture
def owner(client):
    user = make_user()
    make_household(user, name="Flat")
    client.force_login(user)
    return user


@pytest.mark.parametrize("path", ["/accounts/profile/", "/household/", "/household/new/"])
def test_a_stranger_is_sent_to_sign_in(client, path):
    assert client.get(path).url == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("path", ["/household/switch/", "/accounts/tokens/", "/accounts/tokens/1/revoke/"])
def test_what_changes_things_takes_no_get(client, owner, path):
    assert client.get(path).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/profile/",
        "/household/",
        "/household/new/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/logout/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/inactive/",
        "/accounts/reauthenticate/",
        "/accounts/password/reset/done/",
        "/accounts/confirm-email/",
    ],
)
def test_looking_writes_nothing(client, owner, path):
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
        client.head(path)
    written = [q["sql"] for q in queries if not q["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))]
    assert written == []


# --- household -----------------------------------------------------------------------------------
def test_an_owner_saves_the_settings(client, owner):
    assert client.post("/household/", SETTINGS).status_code == 302
    household = Household.objects.get()
    assert (household.name, household.time_zone, household.currency) == ("Home", "Pacific/Auckland", "EUR")
    assert (household.week_start, household.second_period_day, household.due_soon_days) == (6, 16, 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("time_zone", "Mars/Base"),
        ("name", " "),
        ("second_period_day", "29"),
        ("second_period_day", "x"),
        ("currency", "ZZZ"),
        ("week_start", "9"),
        ("grace_days", "-1"),
        ("due_soon_days", "999999999999999999999"),
    ],
)
def test_wrong_settings_stay_in_the_form_with_a_sentence(client, owner, field, value):
    answer = client.post("/household/", SETTINGS | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Household.objects.get().name == "Flat"
    assert 'value="Pacific/Auckland"' in answer.content.decode() or field == "time_zone"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_other_roles_look_and_do_not_change(client, owner, role):
    member = make_member(Household.objects.get(), role=role)
    client.force_login(member.user)
    page = client.get("/household/").content.decode()
    assert "An owner of the household can change these" in page
    assert 'name="time_zone"' not in page
    client.post("/household/", SETTINGS)
    assert Household.objects.get().name == "Flat"


def test_a_user_without_a_household_is_led_to_making_one(client):
    user = make_user()
    client.force_login(user)
    user.memberships.all().delete()
    assert client.get("/household/").url == "/household/new/"
    client.post("/household/new/", SETTINGS)
    assert user.memberships.get().household.name == "Home"


def test_switching_leads_to_the_chosen_household(client, owner):
    second = make_household(owner, name="Office")
    client.post("/household/switch/", {"household": second.pk})
    assert "Office" in client.get("/household/").content.decode().split("</h1>")[0].split("<h1>")[1]


@pytest.mark.parametrize("chosen", ["", "x", "0", "99999999999999999999", "-1", "1.5", "\u0664"])
def test_switching_to_nothing_is_not_found(client, owner, chosen):
    assert client.post("/household/switch/", {"household": chosen}).status_code == 404


def test_switching_to_someone_elses_household_is_not_found(client, owner):
    other = make_household(make_user())
    assert client.post("/household/switch/", {"household": other.pk}).status_code == 404


def test_a_household_left_behind_is_no_longer_chosen(client, owner):
    second = make_household(owner, name="Office")
    client.post("/household/switch/", {"household": second.pk})
    second.memberships.filter(user=owner).delete()
    assert "Flat" in client.get("/household/").content.decode()


# --- profile and tokens --------------------------------------------------------------------------
def test_one_changes_ones_own_name(client, owner):
    client.post("/accounts/profile/", {"first_name": "Ada", "last_name": "Byron"})
    owner.refresh_from_db()
    assert owner.get_full_name() == "Ada Byron"


def test_the_profile_gives_no_role_away(client, owner):
    client.post("/accounts/profile/", {"first_name": "Ada", "is_superuser": "on", "is_staff": "on"})
    owner.refresh_from_db()
    assert (owner.is_superuser, owner.is_staff) == (False, False)


def test_a_token_is_shown_once(client, owner):
    answer = client.post("/accounts/tokens/", {"name": "Script", "scope": "read", "days": "30"})
    token = owner.api_tokens.get()
    plain = answer.context["plain"]
    assert plain in answer.content.decode()
    assert tokens.find_token(plain) == token
    assert "no-store" in answer["Cache-Control"]
    assert plain not in client.get("/accounts/profile/").content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("scope", "admin"), ("days", "7"), ("name", ""), ("name", "x" * 81)]
)
def test_a_wrong_token_form_makes_none(client, owner, field, value):
    answer = client.post(
        "/accounts/tokens/", {"name": "Script", "scope": "read", "days": "30"} | {field: value}
    )
    assert field in answer.context["token_form"].errors
    assert not owner.api_tokens.exists()


def test_one_revokes_ones_own_token(client, owner):
    token, plain = tokens.make_token(user=owner, scope="read")
    client.post(f"/accounts/tokens/{token.pk}/revoke/")
    assert tokens.find_token(plain) is None


def test_someone_elses_token_is_not_found(client, owner):
    token, plain = tokens.make_token(user=make_user(), scope="read")
    assert client.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 404
    assert tokens.find_token(plain)


# --- the frame -----------------------------------------------------------------------------------
def test_only_administrators_see_admin(client, owner):
    assert "/admin/" not in client.get("/household/").content.decode()
    owner.is_superuser = owner.is_staff = True
    owner.save()
    client.force_login(owner)
    assert 'href="/admin/"' in client.get("/household/").content.decode()


def test_the_menu_marks_the_current_place(client, owner):
    html = client.get("/household/").content.decode()
    assert 'href="/household/" aria-current="page"' in html


def test_the_frame_costs_the_same_with_many_households(client, owner):
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            client.get("/accounts/password/change/")
        return len(seen)

    few = queries()
    for _ in range(5):
        make_household(owner)
    assert queries() == few
