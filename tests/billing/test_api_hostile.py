"""Values that mean harm: each is refused in the common form, none makes the server fail."""

import datetime as dt
import json

import pytest

from tests.test_access import names_of

pytestmark = pytest.mark.django_db
HUGE = 10**30
DEEP = "[" * 100_000
WRITES = {
    "/api/billing/clients/": {"name": "A"},
    "/api/billing/payer-groups/": {"name": "A"},
    "/api/billing/engagements/": {"client": "{client}", "title": "A", "starts_on": "2026-01-01", "fee": "1"},
    "/api/billing/statements/": {
        "client": "{client}", "lines": [{"description": "A", "unit_price": "1"}], "notes": "",
        "issue_date": "2026-11-01",
    },
    "/api/billing/payments/": {"client": "{client}", "amount": "1", "paid_on": "2026-11-01", "notes": ""},
}  # fmt: skip
PATHS = [
    "clients",
    "contacts",
    "payer-groups",
    "engagements",
    "statements",
    "settlements",
    "credit-notes",
    "payments",
]
BAD_TEXTS = ["a\0b", "a\ud800b"]
BAD_AMOUNTS = ["NaN", "Infinity", "1e5", "-0.00001", "9" * 30, HUGE, 1.5, None, "", "٣٫٥"]
BAD_QUERIES = ["q=%00", "page=0", "page_size=201", f"page={HUGE}", "period=%ED%A0%80", f"client={HUGE}"]
BAD_DAYS = ["0000-01-01", "0001-01-01", "9999-12-31", "2026-02-30", 0, 10**18, "now", True]


@pytest.fixture
def send(client, world):
    """Speak JSON as the office's Admin; returns (status, body)."""
    client.force_login(world.users["office admin"])
    names = names_of(world)

    def send(method, path, body=None):
        text = body if isinstance(body, str) else json.dumps(filled(body, names))
        answer = client.generic(method.upper(), path, text, content_type="application/json")
        return answer.status_code, answer.json()

    return send


def filled(body, names):
    return {key: names["client"] if value == "{client}" else value for key, value in (body or {}).items()}


def refused(status: int, body: dict) -> bool:
    return status in (400, 404, 409) and set(body["error"]) == {"code", "message", "field"}


@pytest.mark.parametrize("noun", PATHS)
@pytest.mark.parametrize("pk", [2**63, HUGE, "-1", "0", "x", "%00", "1%00", "²", "1.5", "9" * 5000])
def test_an_id_that_is_none_is_refused(send, noun, pk):
    assert refused(*send("get", f"/api/billing/{noun}/{pk}/"))


@pytest.mark.parametrize("month", ["0000-01", "2026-13", "9999-12", "x", "2026-1", "%00"])
def test_a_month_that_is_none_is_not_found(send, month):
    assert send("get", f"/api/billing/periods/{month}/")[0] == 404


@pytest.mark.parametrize("path", WRITES)
def test_a_body_that_is_no_object_is_refused(send, path):
    for body in ("", "{", "[]", "null", DEEP, '{"a":' * 50_000, "9" * 5000, '{"client": %s}' % ("9" * 5000)):
        assert refused(*send("post", path, body)), body[:20]


@pytest.mark.parametrize("path", WRITES)
def test_a_field_of_any_strange_name_is_refused(send, path):
    for name in ("nobody_knows", "\ud800", "a\0", "x" * 10_000, "__class__"):
        assert refused(*send("post", path, WRITES[path] | {name: 1}))


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("value", [*BAD_TEXTS, HUGE, {}, [], [[[[]]]]], ids=repr)
def test_each_field_refuses_what_it_is_not(send, path, value):
    for field in WRITES[path]:
        assert refused(*send("post", path, WRITES[path] | {field: value})), field


@pytest.mark.parametrize("amount", BAD_AMOUNTS, ids=repr)
def test_an_amount_that_is_none_is_refused(send, amount):
    assert refused(
        *send("post", "/api/billing/payments/", WRITES["/api/billing/payments/"] | {"amount": amount})
    )
    lines = [{"description": "A", "unit_price": amount}]
    body = WRITES["/api/billing/statements/"] | {"lines": lines}
    assert refused(*send("post", "/api/billing/statements/", body))


@pytest.mark.parametrize("day", BAD_DAYS, ids=repr)
def test_a_day_that_is_none_is_refused(send, day):
    assert refused(
        *send("post", "/api/billing/payments/", WRITES["/api/billing/payments/"] | {"paid_on": day})
    )
    query = f"client=1&from={day}&to={dt.date(2026, 1, 1)}"
    assert refused(*send("get", f"/api/billing/reports/ledger/?{query}"))


def test_a_total_that_no_column_holds_is_refused(send):
    line = {"description": "A", "unit_price": "99999999999.00"}
    body = WRITES["/api/billing/statements/"] | {"lines": [line] * 3}
    status, answer = send("post", "/api/billing/statements/", body)
    assert (status, answer["error"]["field"]) == (409, "lines")


@pytest.mark.parametrize(
    "query", ["q=%00", "page=0", "page_size=201", f"page={HUGE}", "period=%ED%A0%80", f"client={HUGE}"]
)
def test_a_list_refuses_what_it_cannot_look_for(send, query):
    assert refused(*send("get", f"/api/billing/statements/?{query}"))
