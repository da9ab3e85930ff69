"""One table of addresses and roles; an address without a row fails the build.

Each row is an address, a method, and what each role gets. The roles: a stranger, an outsider (signed in,
another household), viewer, editor and owner of the household, the administrator of the server, and the four
office roles. Everybody but the stranger has a household of their own too.

Who may do what is decided in Python. SQLite asks for every role; Postgres proves that each address works,
with a role that is let in and one that is not.
"""

import json
import re
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver

from backups import operation_states, operations
from backups.archive.folders import all_backups
from billing.views.reports import REPORTS
from billtracker import demo
from billtracker.core.models import AuditEntry
from notifications.services.messages import unsubscribe_token
from tests.world import OFFICE_ROLES

pytestmark = pytest.mark.django_db
OFFICE = tuple(f"office {name.lower()}" for name in OFFICE_ROLES)
ROLES = ("stranger", "outsider", "viewer", "editor", "owner", "administrator", *OFFICE)
SIGN_IN = "sign in"  # sent to the sign-in page
DONE = "done"  # 200, 201, 204, or a redirect after the act
ASKED = "asked"  # the form came back because this test sent too little: let in all the same


@dataclass(frozen=True)
class Row:
    """One address, and what the roles get who are not named one by one."""

    method: str
    path: str
    everyone: str | int
    roles: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)

    def expected(self, role: str) -> str | int:
        return self.roles.get(role, self.everyone)


def public(path, method="get", outcome=DONE, **data):
    return Row(method, path, outcome, data=data)


def own(path, method="get", outcome=DONE, data=None, **roles):
    """A page about one's own things: everybody who is signed in has one."""
    return Row(method, path, outcome, {"stranger": SIGN_IN, **roles}, data or {})


def members(path):
    """A page about the household's things: outsiders do not find it, whatever their other roles."""
    seen = dict.fromkeys(("viewer", "editor", "owner"), DONE)
    return Row("get", path, 404, {"stranger": SIGN_IN, **seen})


def editors(path, method="post", outcome=DONE, **data):
    """An act on the household's things: viewers may not, outsiders do not find it."""
    done = dict.fromkeys(("editor", "owner"), outcome)
    return Row(method, path, 404, {"stranger": SIGN_IN, "viewer": 403, **done}, data)


def api_own(path, method="get", **data):
    return Row(method, path, DONE, {"stranger": 401}, data)


def api_members(path):
    return Row("get", path, 404, {"stranger": 401} | dict.fromkeys(("viewer", "editor", "owner"), DONE))


def api_editors(path, method, **data):
    done = dict.fromkeys(("editor", "owner"), DONE)
    return Row(method, path, 404, {"stranger": 401, "viewer": 403, **done}, data)


def administrators(path, method="get", outcome=DONE, **data):
    return Row(method, path, 403, {"stranger": SIGN_IN, "administrator": outcome}, data)


def office(path, method="get", outcome=DONE, only=OFFICE_ROLES, **data):
    """A page of the office: who has none of its roles does not find it, who has the wrong one may not."""
    allowed = {f"office {name.lower()}": outcome if name in only else 403 for name in OFFICE_ROLES}
    return Row(method, path, 404, {"stranger": SIGN_IN, **allowed}, data)


def api_office(path, method="get", outcome=DONE, only=OFFICE_ROLES, **data):
    """The office as JSON: the role is asked before anything that was sent is read."""
    allowed = {f"office {name.lower()}": outcome if name in only else 403 for name in OFFICE_ROLES}
    return Row(method, path, 404, {"stranger": 401, **allowed}, data)


def api_office_acts() -> dict[str, list[Row]]:
    """The acts of the office's JSON doors: those who may do them are let in, and sent too little here."""
    start, bare = "api/billing/", "<pk>/"
    sent_too_little = {
        "contacts/<pk>/": ("patch", "{contact}", DRAFTERS),
        "engagements/<pk>/end/": ("post", "{engagement}", DRAFTERS),
        "engagements/<pk>/fees/": ("post", "{engagement}", DRAFTERS),
        "statements/<pk>/notes/": ("post", "{issued}", DRAFTERS),
        "statements/<pk>/return/": ("post", "{submitted}", REVIEWERS),
        "statements/<pk>/void/": ("post", "{issued}", REVIEWERS),
        "settlements/<pk>/certificate/": ("post", "{settlement}", DRAFTERS),
        "settlements/<pk>/void/": ("post", "{settlement}", REVIEWERS),
        "payments/<pk>/allocate/": ("post", "{paid}", DRAFTERS),
        "payments/<pk>/unapply/": ("post", "{paid}", DRAFTERS),
        "payments/<pk>/void/": ("post", "{paid}", REVIEWERS),
        "payments/<pk>/refunds/": ("post", "{paid}", REVIEWERS),
        "payments/<pk>/refunds/<refund>/void/": ("post", "{paid}", REVIEWERS),
    }
    return {
        start + route: [
            api_office(
                "/" + (start + route).replace(bare, pk + "/").replace("<refund>", "{refund}"),
                method,
                400,
                only,
                nobody_knows="this",
            )
        ]
        for route, (method, pk, only) in sent_too_little.items()
    }


def look_up(model: str, pk: str) -> dict[str, list[Row]]:
    """The admin's pages of a model of the office: its administrator has none of the office's roles."""
    start = f"admin/billing/{model}/"
    pages = ("", "add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/change/")
    rows = {
        page: administrators(f"/{start}{page.replace('<path:object_id>', pk)}", outcome=403) for page in pages
    }
    rows["<path:object_id>/"] = administrators(f"/{start}{pk}/")  # goes on to the one that refuses
    return {f"{start}{page}": [row] for page, row in rows.items()}


DRAFTERS = ("Admin", "Biller", "Reviewer")
REVIEWERS = ("Admin", "Reviewer")
BILL = {"name": "Gas", "amount": "5", "start_date": "2026-11-20"}
PAYMENT = {"currency": "USD", "paid_on": "2026-11-20"}
USER = "admin/accounts/user/<path:object_id>/"
DUE = "/bills/{bill}/2026-11-15/"

TABLE = {
    "": [public("/")],
    "healthz": [public("/healthz")],
    "readyz": [public("/readyz")],
    # --- JSON ---------------------------------------------------------------------------------
    "api/about": [public("/api/about")],
    "api/auth/mode": [public("/api/auth/mode")],
    "api/auth/csrf-token": [public("/api/auth/csrf-token")],
    "api/": [public("/api/", outcome=404)],
    "api/schema/": [api_own("/api/schema/")],
    "api/docs/": [api_own("/api/docs/")],
    "api/status": [Row("get", "/api/status", 403, {"stranger": 401, "administrator": DONE})],
    "api/tracker/<year>/<month>/": [
        api_own("/api/tracker/2026/11/"), api_members("/api/tracker/2026/11/?household={household}"),
    ],
    "api/categories/": [
        api_own("/api/categories/"), api_members("/api/categories/?household={household}"),
        api_editors("/api/categories/?household={household}", "post", name="Car"),
    ],
    "api/categories/<pk>/": [
        api_members("/api/categories/{category}/"),
        api_editors("/api/categories/{category}/", "patch", name="A"),
        api_editors("/api/categories/{category}/", "delete"),
    ],
    "api/bills/": [
        api_own("/api/bills/"), api_members("/api/bills/?household={household}"),
        api_editors("/api/bills/?household={household}", "post", **BILL),
    ],
    "api/bills/<pk>/": [
        api_members("/api/bills/{bill}/"), api_editors("/api/bills/{bill}/", "patch", name="A"),
        api_editors("/api/bills/{bill}/", "delete"),
    ],
    "api/overdue/": [api_own("/api/overdue/"), api_members("/api/overdue/?household={household}")],
    "api/households/": [api_own("/api/households/")],
    "api/bills/<pk>/preview/": [api_editors("/api/bills/{bill}/preview/", "post", name="A")],
    "api/bills/<pk>/reminders/": [api_members("/api/bills/{bill}/reminders/")],
    "api/bills/<pk>/occurrences/<day>/": [
        api_members("/api/bills/{bill}/occurrences/2026-11-15/"),
        api_editors("/api/bills/{bill}/occurrences/2026-11-15/", "patch", note="A"),
    ],
    "api/occurrences/": [
        api_own("/api/occurrences/?from=2026-11-01&to=2026-12-01"),
        api_members("/api/occurrences/?from=2026-11-01&to=2026-12-01&household={household}"),
    ],
    "api/occurrences/<pk>/": [
        api_members("/api/occurrences/{occurrence}/"),
        api_editors("/api/occurrences/{occurrence}/", "patch", note="A"),
    ],
    "api/payments/": [
        api_own("/api/payments/"), api_members("/api/payments/?household={household}"),
        api_editors("/api/payments/?household={household}", "post", **PAYMENT,
                    splits=[{"occurrence": "{occurrence}", "amount": "1.00"}]),
    ],
    "api/payments/<pk>/": [
        api_members("/api/payments/{payment}/"), api_editors("/api/payments/{payment}/", "delete"),
    ],
    "api/payments/<pk>/restore/": [api_editors("/api/payments/{payment}/restore/", "post")],
    # --- people -------------------------------------------------------------------------------
    "accounts/profile/": [own("/accounts/profile/")],
    "accounts/notifications/": [
        own("/accounts/notifications/"), own("/accounts/notifications/", "post"),
    ],
    "accounts/notifications/channels/": [own("/accounts/notifications/channels/", "post", ASKED)],
    "accounts/notifications/channels/<int:pk>/test/": [
        Row("post", "/accounts/notifications/channels/{channel}/test/", 404,
            {"stranger": SIGN_IN, "owner": DONE}),
    ],
    "accounts/notifications/channels/<int:pk>/remove/": [
        Row("post", "/accounts/notifications/channels/{channel}/remove/", 404,
            {"stranger": SIGN_IN, "owner": DONE}),
    ],
    "notifications/unsubscribe/<str:token>/": [
        public("/notifications/unsubscribe/{way_out}/"),
        public("/notifications/unsubscribe/{way_out}/", "post"),
        public("/notifications/unsubscribe/wrong/", outcome=404),
    ],
    "accounts/tokens/": [own("/accounts/tokens/", "post", data={"name": "a", "scope": "read", "days": "30"})],
    "accounts/tokens/<int:pk>/revoke/": [
        Row("post", "/accounts/tokens/{token}/revoke/", 404, {"stranger": SIGN_IN, "owner": DONE}),
    ],
    "accounts/setup/<str:token>/": [public("/accounts/setup/wrong/", outcome=404)],
    "household/": [own("/household/"), own("/household/", "post", ASKED, viewer=403, editor=403)],
    "household/new/": [own("/household/new/"), own("/household/new/", "post", ASKED)],
    "household/switch/": [
        Row("post", "/household/switch/", 404,
            {"stranger": SIGN_IN, **dict.fromkeys(("viewer", "editor", "owner"), DONE)},
            {"household": "{household}"}),
    ],
    # --- sign-in ------------------------------------------------------------------------------
    "accounts/login/": [public("/accounts/login/")],
    "accounts/logout/": [Row("get", "/accounts/logout/", DONE), Row("post", "/accounts/logout/", DONE)],
    "accounts/inactive/": [public("/accounts/inactive/")],
    "accounts/signup/": [public("/accounts/signup/"), Row("post", "/accounts/signup/", DONE)],
    "accounts/reauthenticate/": [own("/accounts/reauthenticate/")],
    "accounts/email/": [own("/accounts/email/")],
    "accounts/confirm-email/": [public("/accounts/confirm-email/")],
    "accounts/password/change/": [own("/accounts/password/change/")],
    "accounts/password/set/": [own("/accounts/password/set/")],
    "accounts/password/reset/": [public("/accounts/password/reset/")],
    "accounts/login/code/confirm/": [own("/accounts/login/code/confirm/")],
    r"accounts/^confirm-email/(?P<key>[-:\w]+)/$": [public("/accounts/confirm-email/wrong/")],
    "accounts/password/reset/key/done/": [public("/accounts/password/reset/key/done/")],
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": [
        public("/accounts/password/reset/key/1-wrong/"),
    ],
    "accounts/password/reset/done/": [public("/accounts/password/reset/done/")],
    # --- bills --------------------------------------------------------------------------------
    "tracker/": [own("/tracker/")],
    "tracker/pay-due/": [own("/tracker/pay-due/", "post", viewer=403)],
    "tracker/<int:year>/<int:month>/": [own("/tracker/2026/11/")],
    "tracker/<int:year>/<int:month>/csv/": [own("/tracker/2026/11/csv/")],
    "bills/": [own("/bills/")],
    "bills/new/": [own("/bills/new/", viewer=403), own("/bills/new/", "post", ASKED, viewer=403)],
    "bills/<int:pk>/": [members("/bills/{bill}/")],
    "bills/<int:pk>/edit/": [
        editors("/bills/{bill}/edit/", "get"), editors("/bills/{bill}/edit/", outcome=ASKED),
    ],
    "bills/<int:pk>/pause/": [editors("/bills/{bill}/pause/")],
    "bills/<int:pk>/resume/": [editors("/bills/{bill}/resume/")],
    "bills/<int:pk>/delete/": [editors("/bills/{bill}/delete/")],
    "bills/<int:pk>/restore/": [editors("/bills/{bill}/restore/")],
    "bills/<int:pk>/<date:day>/": [members(DUE)],
    "bills/<int:pk>/<date:day>/pay/": [editors(f"{DUE}pay/", outcome=ASKED)],
    "bills/<int:pk>/<date:day>/pay-full/": [editors(f"{DUE}pay-full/")],
    "bills/<int:pk>/<date:day>/confirm/": [editors(f"{DUE}confirm/")],
    "bills/<int:pk>/<date:day>/autopay-failed/": [editors(f"{DUE}autopay-failed/")],
    "bills/<int:pk>/<date:day>/skip/": [editors(f"{DUE}skip/")],
    "bills/<int:pk>/<date:day>/unskip/": [editors(f"{DUE}unskip/")],
    "bills/<int:pk>/<date:day>/snooze/": [editors(f"{DUE}snooze/")],
    "bills/<int:pk>/<date:day>/note/": [editors(f"{DUE}note/")],
    "bills/<int:pk>/<date:day>/amount/": [editors(f"{DUE}amount/")],
    "bills/payments/split/": [
        own("/bills/payments/split/", viewer=403), own("/bills/payments/split/", "post", ASKED, viewer=403),
    ],
    # Ids of other households' payments name nothing here, so outsiders undo none of them.
    "bills/payments/undo/": [own("/bills/payments/undo/?ids={payment}", "post", viewer=403)],
    "bills/payments/restore/": [own("/bills/payments/restore/?ids={payment}", "post", viewer=403)],
    "bills/payments/<int:pk>/": [members("/bills/payments/{payment}/")],
    "categories/": [own("/categories/"), own("/categories/", "post", ASKED, viewer=403)],
    "categories/<int:pk>/": [
        editors("/categories/{category}/", "get"), editors("/categories/{category}/", outcome=ASKED),
    ],
    "categories/<int:pk>/delete/": [editors("/categories/{category}/delete/")],
    "categories/<int:pk>/restore/": [editors("/categories/{category}/restore/")],
    "bin/": [own("/bin/")],
    # --- files --------------------------------------------------------------------------------
    "data/demo/load/": [own("/data/demo/load/", "post")],
    "data/demo/clear/": [own("/data/demo/clear/", "post")],
    "data/": [own("/data/")],
    "data/import/<slug:kind>/": [
        own("/data/import/bills/", viewer=403), own("/data/import/bills/", "post", ASKED, viewer=403),
    ],
    "data/previews/<int:pk>/": [members("/data/previews/{preview}/")],
    "data/previews/<int:pk>/columns/": [editors("/data/previews/{preview}/columns/", "get")],
    "data/previews/<int:pk>/rows/": [editors("/data/previews/{preview}/rows/")],
    "data/previews/<int:pk>/apply/": [editors("/data/previews/{preview}/apply/")],
    "data/previews/<int:pk>/discard/": [editors("/data/previews/{preview}/discard/")],
    "data/batches/<int:pk>/": [members("/data/batches/{batch}/")],
    "data/batches/<int:pk>/undo/": [editors("/data/batches/{batch}/undo/")],
    # --- the office: clients ------------------------------------------------------------------
    "billing/": [office("/billing/")],
    "billing/office/": [
        office("/billing/office/"), office("/billing/office/", "post", ASKED, only=("Admin",)),
    ],
    "billing/office/logo/": [Row("get", "/billing/office/logo/", 404, {"stranger": SIGN_IN})],
    "billing/users/": [
        office("/billing/users/", only=("Admin",)),
        office("/billing/users/", "post", ASKED, only=("Admin",)),
    ],
    "billing/users/<int:pk>/": [
        office("/billing/users/{office_user}/", only=("Admin",)),
        office("/billing/users/{office_user}/", "post", only=("Admin",), roles="Viewer"),
    ],
    "billing/clients/": [office("/billing/clients/")],
    "billing/clients/csv/": [office("/billing/clients/csv/")],
    "billing/clients/new/": [
        office("/billing/clients/new/", only=DRAFTERS),
        office("/billing/clients/new/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/<int:pk>/": [office("/billing/clients/{client}/")],
    "billing/clients/<int:pk>/edit/": [
        office("/billing/clients/{client}/edit/", only=DRAFTERS),
        office("/billing/clients/{client}/edit/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/<int:pk>/logo/": [
        Row("get", "/billing/clients/{client}/logo/", 404, {"stranger": SIGN_IN}),
    ],
    "billing/clients/<int:pk>/contacts/new/": [
        office("/billing/clients/{client}/contacts/new/", only=DRAFTERS),
        office("/billing/clients/{client}/contacts/new/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/<int:pk>/engagements/new/": [
        office("/billing/clients/{client}/engagements/new/", only=DRAFTERS),
        office("/billing/clients/{client}/engagements/new/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/contacts/<int:pk>/": [
        office("/billing/clients/contacts/{contact}/", only=DRAFTERS),
        office("/billing/clients/contacts/{contact}/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/contacts/<int:pk>/remove/": [
        office("/billing/clients/contacts/{contact}/remove/", "post", only=DRAFTERS),
    ],
    "billing/payer-groups/": [office("/billing/payer-groups/")],
    "billing/payer-groups/new/": [
        office("/billing/payer-groups/new/", only=DRAFTERS),
        office("/billing/payer-groups/new/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payer-groups/<int:pk>/": [
        office("/billing/payer-groups/{payer_group}/", only=DRAFTERS),
        office("/billing/payer-groups/{payer_group}/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payer-groups/<int:pk>/delete/": [
        office("/billing/payer-groups/{payer_group}/delete/", "post", only=DRAFTERS),
    ],
    "billing/engagements/<int:pk>/": [office("/billing/engagements/{engagement}/")],
    "billing/engagements/<int:pk>/edit/": [
        office("/billing/engagements/{engagement}/edit/", only=DRAFTERS),
        office("/billing/engagements/{engagement}/edit/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/engagements/<int:pk>/suspend/": [
        office("/billing/engagements/{engagement}/suspend/", "post", only=DRAFTERS),
    ],
    "billing/engagements/<int:pk>/resume/": [
        office("/billing/engagements/{engagement}/resume/", "post", only=DRAFTERS),
    ],
    "billing/engagements/<int:pk>/end/": [
        office("/billing/engagements/{engagement}/end/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/engagements/<int:pk>/fees/": [
        office("/billing/engagements/{engagement}/fees/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/engagements/fees/<int:pk>/remove/": [
        office("/billing/engagements/fees/{fee_step}/remove/", "post", only=DRAFTERS),
    ],
    "billing/files/": [office("/billing/files/")],
    "billing/files/import/<slug:kind>/": [
        office("/billing/files/import/clients/", only=DRAFTERS),
        office("/billing/files/import/clients/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/files/previews/<int:pk>/": [office("/billing/files/previews/{office_preview}/")],
    "billing/files/previews/<int:pk>/columns/": [
        office("/billing/files/previews/{office_preview}/columns/", only=DRAFTERS),
    ],
    "billing/files/previews/<int:pk>/rows/": [
        office("/billing/files/previews/{office_preview}/rows/", "post", only=DRAFTERS),
    ],
    "billing/files/previews/<int:pk>/apply/": [
        office("/billing/files/previews/{office_preview}/apply/", "post", only=DRAFTERS),
    ],
    "billing/files/previews/<int:pk>/discard/": [
        office("/billing/files/previews/{office_preview}/discard/", "post", only=DRAFTERS),
    ],
    "billing/files/batches/<int:pk>/": [office("/billing/files/batches/{office_batch}/")],
    "billing/files/batches/<int:pk>/undo/": [
        office("/billing/files/batches/{office_batch}/undo/", "post", only=DRAFTERS),
    ],
    # --- the office: retainer cycle ----------------------------------------------------------
    "billing/cycle/": [office("/billing/cycle/"), office("/billing/cycle/?month=2025-09")],
    "billing/cycle/missed/": [office("/billing/cycle/missed/")],
    "billing/cycle/catch-up/": [office("/billing/cycle/catch-up/", "post", only=DRAFTERS, month="2026-10")],
    "billing/cycle/runs/<int:pk>/": [office("/billing/cycle/runs/{run}/")],
    "billing/cycle/<month:month>/": [office("/billing/cycle/2026-11/", only=DRAFTERS)],
    "billing/cycle/<month:month>/run/": [office("/billing/cycle/2026-11/run/", "post", only=DRAFTERS)],
    "billing/cycle/<month:month>/coverage/": [office("/billing/cycle/2026-11/coverage/")],
    "billing/cycle/<month:month>/coverage/csv/": [office("/billing/cycle/2026-11/coverage/csv/")],
    # --- the office: statements ---------------------------------------------------------------
    "billing/statements/": [office("/billing/statements/"), office("/billing/statements/?q=SOA&year=2026"),
        office("/billing/statements/?state=in_review&of=Casa"), office("/billing/statements/?state=overdue"),
    ],
    "billing/statements/csv/": [office("/billing/statements/csv/")],
    "billing/statements/new/": [
        office("/billing/statements/new/", only=DRAFTERS),
        office("/billing/statements/new/?client={client}", only=DRAFTERS),
        office("/billing/statements/new/?client={client}", "post", ASKED, only=DRAFTERS),
    ],
    "billing/statements/submit/": [
        office("/billing/statements/submit/", "post", only=DRAFTERS, draft="{statement}"),
    ],
    "billing/statements/issue/": [
        office("/billing/statements/issue/?draft={submitted}&draft={issued}", only=REVIEWERS),
        office("/billing/statements/issue/", "post", only=REVIEWERS, draft="{submitted}"),
        office("/billing/statements/issue/", "post", ASKED, only=REVIEWERS, draft="{submitted}",
               issue_date="soon"),
    ],
    "billing/statements/<int:pk>/": [
        office("/billing/statements/{statement}/"), office("/billing/statements/{submitted}/"),
        office("/billing/statements/{issued}/"),
    ],
    "billing/statements/<int:pk>/edit/": [
        office("/billing/statements/{statement}/edit/", only=DRAFTERS),
        office("/billing/statements/{statement}/edit/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/pdf/": [office("/billing/statements/{issued}/pdf/")],
    "billing/statements/<int:pk>/submit/": [
        office("/billing/statements/{statement}/submit/", "post", only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/delete/": [
        office("/billing/statements/{statement}/delete/", "post", only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/return/": [
        office("/billing/statements/{submitted}/return/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/statements/<int:pk>/issue/": [
        office("/billing/statements/{submitted}/issue/", "post", only=REVIEWERS),
    ],
    "billing/statements/<int:pk>/void/": [
        office("/billing/statements/{issued}/void/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/statements/<int:pk>/notes/": [
        office("/billing/statements/{issued}/notes/", "post", only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/send/": [
        office("/billing/statements/{issued}/send/", only=DRAFTERS),
        office("/billing/statements/{issued}/send/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/clients/<int:pk>/account/": [
        office("/billing/clients/{client}/account/"),
        office("/billing/clients/{client}/account/?from=2026-01-01&to=2026-12-31&currency=PHP"),
    ],
    "billing/clients/<int:pk>/account/csv/": [office("/billing/clients/{client}/account/csv/")],
    "billing/clients/<int:pk>/account/make/": [
        office("/billing/clients/{client}/account/make/", "post", only=DRAFTERS),
    ],
    "billing/accounts/": [office("/billing/accounts/")],
    "billing/accounts/make/": [office("/billing/accounts/make/", "post", ASKED, only=DRAFTERS)],
    "billing/accounts/<int:pk>/": [office("/billing/accounts/{account}/")],
    "billing/accounts/<int:pk>/file/": [office("/billing/accounts/{account}/file/", outcome=404)],
    "billing/credit-notes/<int:pk>/send/": [
        office("/billing/credit-notes/{credit_note}/send/", only=DRAFTERS),
        office("/billing/credit-notes/{credit_note}/send/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/reissue/": [
        office("/billing/statements/{issued}/reissue/", "post", only=REVIEWERS),
    ],
    # --- the office: payments -----------------------------------------------------------------
    "billing/payments/": [
        office("/billing/payments/"), office("/billing/payments/?state=credit&q=OR&month=2026-11"),
    ],
    "billing/payments/csv/": [office("/billing/payments/csv/")],
    "billing/payments/new/": [
        office("/billing/payments/new/", only=DRAFTERS),
        office("/billing/payments/new/?client={client}", only=DRAFTERS),
        office("/billing/payments/new/?client={client}", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payments/<int:pk>/": [
        office("/billing/payments/{paid}/"), office("/billing/payments/{unposted}/"),
        office("/billing/payments/{paid}/?suggest=oldest"),
    ],
    "billing/payments/<int:pk>/edit/": [
        office("/billing/payments/{unposted}/edit/", only=DRAFTERS),
        office("/billing/payments/{unposted}/edit/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payments/<int:pk>/post/": [
        office("/billing/payments/{unposted}/post/", "post", only=DRAFTERS),
    ],
    "billing/payments/<int:pk>/delete/": [
        office("/billing/payments/{unposted}/delete/", "post", only=DRAFTERS),
    ],
    "billing/payments/<int:pk>/verify/": [
        office("/billing/payments/{paid}/verify/", "post", only=REVIEWERS),
    ],
    "billing/payments/<int:pk>/void/": [
        office("/billing/payments/{paid}/void/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/payments/<int:pk>/allocate/": [
        office("/billing/payments/{paid}/allocate/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payments/<int:pk>/refund/": [
        office("/billing/payments/{paid}/refund/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/payments/<int:pk>/proofs/": [
        office("/billing/payments/{paid}/proofs/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/payments/allocations/<int:pk>/unapply/": [
        office("/billing/payments/allocations/{allocation}/unapply/", "post", only=DRAFTERS),
    ],
    "billing/payments/refunds/<int:pk>/void/": [
        office("/billing/payments/refunds/{refund}/void/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/payments/proofs/<int:pk>/": [office("/billing/payments/proofs/{proof}/")],
    "billing/payments/proofs/<int:pk>/remove/": [
        office("/billing/payments/proofs/{proof}/remove/", "post", only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/settle/": [
        office("/billing/statements/{issued}/settle/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/statements/<int:pk>/credit/": [
        office("/billing/statements/{issued}/credit/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/settlements/<int:pk>/certificate/": [
        office("/billing/settlements/{settlement}/certificate/", "post", ASKED, only=DRAFTERS),
    ],
    "billing/settlements/<int:pk>/void/": [
        office("/billing/settlements/{settlement}/void/", "post", ASKED, only=REVIEWERS),
    ],
    "billing/credit-notes/<int:pk>/": [office("/billing/credit-notes/{credit_note}/")],
    "billing/credit-notes/<int:pk>/pdf/": [office("/billing/credit-notes/{credit_note}/pdf/")],
    # --- the office: review -------------------------------------------------------------------
    "billing/review/": [office("/billing/review/")],
    "billing/review/<int:pk>/": [office("/billing/review/{submitted}/")],
    "billing/review/<int:pk>/issue/": [
        office("/billing/review/{submitted}/issue/", "post", only=REVIEWERS),
    ],
    "billing/review/<int:pk>/return/": [
        office("/billing/review/{submitted}/return/", "post", ASKED, only=REVIEWERS),
    ],
    # --- the office: numbers ------------------------------------------------------------------
    "billing/sequences/": [office("/billing/sequences/"), office("/billing/sequences/?sequence=CN")],
    "billing/sequences/<int:pk>/<int:year>/csv/": [office("/billing/sequences/{sequence}/2026/csv/")],
    "billing/sequences/<int:pk>/<int:year>/move/": [
        office("/billing/sequences/{sequence}/2026/move/", "post", ASKED, only=("Admin",)),
    ],
    "api/sequences/<pk>/next_number/": [
        Row("get", "/api/sequences/{sequence}/next_number/", 404,
            {"stranger": 401, **dict.fromkeys(OFFICE, DONE)}),
    ],
    # --- the office as JSON -------------------------------------------------------------------
    **api_office_acts(),
    "api/billing/clients/": [
        api_office("/api/billing/clients/"),
        api_office("/api/billing/clients/", "post", only=DRAFTERS, name="Nieuwe klant"),
    ],
    "api/billing/clients/<pk>/": [
        api_office("/api/billing/clients/{client}/"),
        api_office("/api/billing/clients/{client}/", "patch", only=DRAFTERS, tax_number="1"),
    ],
    "api/billing/clients/<pk>/contacts/": [
        api_office("/api/billing/clients/{client}/contacts/"),
        api_office("/api/billing/clients/{client}/contacts/", "post", only=DRAFTERS, name="M. Cruz"),
    ],
    "api/billing/contacts/<pk>/": [
        api_office("/api/billing/contacts/{contact}/"),
        api_office("/api/billing/contacts/{contact}/", "patch", only=DRAFTERS, role="Owner"),
        api_office("/api/billing/contacts/{contact}/", "delete", only=DRAFTERS),
    ],
    "api/billing/payer-groups/": [
        api_office("/api/billing/payer-groups/"),
        api_office("/api/billing/payer-groups/", "post", only=DRAFTERS, name="Sisters"),
    ],
    "api/billing/payer-groups/<pk>/": [
        api_office("/api/billing/payer-groups/{payer_group}/"),
        api_office("/api/billing/payer-groups/{payer_group}/", "patch", only=DRAFTERS, name="Brothers"),
        api_office("/api/billing/payer-groups/{payer_group}/", "delete", only=DRAFTERS),
    ],
    "api/billing/engagements/": [
        api_office("/api/billing/engagements/"),
        api_office("/api/billing/engagements/", "post", only=DRAFTERS, client="{client}", title="Tax",
                   kind="special", starts_on="2026-11-01"),
    ],
    "api/billing/engagements/<pk>/": [
        api_office("/api/billing/engagements/{engagement}/"),
        api_office("/api/billing/engagements/{engagement}/", "patch", only=DRAFTERS, title="Ledgers"),
    ],
    "api/billing/engagements/<pk>/suspend/": [
        api_office("/api/billing/engagements/{engagement}/suspend/", "post", only=DRAFTERS),
    ],
    "api/billing/engagements/<pk>/resume/": [
        api_office("/api/billing/engagements/{engagement}/resume/", "post", 409, only=DRAFTERS),
    ],
    "api/billing/engagements/<pk>/fees/<fee>/": [
        api_office("/api/billing/engagements/{engagement}/fees/{fee_step}/", "delete", only=DRAFTERS),
    ],
    "api/billing/statements/": [
        api_office("/api/billing/statements/"),
        api_office("/api/billing/statements/", "post", only=DRAFTERS, client="{client}",
                   lines=[{"description": "Audit", "unit_price": "10.00"}]),
    ],
    "api/billing/statements/<pk>/": [
        api_office("/api/billing/statements/{issued}/"),
        api_office("/api/billing/statements/{statement}/", "patch", only=DRAFTERS, notes="Thank you"),
        api_office("/api/billing/statements/{statement}/", "delete", only=DRAFTERS),
    ],
    "api/billing/statements/<pk>/pdf/": [api_office("/api/billing/statements/{issued}/pdf/", outcome=409)],
    "api/billing/statements/<pk>/submit/": [
        api_office("/api/billing/statements/{statement}/submit/", "post", only=DRAFTERS),
    ],
    "api/billing/statements/<pk>/issue/": [
        api_office("/api/billing/statements/{submitted}/issue/", "post", only=REVIEWERS),
    ],
    "api/billing/statements/<pk>/reissue/": [
        api_office("/api/billing/statements/{issued}/reissue/", "post", 409, only=REVIEWERS),
    ],
    "api/billing/statements/<pk>/settlements/": [
        api_office("/api/billing/statements/{issued}/settlements/"),
        api_office("/api/billing/statements/{issued}/settlements/", "post", only=DRAFTERS, kind="rounding",
                   amount="0.01"),
    ],
    "api/billing/settlements/<pk>/": [api_office("/api/billing/settlements/{settlement}/")],
    "api/billing/statements/<pk>/credit-notes/": [
        api_office("/api/billing/statements/{issued}/credit-notes/"),
        api_office("/api/billing/statements/{issued}/credit-notes/", "post", only=REVIEWERS, amount="5.00",
                   reason="An hour too many"),
    ],
    "api/billing/credit-notes/<pk>/": [api_office("/api/billing/credit-notes/{credit_note}/")],
    "api/billing/credit-notes/<pk>/pdf/": [
        api_office("/api/billing/credit-notes/{credit_note}/pdf/", outcome=409),
    ],
    "api/billing/payments/": [
        api_office("/api/billing/payments/"),
        api_office("/api/billing/payments/", "post", only=DRAFTERS, client="{client}", amount="10.00",
                   paid_on="2026-11-20"),
    ],
    "api/billing/payments/<pk>/": [
        api_office("/api/billing/payments/{paid}/"),
        api_office("/api/billing/payments/{unposted}/", "patch", only=DRAFTERS, reference="7"),
        api_office("/api/billing/payments/{unposted}/", "delete", only=DRAFTERS),
    ],
    "api/billing/payments/<pk>/post/": [
        api_office("/api/billing/payments/{unposted}/post/", "post", only=DRAFTERS),
    ],
    "api/billing/payments/<pk>/verify/": [
        api_office("/api/billing/payments/{paid}/verify/", "post", only=REVIEWERS),
    ],
    "api/billing/periods/<month>/lock/": [
        api_office("/api/billing/periods/2026-10/lock/", "post", only=("Admin",), reason=""),
    ],
    "api/billing/periods/<month>/unlock/": [
        api_office("/api/billing/periods/2026-09/unlock/", "post", only=("Admin",), reason="A late slip"),
    ],
    "api/billing/periods/<month>/close/": [
        api_office("/api/billing/periods/2026-11/close/", "post", 409, only=("Admin",), reason=""),
    ],
    "api/billing/periods/<month>/reopen/": [
        api_office("/api/billing/periods/2026-08/reopen/", "post", only=("Admin",), reason="A late slip"),
    ],
    "api/billing/periods/<month>/exceptions/": [
        api_office("/api/billing/periods/2026-09/exceptions/", "post", 400, only=("Admin",), user="nobody",
                   until="2026-11-22T00:00:00Z", reason="A late slip"),
    ],
    "api/billing/periods/<month>/exceptions/<pk>/end/": [
        api_office("/api/billing/periods/2026-09/exceptions/{exception}/end/", "post", only=("Admin",)),
    ],
    "api/billing/reports/open/": [api_office("/api/billing/reports/open/")],
    "api/billing/reports/credit/": [api_office("/api/billing/reports/credit/")],
    "api/billing/reports/withholding/": [api_office("/api/billing/reports/withholding/")],
    "api/billing/reports/collections/": [
        api_office("/api/billing/reports/collections/?from=2026-11-01&to=2026-11-30"),
    ],
    "api/billing/periods/": [api_office("/api/billing/periods/")],
    "api/billing/periods/<month>/": [api_office("/api/billing/periods/2026-09/")],
    "api/billing/reports/aging/": [api_office("/api/billing/reports/aging/")],
    "api/billing/reports/ledger/": [
        api_office("/api/billing/reports/ledger/?client={client}&from=2026-01-01&to=2026-12-31"),
    ],
    "api/billing/reports/register/": [api_office("/api/billing/reports/register/?year=2026")],
    "api/billing/reports/coverage/": [api_office("/api/billing/reports/coverage/?month=2026-10")],
    "api/billing/audit/": [api_office("/api/billing/audit/", only=REVIEWERS)],
    # --- the office: reports ------------------------------------------------------------------
    "billing/reports/": [office("/billing/reports/")],
    "billing/reports/<slug:name>/": [
        *(office(f"/billing/reports/{name}/") for name in REPORTS),
        office("/billing/reports/aging/?as_of=2026-12-31&client={client}"),
        office("/billing/reports/open/?as_of=2026-12-31&bucket=1&currency=PHP"),
        office("/billing/reports/ledger/?from=2026-01-01&to=2026-12-31&client={client}"),
        Row("get", "/billing/reports/nothing/", 404, {"stranger": SIGN_IN}),
    ],
    "billing/reports/<slug:name>/csv/": [office(f"/billing/reports/{name}/csv/") for name in REPORTS],
    "billing/reports/<slug:name>/xlsx/": [office(f"/billing/reports/{name}/xlsx/") for name in REPORTS],
    # --- the office: months -------------------------------------------------------------------
    "billing/periods/": [office("/billing/periods/")],
    "billing/periods/<month:month>/": [
        office("/billing/periods/2026-11/"), office("/billing/periods/2026-09/"),
        office("/billing/periods/2026-08/"),
    ],
    "billing/periods/<month:month>/lock/": [
        office("/billing/periods/2026-11/lock/", "post", only=("Admin",)),
    ],
    "billing/periods/<month:month>/unlock/": [
        office("/billing/periods/2026-09/unlock/", "post", ASKED, only=("Admin",)),
    ],
    "billing/periods/<month:month>/close/": [
        office("/billing/periods/2026-09/close/", "post", ASKED, only=("Admin",)),
    ],
    "billing/periods/<month:month>/reopen/": [
        office("/billing/periods/2026-08/reopen/", "post", ASKED, only=("Admin",)),
    ],
    "billing/periods/<month:month>/exceptions/": [
        office("/billing/periods/2026-09/exceptions/", "post", ASKED, only=("Admin",)),
    ],
    "billing/periods/<month:month>/pack/": [
        office("/billing/periods/2026-08/pack/", "post", only=("Admin",)),
    ],
    "billing/periods/packs/<int:pk>/": [office("/billing/periods/packs/{pack}/", only=REVIEWERS)],
    "billing/periods/exceptions/<int:pk>/end/": [
        office("/billing/periods/exceptions/{exception}/end/", "post", only=("Admin",)),
    ],
    # --- the office: audit log ----------------------------------------------------------------
    "billing/audit/": [
        office("/billing/audit/", only=REVIEWERS), office("/billing/audit/?entry=1", only=REVIEWERS),
    ],
    "billing/audit/csv/": [office("/billing/audit/csv/", only=REVIEWERS)],
    "billing/audit/json/": [office("/billing/audit/json/", only=REVIEWERS)],
    # --- administrators -----------------------------------------------------------------------
    "admin/status/": [administrators("/admin/status/")],
    "admin/status/help/": [administrators("/admin/status/help/")],
    "admin/settings/": [
        administrators("/admin/settings/"),
        administrators("/admin/settings/", "post", ASKED, section="mail"),
    ],
    "admin/settings/<slug:name>/clear/": [administrators("/admin/settings/smtp_host/clear/", "post")],
    "admin/jobs/": [administrators("/admin/jobs/")],
    "admin/errors/": [administrators("/admin/errors/")],
    "admin/errors/<int:pk>/resolve/": [administrators("/admin/errors/{error}/resolve/", "post")],
    "admin/backups/": [administrators("/admin/backups/")],
    "admin/backups/create/": [administrators("/admin/backups/create/", "post")],
    "admin/backups/import/": [
        administrators("/admin/backups/import/"), administrators("/admin/backups/import/", "post", ASKED),
    ],
    "admin/backups/mail/": [administrators("/admin/backups/mail/", "post", act="send")],
    "admin/backups/operations/<slug:key>/": [administrators("/admin/backups/operations/{operation}/")],
    "admin/backups/operations/<slug:key>/seen/": [
        administrators("/admin/backups/operations/{operation}/seen/", "post"),
    ],
    "admin/backups/<slug:backup_id>/": [administrators("/admin/backups/{backup}/")],
    "admin/backups/<slug:backup_id>/verify/": [administrators("/admin/backups/{backup}/verify/", "post")],
    "admin/backups/<slug:backup_id>/download/": [administrators("/admin/backups/{backup}/download/", "post")],
    "admin/backups/<slug:backup_id>/restore/": [
        administrators("/admin/backups/{backup}/restore/"),
        administrators("/admin/backups/{backup}/restore/", "post", ASKED),
    ],
    "admin/backups/<slug:backup_id>/delete/": [
        administrators("/admin/backups/{backup}/delete/"),
        administrators("/admin/backups/{backup}/delete/", "post", ASKED),
    ],
    "admin/cleanup/": [administrators("/admin/cleanup/")],
    "admin/cleanup/run/": [administrators("/admin/cleanup/run/", "post")],
    "admin/cleanup/<slug:name>/run/": [administrators("/admin/cleanup/exports/run/", "post")],
    "admin/mail/": [administrators("/admin/mail/")],
    "admin/mail/test/": [administrators("/admin/mail/test/", "post")],
    "admin/mail/<int:pk>/retry/": [administrators("/admin/mail/{message}/retry/", "post")],
    "admin/mail/<int:pk>/give-up/": [administrators("/admin/mail/{message}/give-up/", "post")],
    "admin/": [administrators("/admin/")],
    "admin/login/": [Row("get", "/admin/login/", 403, {"stranger": SIGN_IN, "administrator": DONE})],
    "admin/logout/": [
        Row("get", "/admin/logout/", DONE, {"administrator": 405}), Row("post", "/admin/logout/", DONE),
    ],
    "admin/password_change/": [administrators("/admin/password_change/")],
    "admin/password_change/done/": [administrators("/admin/password_change/done/")],
    "admin/autocomplete/": [administrators("/admin/autocomplete/", outcome=403)],
    "admin/jsi18n/": [administrators("/admin/jsi18n/")],
    "admin/r/<path:content_type_id>/<path:object_id>/": [administrators("/admin/r/0/0/", outcome=404)],
    "admin/accounts/user/": [administrators("/admin/accounts/user/")],
    "admin/accounts/user/add/": [administrators("/admin/accounts/user/add/")],
    "admin/accounts/user/<id>/password/": [administrators("/admin/accounts/user/{owner}/password/")],
    f"{USER}history/": [administrators("/admin/accounts/user/{owner}/history/")],
    f"{USER}delete/": [administrators("/admin/accounts/user/{owner}/delete/")],
    f"{USER}change/": [administrators("/admin/accounts/user/{owner}/change/")],
    USER: [administrators("/admin/accounts/user/{owner}/")],
    "admin/core/auditentry/": [administrators("/admin/core/auditentry/")],
    "admin/core/auditentry/add/": [administrators("/admin/core/auditentry/add/", outcome=403)],
    "admin/core/auditentry/<path:object_id>/history/": [
        administrators("/admin/core/auditentry/{office_entry}/history/"),
    ],
    "admin/core/auditentry/<path:object_id>/delete/": [
        administrators("/admin/core/auditentry/{office_entry}/delete/", outcome=403),
    ],
    "admin/core/auditentry/<path:object_id>/change/": [
        administrators("/admin/core/auditentry/{office_entry}/change/"),
        # A household's own entries are not shown: the admin sends away from what it does not find.
        administrators("/admin/core/auditentry/{household_entry}/change/"),
    ],
    "admin/core/auditentry/<path:object_id>/": [administrators("/admin/core/auditentry/{office_entry}/")],
    **look_up("officeprofile", "1"), **look_up("client", "{client}"), **look_up("engagement", "{engagement}"),
    **look_up("statement", "{statement}"), **look_up("cyclerun", "{run}"),
    **look_up("payment", "{paid}"), **look_up("allocation", "{allocation}"),
    **look_up("settlement", "{settlement}"), **look_up("creditnote", "{credit_note}"),
    **look_up("refund", "{refund}"),
    **look_up("counteradjustment", "{adjustment}"), **look_up("sequence", "{sequence}"),
    "admin/billing/sequence/<int:pk>/move/": [
        administrators("/admin/billing/sequence/{sequence}/move/", outcome=403),
        administrators("/admin/billing/sequence/{sequence}/move/", "post", 403),
    ],
    "admin/^(?P<app_label>accounts|core|billing)/$": [administrators("/admin/accounts/")],
    "admin/(?P<url>.*)$": [administrators("/admin/nothing/", outcome=404)],
}  # fmt: skip


def routes(resolver, prefix: str = "") -> set[str]:
    """Return every route of the address table, in Django's writing."""
    found = set()
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        found |= routes(pattern, route) if hasattr(pattern, "url_patterns") else {route}
    return found


def test_every_address_has_a_row_and_every_row_an_address():
    assert routes(get_resolver()) == set(TABLE)


def names_of(world) -> dict[str, int | str]:
    """Return what stands in the braces of the table's paths."""
    things = {name: getattr(world, name).pk for name in
              ("household", "bill", "category", "payment", "preview", "batch", "token", "error",
               "channel", "message")}  # fmt: skip
    things |= {name: getattr(world.office, name).pk for name in
               ("client", "engagement", "contact", "fee_step", "run", "statement", "adjustment",
                "submitted", "issued", "paid", "unposted", "proof", "refund", "allocation", "settlement",
                "credit_note", "exception", "pack", "account", "payer_group")}  # fmt: skip
    things |= {"sequence": world.office.adjustment.counter.sequence_id}
    things |= {"office_preview": world.office.preview.pk, "office_batch": world.office.batch.pk}
    scopes = {"office_entry": "office", "household_entry": world.household.audit_scope}
    entries = {name: AuditEntry.objects.filter(scope=scope).first().pk for name, scope in scopes.items()}
    kept = {"backup": all_backups()[0].id, "operation": operation_states.known_keys()[0]}
    way_out = {"way_out": unsubscribe_token(world.users["owner"])}
    return (
        things
        | entries
        | kept
        | way_out
        | {"office_user": world.users["office biller"].pk}
        | {"occurrence": world.occurrence_pk, "owner": world.users["owner"].pk}
    )


def filled_in(value, names: dict):
    """Replace ``{bill}`` and its like in a path or in data; in data a number stays a number."""
    if isinstance(value, dict):
        return {key: filled_in(part, names) for key, part in value.items()}
    if isinstance(value, list):
        return [filled_in(part, names) for part in value]
    if match := re.fullmatch(r"\{(\w+)\}", value):
        return names[match[1]]
    return value.format(**names)


def ask(client, row: Row, names: dict):
    path, data = filled_in(row.path, names), filled_in(row.data, names)
    if path.startswith("/api/") and row.method != "get":
        return client.generic(row.method.upper(), path, json.dumps(data), content_type="application/json")
    # A browser's form never comes empty: it carries its proof at least.
    response = getattr(client, row.method)(path, data or ({"sent": "1"} if row.method == "post" else {}))
    if response.streaming:
        b"".join(response.streaming_content)  # until its end it holds the data
    return response


def outcome(client, response) -> str | int:
    """Say what an answer means, in the table's words."""
    if response.status_code == 302 and response.url.startswith("/admin/login/"):
        # The admin's own sign-in sends strangers to ours and refuses everyone else.
        response = client.get(response.url)
    if response.status_code == 302 and "/accounts/login/" in response.url:
        return SIGN_IN
    if response.status_code in (200, 201, 204, 302):
        return DONE
    return ASKED if response.status_code == 422 else response.status_code


@pytest.fixture(autouse=True)
def no_processes(monkeypatch):
    """An act that begins work on backups begins none here."""
    monkeypatch.setattr(operations, "start", lambda kind, actor, /, **arguments: "1a2b3c4d5e6f")


@pytest.fixture(autouse=True)
def a_short_demo(monkeypatch):
    """Who may load demo data is asked of ten roles; how much that is, has tests of its own."""
    monkeypatch.setattr(demo, "SAMPLES", demo.SAMPLES[:2])


ROWS = [row for rows in TABLE.values() for row in rows]
ACTS = sorted(route for route, rows in TABLE.items() if {row.method for row in rows} == {"post"})


def roles_to_ask(row: Row) -> list[str]:
    """Return every role on SQLite; on Postgres the last that is let in and the last that is not."""
    if connection.vendor == "sqlite":
        return list(ROLES)
    by_entry = {row.expected(role) in (DONE, ASKED): role for role in ROLES}
    return list(by_entry.values())


@pytest.fixture(scope="module")
def names(world, django_db_blocker) -> dict[str, int | str]:
    with django_db_blocker.unblock():
        return names_of(world)


@pytest.fixture(scope="module")
def sessions(world, django_db_blocker) -> dict[str, str]:
    """The session of each role that is signed in; it is as new for every address, as all is rolled back."""
    with django_db_blocker.unblock():
        return {role: session_of(user) for role, user in world.users.items() if user}


def session_of(user) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_each_role_gets_what_the_table_says(client, sessions, names, row):
    seen = {}
    for role in roles_to_ask(row):
        with transaction.atomic():
            client.cookies.clear()
            if role in sessions:
                client.cookies[settings.SESSION_COOKIE_NAME] = sessions[role]
            seen[role] = outcome(client, ask(client, row, names))
            transaction.set_rollback(True)
    assert seen == {role: row.expected(role) for role in seen}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("route", ACTS)
def test_an_act_takes_no_get(client, sessions, names, route):
    client.cookies[settings.SESSION_COOKIE_NAME] = sessions["owner"]
    row = TABLE[route][0]
    assert client.get(filled_in(row.path, names)).status_code == 405
