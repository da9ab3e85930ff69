"""Account statements: one client's on a page, as CSV and as PDF, and those of all clients in one zip."""

import datetime as dt

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.account_statements import SpanForm
from billing.models import AccountStatement, Client
from billing.reports.account_statements import COLUMNS, Account, account_of, csv_rows, words_of
from billing.reports.aging import BUCKETS
from billing.reports.ledger import Movement, currencies_of
from billing.reports.office import office_profile
from billing.reports.spans import PAGES
from billing.rules.policy import Permission
from billtracker.core.periods import day_in, today
from billtracker.core.web.exports import csv_response
from billtracker.core.web.pages import paginate, refusing, render_form, say

PAGE = 50
RECENT = 5


def _asked_for(request: OfficeRequest, client: Client) -> tuple[str, dt.date, dt.date, list[str]]:
    """Read currency and span of the address: else the client's own, from the year's first day to today."""
    currencies = currencies_of(client)
    code = request.GET.get("currency", "")
    if code not in currencies:
        code = client.currency if client.currency in currencies else currencies[0]
    now = today(office_profile().time_zone)
    last = day_in(request.GET.get("to", "")) or now
    first = day_in(request.GET.get("from", "")) or last.replace(month=1, day=1)
    return code, min(first, last), last, currencies


def _account_asked_for(request: OfficeRequest, pk: int) -> tuple[Account, list[str]]:
    client = get_object_or_404(Client, pk=pk)
    code, first, last, currencies = _asked_for(request, client)
    return account_of(client, code, first, last), currencies


# --- one client --------------------------------------------------------------------------------
@require_safe
@require_office()
def client_account(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show a client's account: opening balance, movements in date order, closing balance, aging, credit."""
    account, currencies = _account_asked_for(request, pk)
    page = paginate(request, account.ledger.entries, PAGE)
    context = {
        "account": account,
        "client": account.client,
        "currencies": currencies,
        "page": page,
        "rows": [(entry, words_of(entry.movement), _address_of(entry.movement)) for entry in page],
        "buckets": list(zip(BUCKETS, account.aging.buckets, strict=True)),
        "made": account.client.account_statements.select_related("client")[:RECENT],
        "may_make": Permission.DRAFT in request.permissions,
        "time_zone": office_profile().time_zone,
    }
    return render(request, "billing/account.html", context)


def _address_of(movement: Movement) -> str:
    """Return the page of what is behind a movement, if it has one."""
    name = PAGES.get(movement.kind.removesuffix("_void"))
    return reverse(name, args=[movement.pk]) if name else ""


@require_safe
@require_office()
def client_account_csv(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the same rows as a file, all pages of them."""
    account, _currencies = _account_asked_for(request, pk)
    name = f"account-{slugify(account.client.name) or pk}-{account.first_day}-{account.last_day}.csv"
    return csv_response(name, COLUMNS, csv_rows(account))


@require_POST
@require_office(Permission.DRAFT)
def client_account_make(request: OfficeRequest, pk: int) -> HttpResponse:
    """Have the worker make the PDF of what the page shows."""
    client = get_object_or_404(Client, pk=pk)
    code, first, last, _currencies = _asked_for(request, client)
    with refusing(request):
        row = services.request_account(
            actor=request.user, client=client, currency=code, first_day=first, last_day=last
        )
        return redirect("billing:account_made", row.pk)
    return redirect("billing:client_account", pk)


# --- those that were made ----------------------------------------------------------------------
@require_safe
@require_office()
def account_list(request: OfficeRequest) -> HttpResponse:
    """List the account statements that were made, and offer those of all clients at once."""
    day = today(office_profile().time_zone)
    first = day.replace(day=1)
    return _show_list(request, SpanForm(initial={"first_day": first, "last_day": day}))


def _show_list(request: OfficeRequest, form: SpanForm) -> HttpResponse:
    rows = AccountStatement.objects.filter(batch=None).select_related("client", "requested_by")
    context = {
        "page": paginate(request, rows, PAGE),
        "may_make": Permission.DRAFT in request.permissions, "time_zone": office_profile().time_zone,
    }  # fmt: skip
    return render_form(request, "billing/account_list.html", form, context)


@require_POST
@require_office(Permission.DRAFT)
def accounts_make(request: OfficeRequest) -> HttpResponse:
    """Have the worker make the accounts of all clients that owe or have credit."""
    form = SpanForm(request.POST)
    if not form.is_valid():
        return _show_list(request, form)
    with refusing(request):
        row = services.request_accounts(actor=request.user, **form.cleaned_data)
        say(request, _("The worker makes them; you can leave this page."))
        return redirect("billing:account_made", row.pk)
    return redirect("billing:account_list")


@require_safe
@require_office()
def account_made(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one: how far it is, or its file."""
    row = get_object_or_404(AccountStatement.objects.select_related("client", "requested_by"), pk=pk)
    if request.headers.get("HX-Request") and row.state != AccountStatement.State.WAITING:
        return HttpResponse(headers={"HX-Refresh": "true"})  # the page that waited is over
    parts = row.parts.order_by()
    context = {
        "row": row,
        "part_count": parts.count(),
        "done_count": parts.exclude(state=AccountStatement.State.WAITING).count(),
        "time_zone": office_profile().time_zone,
    }
    return render(request, "billing/account_made.html", context)


@require_safe
@require_office()
def account_file(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give the stored bytes."""
    row = get_object_or_404(AccountStatement.objects.select_related("client"), pk=pk)
    if row.state != AccountStatement.State.DONE:
        raise Http404
    with refusing(request):
        content = services.read_account(row)
        kind = row.path.rpartition(".")[2]
        response = HttpResponse(content, content_type=f"application/{kind}")
        name = f"account-{slugify(str(row.client or 'all clients'))}-{row.first_day}-{row.last_day}.{kind}"
        response.headers["Content-Disposition"] = (
            content_disposition_header(kind == "zip", name) or "attachment"
        )
        response.headers["Cache-Control"] = "private, no-store"
        return response
    return redirect("billing:account_made", pk)
