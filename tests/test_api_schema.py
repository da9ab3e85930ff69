"""The whole API against its own schema: whatever is sent, by whomever, the answer is one it describes.

SQLite asks for every role; Postgres with one that is let in and one that is not.
"""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from billtracker.accounts.sign_in.tokens import make_token
from billtracker.api import api
from tests.test_access import ROLES, names_of

pytestmark = pytest.mark.django_db
OFFICE = {"office admin", "office biller", "office reviewer", "office viewer"}
MEMBERS = {"viewer", "editor", "owner"}
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance,
]  # fmt: skip
# Which of the world's things a path's ``pk`` names.
THINGS = {
    "/api/billing/clients": "client", "/api/billing/contacts": "contact",
    "/api/billing/payer-groups": "payer_group",
    "/api/billing/engagements": "engagement", "/api/billing/statements": "issued",
    "/api/billing/settlements": "settlement", "/api/billing/credit-notes": "credit_note",
    "/api/billing/payments": "paid", "/api/sequences": "sequence", "/api/categories": "category",
    "/api/bills": "bill", "/api/occurrences": "occurrence", "/api/payments": "payment",
}  # fmt: skip
OTHERS = {"fee": "fee_step", "refund": "refund"}


def described() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))


SCHEMA = described()
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]


@pytest.fixture(scope="module")
def callers(world):
    """A token of each role, and what the world's things are called; a stranger has none."""
    # As Django's own test client does: a request's end would close the connection that holds the world.
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    tokens = {role: user and make_token(user=user, scope="write")[1] for role, user in world.users.items()}
    yield tokens, names_of(world), get_wsgi_application()
    for moment in (request_started, request_finished):
        moment.connect(close_old_connections)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_to_every_role_is_as_the_schema_says(callers, world, operation):
    tokens, names, application = callers

    @seed(20261121)
    @settings(max_examples=3, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), is_real=st.booleans())
    def ask(case, is_real):
        if is_real:
            point_at_real_things(case, names)
        for role in roles_to_ask(operation.path):
            with transaction.atomic():
                headers = {"Authorization": f"Bearer {tokens[role]}"} if tokens[role] else {}
                answer = case.call(app=application, base_url="http://testserver", headers=headers)
                transaction.set_rollback(True)
            case.validate_response(answer, checks=CHECKS)
            assert_nothing_foreign(operation.path, role, answer, world)

    ask()


def roles_to_ask(path: str) -> tuple[str, ...]:
    if connection.vendor == "sqlite":
        return ROLES
    return ("office admin" if is_of_the_office(path) else "owner", "outsider")


def is_of_the_office(path: str) -> bool:
    return path.startswith(("/api/billing/", "/api/sequences/"))


def point_at_real_things(case, names: dict) -> None:
    """Put ids of the world into the path, so that not all is "not found"."""
    thing = next((name for start, name in THINGS.items() if case.operation.path.startswith(f"{start}/")), "")
    for name in case.path_parameters or {}:
        if known := names.get(thing if name == "pk" else OTHERS.get(name, "")):
            case.path_parameters[name] = known


def assert_nothing_foreign(path: str, role: str, answer, world) -> None:
    """Who has no part in it gets no 2xx of the office's callers, and no word of another household."""
    if is_of_the_office(path) and role not in OFFICE:
        assert answer.status_code in (400, 401, 404)
        assert world.office.client.name not in answer.text
    if role not in MEMBERS and answer.content and b"{" in answer.content[:1]:
        assert world.household.pk not in households_in(answer.json())


def households_in(body) -> set:
    """Return every household that an answer names."""
    parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else []
    named = {body["household"]} if isinstance(body, dict) and "household" in body else set()
    return named.union(*(households_in(part) for part in parts))
