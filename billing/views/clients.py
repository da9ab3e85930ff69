"""Clients: the list, the page of one, its form, its logo and its contacts."""

import datetime as dt

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from billing.access import office_door
from billing.client_forms import ClientForm, ContactForm
from billing.models import Client, Contact
from billing.policy import Act
from billing.reports.aging import aging
from billing.reports.balances import with_balance, with_cash
from billing.reports.clients import SHOWN, ClientFilters, client_groups, clients_shown, engagement_rows
from billing.reports.office import office_profile
from billing.reports.payments import last_payments
from billing.reports.statement_money import state_of
from billing.services import remove_row, save_client, save_row
from billing.views.pictures import picture
from billtracker.core.doors import refusing, say
from billtracker.core.exceptions import DomainError
from billtracker.core.exports import csv_response
from billtracker.core.periods import today

PAGE = 50
LAST = 5  # payments on a client's page
COLUMNS = (
    "client", "tin", "address", "group", "tags", "terms days", "currency", "active", "billing email",
    "engagements",
)  # fmt: skip
asking = require_http_methods(["GET", "HEAD", "POST"])


def filters_of(request: HttpRequest) -> ClientFilters:
    # Postgres stores no NUL and asks for none.
    asked = {name: value.replace("\x00", "") for name, value in request.GET.items()}
    return ClientFilters(
        query=asked.get("q", "")[:100].strip(),
        group=asked.get("group", "")[:80],
        show=asked["show"] if asked.get("show") in SHOWN else "active",
    )


@require_safe
@office_door()
def client_list(request: HttpRequest) -> HttpResponse:
    """List the clients; search, group and activity are in the address."""
    filters = filters_of(request)
    page = Paginator(clients_shown(filters), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "groups": client_groups(),
        "is_narrowed": filters != ClientFilters(),
        "may_edit": Act.EDIT_CLIENTS in request.acts,
    }
    return render(request, "billing/client_list.html", context)


@require_safe
@office_door()
def client_csv(request: HttpRequest) -> HttpResponse:
    """Give the listed clients as a table, all pages of them."""
    clients = clients_shown(filters_of(request)).prefetch_related("contacts")
    return csv_response("clients.csv", COLUMNS, (csv_row(client) for client in clients))


def csv_row(client) -> tuple:
    recipients = [contact.email for contact in client.contacts.all() if contact.is_billing_recipient]
    return (
        client.name, client.tax_number, client.address, client.group, ", ".join(client.tags),
        client.terms_days, client.currency, "yes" if client.is_active else "no", ", ".join(recipients),
        client.active_count,
    )  # fmt: skip


@require_safe
@office_door()
def client_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one client: who it is, its contacts, engagements and statements."""
    client, office = get_object_or_404(Client, pk=pk), office_profile()
    now = today(office.time_zone)
    context = {
        "client": client,
        "office": office,
        "contacts": client.contacts.all(),
        "rows": engagement_rows(client, now),
        "page": statements_of(request, client, now),
        "balances": aging(now, client_id=client.pk),
        "payments": last_payments(client, LAST),
        "may_record": Act.RECORD_PAYMENTS in request.acts,
        "may_edit": Act.EDIT_CLIENTS in request.acts,
        "may_audit": Act.READ_AUDIT in request.acts,
        "may_draft": Act.DRAFT in request.acts and client.is_active,
    }
    return render(request, "billing/client_detail.html", context)


def statements_of(request: HttpRequest, client: Client, now: dt.date):
    """Return a page of the client's statements, each with its ``derived_state`` of the day."""
    found = client.statements.select_related("engagement").defer("snapshot")
    page = Paginator(with_cash(with_balance(found)), PAGE).get_page(request.GET.get("page"))
    for statement in page:
        statement.derived_state = state_of(statement, now)
    return page


@asking
@office_door(Act.EDIT_CLIENTS)
def client_create(request: HttpRequest) -> HttpResponse:
    """Add a client."""
    return edit(request, Client(currency=office_profile().currency))


@asking
@office_door(Act.EDIT_CLIENTS)
def client_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a client; documents already issued stay as they are."""
    return edit(request, get_object_or_404(Client, pk=pk))


def edit(request: HttpRequest, client: Client) -> HttpResponse:
    is_new = client.pk is None
    form = ClientForm(request.POST or None, request.FILES or None, instance=client)
    if request.method == "POST" and form.is_valid():
        try:
            save_client(actor=request.user, client=form.filled())
        except DomainError as error:
            form.add_refusal(error)
        else:
            say(request, _("%(client)s is saved.") % {"client": client})
            return redirect("client_detail", client.pk)
    context = {"form": form, "is_new": is_new, "name": form.initial.get("name", "")}
    return render(request, "billing/client_form.html", context, status=422 if form.is_bound else 200)


@require_safe
@office_door()
def client_logo(request: HttpRequest, pk: int) -> FileResponse:
    """Show the client's logo."""
    return picture(get_object_or_404(Client, pk=pk).logo.name)


# --- contacts ----------------------------------------------------------------------------------
@asking
@office_door(Act.EDIT_CLIENTS)
def contact_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a person at the client."""
    return edit_contact(request, Contact(client=get_object_or_404(Client, pk=pk)))


@asking
@office_door(Act.EDIT_CLIENTS)
def contact_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a person at the client."""
    return edit_contact(request, get_object_or_404(Contact.objects.select_related("client"), pk=pk))


def edit_contact(request: HttpRequest, contact: Contact) -> HttpResponse:
    form = ContactForm(request.POST or None, instance=contact)
    if request.method == "POST" and form.is_valid():
        save_row(actor=request.user, row=form.save(commit=False))
        say(request, _("%(contact)s is saved.") % {"contact": contact})
        return redirect("client_detail", contact.client_id)
    context = {"form": form, "contact": contact}
    return render(request, "billing/contact_form.html", context, status=422 if form.is_bound else 200)


@require_POST
@office_door(Act.EDIT_CLIENTS)
def contact_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a person; documents already issued still name them."""
    contact = get_object_or_404(Contact, pk=pk)
    with refusing(request):
        remove_row(actor=request.user, row=contact)
        say(request, _("%(contact)s is removed.") % {"contact": contact})
    return redirect("client_detail", contact.client_id)
