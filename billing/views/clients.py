"""Clients: the list, the page of one, its form, its logo and its contacts."""

import datetime as dt

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.access import OfficeRequest, require_office
from billing.forms.clients import ClientForm, ContactForm
from billing.models import Client, Contact
from billing.reports.aging import aging
from billing.reports.clients import SHOWN, ClientFilters, client_groups, clients_shown, engagement_rows
from billing.reports.office import office_profile
from billing.reports.payments import last_payments
from billing.reports.statement_money import state_of
from billing.rules.policy import Permission
from billing.services import remove_row, save_client, save_row
from billing.views.pictures import picture
from billtracker.core.periods import today
from billtracker.core.web.exports import Row, csv_response
from billtracker.core.web.pages import get_or_post, paginate, query_texts, refusing, render_form, say

PAGE = 50
LAST = 5  # payments on a client's page
COLUMNS = (
    "client", "tin", "address", "group", "tags", "terms days", "currency", "active", "billing email",
    "engagements",
)  # fmt: skip


def _filters_of(request: OfficeRequest) -> ClientFilters:
    asked = query_texts(request)
    return ClientFilters(
        query=asked.get("q", "")[:100].strip(),
        group=asked.get("group", "")[:80],
        show=asked["show"] if asked.get("show") in SHOWN else "active",
    )


@require_safe
@require_office()
def client_list(request: OfficeRequest) -> HttpResponse:
    """List the clients; search, group and activity are in the address."""
    filters = _filters_of(request)
    page = paginate(request, clients_shown(filters), PAGE)
    context = {
        "page": page,
        "filters": filters,
        "groups": client_groups(),
        "is_narrowed": filters != ClientFilters(),
        "may_edit": Permission.EDIT_CLIENTS in request.permissions,
    }
    return render(request, "billing/client_list.html", context)


@require_safe
@require_office()
def client_csv(request: OfficeRequest) -> HttpResponse:
    """Give the listed clients as a table, all pages of them."""
    clients = clients_shown(_filters_of(request)).prefetch_related("contacts")
    return csv_response("clients.csv", COLUMNS, (_csv_row(client) for client in clients))


def _csv_row(client) -> Row:
    recipients = [contact.email for contact in client.contacts.all() if contact.is_billing_recipient]
    return {
        "client": client.name, "tin": client.tax_number, "address": client.address, "group": client.group,
        "tags": ", ".join(client.tags), "terms days": client.terms_days, "currency": client.currency,
        "active": "yes" if client.is_active else "no", "billing email": ", ".join(recipients),
        "engagements": client.active_count,
    }  # fmt: skip


@require_safe
@require_office()
def client_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one client: who it is, its contacts, engagements and statements."""
    client = get_object_or_404(Client.objects.select_related("payer_group"), pk=pk)
    office = office_profile()
    now = today(office.time_zone)
    context = {
        "client": client,
        "office": office,
        "contacts": client.contacts.all(),
        "rows": engagement_rows(client, now),
        "page": _statements_of(request, client, now),
        "balances": aging(now, client_id=client.pk),
        "payments": last_payments(client, LAST),
        "may_record": Permission.RECORD_PAYMENTS in request.permissions,
        "may_edit": Permission.EDIT_CLIENTS in request.permissions,
        "may_audit": Permission.READ_AUDIT in request.permissions,
        "may_draft": Permission.DRAFT in request.permissions and client.is_active,
    }
    return render(request, "billing/client_detail.html", context)


def _statements_of(request: OfficeRequest, client: Client, now: dt.date):
    """Return a page of the client's statements, each with its ``derived_state`` of the day."""
    found = client.statements.select_related("engagement").defer("snapshot")
    page = paginate(request, found.with_balance(now).with_cash(now), PAGE)
    for statement in page:
        statement.derived_state = state_of(statement, now)
    return page


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def client_create(request: OfficeRequest) -> HttpResponse:
    """Add a client."""
    return _edit(request, Client(currency=office_profile().currency))


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def client_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a client; documents already issued stay as they are."""
    return _edit(request, get_object_or_404(Client, pk=pk))


def _edit(request: OfficeRequest, client: Client) -> HttpResponse:
    is_new = client.pk is None
    form = ClientForm(request.POST or None, request.FILES or None, instance=client)
    if request.method == "POST" and form.is_valid():
        with form.catch_refusal():
            save_client(actor=request.user, client=form.build())
            say(request, _("%(client)s is saved.") % {"client": client})
            return redirect("billing:client_detail", client.pk)
    context = {"is_new": is_new, "name": form.initial.get("name", "")}
    return render_form(request, "billing/client_form.html", form, context)


@require_safe
@require_office()
def client_logo(request: OfficeRequest, pk: int) -> FileResponse:
    """Show the client's logo."""
    return picture(get_object_or_404(Client, pk=pk).logo.name)


# --- contacts ----------------------------------------------------------------------------------
@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def contact_create(request: OfficeRequest, pk: int) -> HttpResponse:
    """Add a person at the client."""
    return _edit_contact(request, Contact(client=get_object_or_404(Client, pk=pk)))


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def contact_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a person at the client."""
    return _edit_contact(request, get_object_or_404(Contact.objects.select_related("client"), pk=pk))


def _edit_contact(request: OfficeRequest, contact: Contact) -> HttpResponse:
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        save_row(actor=request.user, row=form.save(commit=False))
        say(request, _("%(contact)s is saved.") % {"contact": contact})
        return redirect("billing:client_detail", contact.client_id)
    return render_form(request, "billing/contact_form.html", form, {"contact": contact})


@require_POST
@require_office(Permission.EDIT_CLIENTS)
def contact_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Remove a person; documents already issued still name them."""
    contact = get_object_or_404(Contact, pk=pk)
    with refusing(request):
        remove_row(actor=request.user, row=contact)
        say(request, _("%(contact)s is removed.") % {"contact": contact})
    return redirect("billing:client_detail", contact.client_id)
