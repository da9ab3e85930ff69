"""The JSON API: shapes, errors, amounts as text, writes that repeat safely."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from bills.models import Bill, Occurrence, Payment
from billtracker.accounts.models import Role
from billtracker.accounts.sign_in.tokens import make_token
from tests.bills.conftest import saved_bill
from tests.factories import make_category, make_household, make_member, make_user


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def bill(owner, household):
    return saved_bill(owner, household)


@pytest.fixture
def api(client, owner, household):
    """Speak JSON as the owner; returns (status, body)."""
    client.force_login(owner)

    def call(method, path, body=None, **headers):
        send = getattr(client, method)
        extra = {"content_type": "application/json"} if method != "get" else {}
        response = send(f"/api{path}", body, **extra, headers=headers)
        return response.status_code, response.json() if response.content else None

    return call


def bill_in(**fields):
    return {"name": "Water", "amount": "61.80", "start_date": "2026-11-20", **fields}


def payment_in(bill, amount="40.00", **fields):
    split = {"bill": bill.pk, "scheduled_date": "2026-11-15", "amount": amount}
    return {"splits": [split], "currency": "USD", "paid_on": "2026-11-21", **fields}


def test_a_month_is_given_with_amounts_as_text_beside_their_currency(api, bill):
    status, month = api("get", "/tracker/2026/11/")
    assert status == 200
    assert month["totals"] == [
        {"currency": "USD", "expected": "100.00", "paid": "0.00", "assumed": "0.00", "left": "100.00",
         "overdue": "100.00", "count": 1, "settled_count": 0, "skipped_count": 0,
         "unknown_count": 0}
    ]  # fmt: skip
    (row,) = month["periods"][1]["items"]
    assert (row["bill_name"], row["due_date"], row["state"], row["owed"]) == (
        "Rent",
        "2026-11-15",
        "late",
        "100.00",
    )
    assert len(month["overdue"]) == 10


def test_a_bill_is_created_with_the_households_currency_and_this_months_start(api, household):
    status, made = api("post", "/bills/", bill_in())
    assert status == 201
    assert (made["currency"], made["tracked_from"], made["amount"]) == ("USD", "2026-11-01", "61.80")
    assert Bill.objects.get(pk=made["id"]).occurrences.count() == 14


def test_a_bill_is_changed_by_what_is_sent_and_nothing_else(api, bill):
    status, changed = api("patch", f"/bills/{bill.pk}/", {"amount": "120"})
    assert (status, changed["amount"], changed["name"]) == (200, "120.00", "Rent")


def test_a_bill_has_the_login_and_the_debt_of_its_form(api):
    debt = {
        "user_name_hint": "ann",
        "debt_balance": "1200.50",
        "debt_apr": "19.99",
        "debt_minimum_payment": "40",
    }
    status, made = api("post", "/bills/", bill_in(**debt))
    assert (status, {name: made[name] for name in debt}) == (201, debt | {"debt_minimum_payment": "40.00"})
    assert Bill.objects.get().debt_apr == Decimal("19.99")
    status, changed = api("patch", f"/bills/{made['id']}/", {"debt_balance": None, "debt_apr": "0"})
    assert (status, changed["debt_balance"], changed["debt_apr"]) == (200, None, "0")
    assert changed["debt_minimum_payment"] == "40.00"


def test_a_bill_that_is_deleted_is_not_there(api, bill):
    assert api("delete", f"/bills/{bill.pk}/") == (204, None)
    assert api("get", f"/bills/{bill.pk}/")[0] == 404


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": 61.8}, "amount"),
        ({"amount": "61,80"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"name": ""}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"currency": "ABC"}, "currency"),
        ({"start_date": "2026-02-30"}, "start_date"),
        ({"due_day": 32}, "due_day"),
        ({"unit": "fortnight"}, "unit"),
        ({"category": 999}, "category"),
        ({"start_date": "2200-01-01"}, "start_date"),
        ({"debt_apr": "a lot"}, "debt_apr"),
        ({"debt_balance": "1.234"}, "debt_balance"),
        ({"surprise": 1}, "surprise"),
        ({"unit": "twice_a_month"}, "due_day"),
        (
            {"unit": "twice_a_month", "due_day": 1, "second_due_day": 1, "start_date": "2026-11-01"},
            "second_due_day",
        ),
        # B6
        ({"unit": "year", "start_date": "2026-06-20", "due_day": 10}, "start_date"),
        # B13 B14
        ({"start_date": "9999-12-31", "due_day": 15}, "start_date"),
        ({"start_date": "9026-11-01"}, "start_date"),
        ({"start_date": 0}, "start_date"),
        ({"tracked_from": "0001-01-01"}, "tracked_from"),
        ({"unit": "week", "start_date": "1970-01-01", "tracked_from": "1970-01-01"}, "tracked_from"),
        # B15
        ({"end_date": "2026-11-19"}, "end_date"),
        ({"name": "  "}, "name"),
        ({"name": "\u200b"}, "name"),
    ],
)
def test_a_bill_that_is_not_well_formed_is_refused_with_its_field(api, fields, field):
    status, body = api("post", "/bills/", bill_in(**fields))
    assert (status, body["error"]["code"]) == (400, "invalid")
    assert body["error"]["field"] == field
    # B15: no name of a constraint.
    assert "bill_" not in body["error"]["message"]
    assert not Bill.objects.exists()


def test_a_category_of_another_household_is_not_there(api):
    foreign = make_category(make_household())
    assert api("post", "/bills/", bill_in(category=foreign.pk))[0] == 400
    assert api("get", f"/categories/{foreign.pk}/")[0] == 404


def test_a_list_says_how_many_there_are_and_gives_a_page(api, owner, household):
    for number in range(5):
        saved_bill(owner, household, name=f"Bill {number}")
    status, page = api("get", "/bills/?page=2&page_size=2")
    assert (status, page["count"], [b["name"] for b in page["items"]]) == (200, 5, ["Bill 2", "Bill 3"])
    for name in ("page", "page_size"):
        """B15"""
        status, body = api("get", f"/bills/?{name}=0")
        assert (status, body["error"]["field"]) == (400, name)


def test_occurrences_of_a_span_are_given_computed_ones_too(api, bill):
    status, page = api("get", "/occurrences/?from=2027-12-01&to=2028-03-01")
    assert (status, page["count"]) == (200, 3)
    assert [o["id"] is None for o in page["items"]] == [False, True, True]


@pytest.mark.parametrize(
    "span", ["from=2026-01-01", "from=2026-02-01&to=2026-01-01", "from=0001-01-01&to=9999-01-01"]
)
def test_a_span_that_is_none_is_refused(api, bill, span):
    assert api("get", f"/occurrences/?{span}")[0] == 400


def test_an_occurrence_takes_note_other_amount_skip_and_snooze(api, bill):
    pk = bill.occurrences.get(scheduled_date=dt.date(2026, 11, 15)).pk
    fields = {"note": "estimated", "amount": "90", "snoozed_until": "2026-11-28"}
    status, changed = api("patch", f"/occurrences/{pk}/", fields)
    assert (status, changed["owed"], changed["state"]) == (200, "90.00", "snoozed")
    assert api("patch", f"/occurrences/{pk}/", {"is_skipped": True})[1]["state"] == "skipped"
    back = {"is_skipped": False, "amount": None, "snoozed_until": None}
    status, changed = api("patch", f"/occurrences/{pk}/", back)
    assert (changed["owed"], changed["state"], changed["note"]) == ("100.00", "late", "estimated")


def test_a_change_that_is_refused_in_part_changes_nothing(api, bill):
    pk = bill.occurrences.get(scheduled_date=dt.date(2026, 11, 15)).pk
    fields = {"note": "lost", "snoozed_until": "2020-01-01"}
    status, body = api("patch", f"/occurrences/{pk}/", fields)
    assert (status, body["error"]["field"]) == (400, "snoozed_until")
    assert Occurrence.objects.get(pk=pk).note == ""


def test_a_computed_occurrence_becomes_a_row_when_it_is_changed(api, bill):
    path = f"/bills/{bill.pk}/occurrences/2031-05-15/"
    assert api("get", path)[1]["id"] is None
    assert api("patch", path, {"note": "far"})[1]["id"] is not None
    assert api("get", f"/bills/{bill.pk}/occurrences/2031-05-16/")[0] == 404


def test_a_payment_is_recorded_undone_and_brought_back(api, bill):
    status, made = api("post", "/payments/", payment_in(bill))
    assert (status, made["amount"], made["source"]) == (201, "40.00", "manual")
    assert api("delete", f"/payments/{made['id']}/") == (204, None)
    assert api("get", f"/payments/{made['id']}/")[1]["is_deleted"] is True
    assert api("get", "/payments/")[1]["count"] == 0
    assert api("post", f"/payments/{made['id']}/restore/")[1]["is_deleted"] is False
    assert api("get", f"/payments/?bill={bill.pk}")[1]["count"] == 1


def test_a_payment_in_another_currency_is_a_conflict_in_words(api, bill):
    status, body = api("post", "/payments/", payment_in(bill, currency="EUR"))
    assert status == 409
    assert "owed in USD" in body["error"]["message"]


def test_the_same_key_makes_one_payment_and_another_body_is_refused(api, bill):
    key = {"Idempotency-Key": "abc"}
    first = api("post", "/payments/", payment_in(bill), **key)
    assert api("post", "/payments/", payment_in(bill), **key) == first
    assert Payment.objects.count() == 1
    status, body = api("post", "/payments/", payment_in(bill, amount="41.00"), **key)
    assert (status, body["error"]["code"]) == (409, "key_reused")


def test_a_refused_write_does_not_use_up_its_key(api, bill):
    key = {"Idempotency-Key": "abc"}
    assert api("post", "/payments/", payment_in(bill, currency="EUR"), **key)[0] == 409
    assert api("post", "/payments/", payment_in(bill), **key)[0] == 201
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [("read", "get", 200), ("read", "post", 403), ("write", "get", 200), ("write", "post", 201)],
)
def test_a_token_may_what_its_scope_says(client, owner, household, scope, method, status):
    _token, plain = make_token(user=owner, scope=scope)
    send = {"get": client.get, "post": client.post}[method]
    extra = {"data": bill_in(), "content_type": "application/json"} if method == "post" else {}
    response = send("/api/bills/", headers={"Authorization": f"Bearer {plain}"}, **extra)
    assert response.status_code == status


def test_a_wrong_expired_or_revoked_token_is_nobody(client, owner, household):
    token, plain = make_token(user=owner, scope="read")
    headers = {"Authorization": f"Bearer {plain}"}
    assert client.get("/api/bills/", headers={"Authorization": "Bearer wrong"}).status_code == 401
    token.expires_at = timezone.now() - dt.timedelta(seconds=1)
    token.save()
    assert client.get("/api/bills/", headers=headers).status_code == 401


def test_a_session_without_the_csrf_header_cannot_write(owner, household):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    response = client.post("/api/bills/", bill_in(), content_type="application/json")
    assert (response.status_code, response.json()["error"]["message"]) == (
        403,
        "CSRF token validation failed",
    )
    token = client.get("/api/auth/csrf-token").json()["csrf_token"]
    sent = client.post(
        "/api/bills/", bill_in(), content_type="application/json", headers={"x-csrf-token": token}
    )
    assert sent.status_code == 201


def test_ones_households_are_listed_with_ones_role(api, owner, household):
    """B15"""
    office = make_member(make_household(name="Office"), owner, Role.VIEWER).household
    make_household(make_user())
    status, page = api("get", "/households/")
    assert (status, page["count"]) == (200, 2)
    assert [(h["id"], h["role"]) for h in page["items"]] == [(household.pk, "owner"), (office.pk, "viewer")]


def test_a_change_of_the_schedule_is_previewed_and_nothing_is_saved(api, bill):
    """B5"""
    change = {"start_date": "2026-01-20", "due_day": 20}
    status, preview = api("post", f"/bills/{bill.pk}/preview/", change)
    assert (status, preview["asks"]) == (200, True)
    assert preview["keep"]["removed"][:2] == ["2026-12-15", "2027-01-15"]
    assert preview["keep"]["added"][:2] == ["2026-12-20", "2027-01-20"]
    assert preview["follow"]["added"][0] == "2026-01-20"
    assert Bill.objects.get().start_date == dt.date(2026, 1, 15)
    assert api("post", f"/bills/{bill.pk}/preview/", {"name": "Flat"})[1] == {
        "asks": False, "keep": None, "follow": None,
    }  # fmt: skip
    assert api("patch", f"/bills/{bill.pk}/?past=follow", change)[0] == 200
    assert str(bill.occurrences.first().scheduled_date) == "2026-01-20"
    assert api("patch", f"/bills/{bill.pk}/?past=maybe", change)[0] == 400


def test_a_category_without_a_visible_name_is_refused(api):
    """B15"""
    for name in (" ", "\u200b"):
        status, body = api("post", "/categories/", {"name": name})
        assert (status, body["error"]["field"]) == (400, "name")


def test_amounts_that_nobody_can_owe_or_pay_are_400(api, bill):
    """B15"""
    status, body = api("patch", f"/bills/{bill.pk}/occurrences/2026-11-15/", {"amount": "-1"})
    assert (status, body["error"]["field"]) == (400, "amount")
    status, body = api("post", "/payments/", payment_in(bill, amount="0"))
    assert (status, body["error"]["field"]) == (400, "amount")
    status, body = api("post", "/payments/", payment_in(bill, paid_on="2062-11-21"))
    assert (status, body["error"]["field"]) == (400, "paid_on")


def test_another_household_is_asked_for_by_its_number(api, owner):
    other = make_household(owner)
    saved_bill(owner, other, name="Office rent")
    assert [b["name"] for b in api("get", f"/bills/?household={other.pk}")[1]["items"]] == ["Office rent"]
    assert api("get", f"/bills/?household={make_household(make_user()).pk}")[0] == 404
    assert api("get", f"/bills/?household={2**70}")[0] == 400


def test_a_viewer_reads_and_does_not_write(client, household, bill):
    viewer = make_member(household, role=Role.VIEWER).user
    client.force_login(viewer)
    assert client.get(f"/api/bills/{bill.pk}/").status_code == 200
    for path, body in (
        (f"/api/bills/{bill.pk}/", {"amount": "1"}),
        (f"/api/bills/{bill.pk}/occurrences/2026-11-15/", {"note": "x"}),
    ):
        assert client.patch(path, body, content_type="application/json").status_code == 403
    assert client.post("/api/payments/", payment_in(bill), content_type="application/json").status_code == 403


def test_the_schema_and_its_page_are_for_those_signed_in(client, api):
    assert client.get("/api/schema/").json()["info"]["title"] == "BillTracker"
    assert client.get("/api/docs/").status_code == 200
    client.logout()
    assert client.get("/api/schema/").status_code == 401
    assert client.get("/api/docs/").status_code == 401


def test_numbers_beyond_the_databases_reach_are_no_server_error(api):
    for path in (f"/bills/{2**63}/", f"/occurrences/{2**70}/", "/bills/0/", "/tracker/99999/1/"):
        assert api("get", path)[0] in (400, 404)


def test_amounts_below_the_stored_scale_never_round(api, bill):
    status, body = api("post", "/payments/", payment_in(bill, amount="0.001"))
    assert status == 400
    assert "decimal places" in body["error"]["message"]
    assert Payment.objects.filter(amount=Decimal("0")).count() == 0
