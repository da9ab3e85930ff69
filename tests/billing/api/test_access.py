"""The office as JSON: a whole life of money through the API, repeatable writes, constant queries."""

import datetime as dt
import hashlib
import json

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import services
from billing.api.schemas import engagements, payments, statements
from billing.models import Client, Engagement, Payment, Settlement, Statement
from billtracker.core.periods import Month
from tests.factories import make_client, make_issued, make_office, make_office_user, make_payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 21, 4, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def people(db):
    make_office()
    return {role: make_office_user(role) for role in ("Admin", "Biller", "Reviewer", "Viewer")}


@pytest.fixture
def ask(client, people):
    """Speak JSON as somebody with that role; returns (status, body)."""

    def ask(role, method, path, body=None, **headers):
        client.force_login(people[role])
        answer = client.generic(
            method.upper(),
            f"/api/billing{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=headers,
        )
        return answer.status_code, answer.json() if answer.content else None

    return ask


def test_a_bill_is_drafted_reviewed_issued_paid_and_verified(ask, monkeypatch, client):
    monkeypatch.setattr("billing.documents.pdf.pdf_of", lambda *args, **kwargs: b"%PDF-1.7 bill")
    _, casa = ask("Biller", "post", "/clients/", {"name": "Casa  Niña", "currency": "PHP", "terms_days": 15})
    assert casa["name"] == "Casa Niña"
    lines = [{"description": "Audit", "quantity": "2.5", "unit_price": "1000.01"}]
    status, draft = ask("Biller", "post", "/statements/", {"client": casa["id"], "lines": lines})
    assert (status, draft["total"], draft["currency"], draft["state"]) == (201, "2500.03", "PHP", "draft")
    path = f"/statements/{draft['id']}"
    assert ask("Biller", "post", f"{path}/submit/")[1]["state"] == "in_review"
    status, issued = ask("Reviewer", "post", f"{path}/issue/", {})
    assert (status, issued["number"], issued["due_date"]) == (200, "SOA-2026-0001", "2026-12-06")
    services.make_documents(source=Statement.objects.get(pk=draft["id"]))
    pdf = client.get(f"/api/billing{path}/pdf/")
    assert hashlib.sha256(pdf.content).hexdigest() == pdf.headers["X-Content-SHA256"]
    money = {"client": casa["id"], "amount": "3000", "paid_on": "2026-11-21", "manual_number": "OR 7"}
    _, payment = ask("Biller", "post", "/payments/", money)
    paid = f"/payments/{payment['id']}"
    assert ask("Biller", "post", f"{paid}/post/")[1]["credit"] == "3000.00"
    parts = {"parts": [{"statement": draft["id"], "amount": "2500.03"}]}
    assert ask("Biller", "post", f"{paid}/allocate/", parts)[1]["credit"] == "499.97"
    assert ask("Viewer", "get", f"{path}/")[1]["outstanding"] == "0.00"
    status, refusal = ask("Biller", "post", f"{paid}/allocate/", parts)
    assert (status, refusal["error"]["code"]) == (409, "applied_already")
    assert ask("Reviewer", "post", f"{paid}/verify/")[1]["state"] == "verified"
    _, aging = ask("Viewer", "get", "/reports/aging/")
    assert [(row["owed"], row["credit"], row["outstanding"]) for row in aging["items"]] == [
        ("0.00", "499.97", "-499.97")
    ]
    query = f"client={casa['id']}&from=2026-11-01&to=2026-11-30"
    _, book = ask("Viewer", "get", f"/reports/ledger/?{query}")
    assert (book["opening"], book["closing"], book["count"]) == ("0.00", "-499.97", 2)
    _, came = ask("Viewer", "get", "/reports/collections/?from=2026-11-01&to=2026-11-30")
    assert [(row["manual_number"], row["amount"]) for row in came["items"]] == [("OR 7", "3000.00")]
    actions = [row["action"] for row in ask("Reviewer", "get", "/audit/?action=payment")[1]["items"]]
    assert actions == ["payment.verified", "payment.allocated", "payment.posted", "payment.recorded"]


def test_who_submitted_may_not_issue_and_is_told_so(ask, people):
    statement = ask("Reviewer", "post", "/statements/", {
        "client": make_client().pk, "lines": [{"description": "A", "unit_price": "1"}]})[1]  # fmt: skip
    ask("Reviewer", "post", f"/statements/{statement['id']}/submit/")
    status, body = ask("Reviewer", "post", f"/statements/{statement['id']}/issue/", {})
    assert (status, body["error"]["code"]) == (403, "not_allowed")


def test_a_write_with_the_same_key_is_done_once(ask):
    body = {"client": make_client().pk, "amount": "10.00", "paid_on": "2026-11-20", "manual_number": "OR 1"}
    first = ask("Biller", "post", "/payments/", body, **{"Idempotency-Key": "a"})
    assert ask("Biller", "post", "/payments/", body, **{"Idempotency-Key": "a"}) == first
    posted = f"/payments/{first[1]['id']}/post/"
    assert ask("Biller", "post", posted, **{"Idempotency-Key": "b"})[1]["state"] == "posted"
    assert ask("Biller", "post", posted, **{"Idempotency-Key": "b"})[1]["state"] == "posted"
    assert ask("Biller", "post", posted)[0] == 409
    status, refusal = ask("Biller", "post", "/payments/", body | {"amount": "11"}, **{"Idempotency-Key": "a"})
    assert (status, refusal["error"]["code"]) == (409, "key_reused")
    assert Payment.objects.count() == 1


def test_what_is_left_out_of_a_patch_stays(ask):
    client = make_client(tax_number="7", tags=["old"])
    changed = ask("Biller", "patch", f"/clients/{client.pk}/", {"tags": ["new"]})[1]
    assert (changed["tax_number"], changed["tags"], changed["name"]) == ("7", ["new"], client.name)
    status, body = ask("Biller", "post", "/clients/", {"name": client.name.upper() + "  "})
    assert (status, body["error"]["field"]) == (400, "name")


def test_a_month_before_a_closed_one_is_closed_and_any_other_open(ask, people):
    services.close_period(
        actor=people["Admin"],
        month=Month(2026, 8),
        skipped=["missed", "books"],
        reason="Done by hand",
    )
    states = [
        ask("Viewer", "get", f"/periods/{month}/")[1]["state"] for month in ("2026-07", "2026-08", "2026-09")
    ]
    assert states == ["closed", "closed", "open"]


@pytest.mark.parametrize("path", ["/statements/", "/payments/", "/clients/", "/engagements/"])
def test_a_list_asks_as_often_for_many_as_for_one(client, people, path):
    client.force_login(people["Viewer"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            body = client.get(f"/api/billing{path}").json()
        assert body["count"] == len(body["items"]) > 0
        return len(asked)

    def fill(count: int):
        for _ in range(count):
            owner = make_client()
            Engagement.objects.create(client=owner, kind="special", title="A", starts_on=dt.date(2026, 1, 1))
            issued, payment = make_issued(client=owner), make_payment(owner)
            services.allocate_payment(
                actor=payment.recorded_by, payment=payment, statement=issued, amount=issued.total
            )

    fill(1)
    few = queries()
    fill(4)
    assert queries() == few


def test_the_schema_names_every_choice_that_the_models_have():
    for literal, choices in (
        (engagements.EngagementKind, Engagement.Kind), (engagements.EngagementStatus, Engagement.Status),
        (engagements.Interval, Engagement.Interval), (engagements.Timing, Engagement.Timing),
        (engagements.PartialPeriods, Engagement.PartialPeriods), (statements.StatementKind, Statement.Kind),
        (statements.StatementState, Statement.State), (statements.SettlementKind, Settlement.Kind),
        (payments.PaymentState, Payment.State), (payments.Method, Payment.Method),
        (payments.Cause, Payment.Cause),
    ):  # fmt: skip
        assert set(literal.__args__) == set(choices.values)


def test_no_two_shapes_of_the_api_share_a_name():
    from ninja import Schema

    import billtracker.api  # noqa: F401

    def below(kind) -> set[type]:
        return set(kind.__subclasses__()).union(*(below(one) for one in kind.__subclasses__()))

    ours = [kind for kind in below(Schema) if kind.__module__.startswith(("bill", "opsstatus", "bank"))]
    plain = [kind.__name__ for kind in ours if "[" not in kind.__name__]
    assert sorted(plain) == sorted(set(plain))
    assert Client.__name__ not in plain
