"""Payments: the list, the page of one, its form."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.payments import (
    AllocateForm,
    PaymentForm,
    ProofForm,
    RefundForm,
    UnapplyForm,
    VoidPaymentForm,
    VoidRecordForm,
)
from billing.forms.statements import number_of
from billing.models import Client, Payment
from billing.reports import payments as reports
from billing.reports.balances import version_of
from billing.reports.clients import ClientFilters, clients_shown
from billing.reports.office import office_profile, office_today
from billing.reports.payments import PaymentFilters
from billing.reports.retainer_cycle import parse_month
from billing.reports.review import contributors_of
from billing.rules.policy import Permission
from billing.services.receipts import MOST_PROOFS, OPEN
from billtracker.core.exceptions import DomainError
from billtracker.core.money import ZERO, to_display
from billtracker.core.periods import Month
from billtracker.core.web.exports import csv_response
from billtracker.core.web.pages import get_or_post, paginate, query_texts, refusing, render_form, say

PAGE = 50
CLIENTS = 20
State = Payment.State


# --- the list ----------------------------------------------------------------------------------
def _filters_of(request: OfficeRequest) -> PaymentFilters:
    """Read the filters of the address; what is none of them is left out."""
    asked = query_texts(request)
    state, method = asked.get("state"), asked.get("method")
    return PaymentFilters(
        query=asked.get("q", "")[:100],
        state=state if state in {*State.values, reports.WITH_CREDIT} else "",
        method=method if method in Payment.Method.values else "",
        client=number_of(asked.get("client", ""), 18),
        month=_month_of(asked.get("month", "")),
    )


def _month_of(text: str) -> Month | None:
    try:
        return parse_month(text)
    except DomainError:
        return None


@require_safe
@require_office()
def payment_list(request: OfficeRequest) -> HttpResponse:
    """List the payments; what is asked for stands in the address."""
    filters = _filters_of(request)
    found = reports.payments_shown(filters)
    context = {
        "page": paginate(request, found, PAGE),
        "totals": reports.totals_of(found),
        "waiting": reports.waiting_counts(),
        "filters": filters,
        "client": Client.objects.filter(pk=filters.client).first() if filters.client else None,
        "states": [*State.choices, (reports.WITH_CREDIT, _("With credit left"))],
        "methods": Payment.Method.choices,
        "is_narrowed": filters != PaymentFilters(),
        "may_record": Permission.RECORD_PAYMENTS in request.permissions,
    }
    return render(request, "billing/payment_list.html", context)


@require_safe
@require_office()
def payment_csv(request: OfficeRequest) -> HttpResponse:
    """Give the listed payments as a table, all pages of them."""
    found = reports.payments_shown(_filters_of(request))
    rows = found.select_related("client", "recorded_by", "posted_by", "verified_by")
    return csv_response("payments.csv", reports.COLUMNS, map(reports.payment_row, rows))


# --- one payment -------------------------------------------------------------------------------
def payment_or_404(pk: int) -> Payment:
    rows = Payment.objects.select_related("client", "recorded_by", "posted_by", "verified_by", "voided_by")
    return get_object_or_404(rows.with_credit(office_today()).with_available().with_largest(), pk=pk)


@require_safe
@require_office()
def payment_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one payment: its facts and proofs, what it is applied to, what is left."""
    return show(request, payment_or_404(pk))


def show(request: OfficeRequest, payment: Payment, *, refused_row: int = 0, **forms) -> HttpResponse:
    """Show the page; a form that was refused takes the place of the empty one.

    ``refused_row`` is the key of the applied amount or refund whose form it is.
    """
    context = {
        "payment": payment,
        "warning": reports.warning_of(payment),
        "proofs": payment.proofs.select_related("added_by"),
        "history": list(reports.history_of(payment)) if Permission.READ_AUDIT in request.permissions else [],
        "time_zone": office_profile().time_zone,
        "version": version_of(payment),
        "most_proofs": MOST_PROOFS,
        **_rows_of(payment, refused_row, forms),
        **_rights_of(request, payment),
        **_blank_forms(request, payment),
        **forms,
    }
    return render(request, "billing/payment_detail.html", context, status=422 if forms else 200)


def _rows_of(payment: Payment, refused_row: int, forms: dict) -> dict:
    """Return what was applied and refunded, each row with its own form: the refused one, or an empty one."""

    def with_forms(rows, name: str, blank: type, prefix: str) -> list[tuple]:
        refused = {refused_row: forms[name]} if name in forms else {}
        return [(row, refused.get(row.pk) or blank(prefix=f"{prefix}-{row.pk}")) for row in rows]

    refunds = payment.refunds.select_related("recorded_by")
    return {
        "rows": with_forms(reports.applied_rows(payment), "unapply_form", UnapplyForm, "unapply"),
        "refunds": with_forms(refunds, "void_refund_form", VoidRecordForm, "void-refund"),
    }


def _rights_of(request: OfficeRequest, payment: Payment) -> dict:
    """Return what the person may do with this payment, for the page's buttons."""
    may_record, may_verify = (
        Permission.RECORD_PAYMENTS in request.permissions,
        Permission.VERIFY_PAYMENTS in request.permissions,
    )
    return {
        "may_record": may_record,
        "may_verify": may_verify,
        "had_hand": payment.state == State.POSTED
        and request.user.pk in contributors_of([payment])[payment.pk],
        "may_unapply": may_verify if payment.state == State.VERIFIED else may_record and payment.is_live,
        "may_attach": may_record and payment.state in OPEN,
    }


def _blank_forms(request: OfficeRequest, payment: Payment) -> dict:
    forms = {
        "proof_form": ProofForm(prefix="proof"),
        "void_form": VoidPaymentForm(number=payment.manual_number, prefix="void"),
        "refund_form": RefundForm(currency=payment.currency, prefix="refund"),
    }
    if Permission.RECORD_PAYMENTS in request.permissions and _has_credit(payment):
        forms["allocate_form"] = apply_form(request, payment)
    return forms


def _has_credit(payment: Payment) -> bool:
    return payment.is_live and payment.available > ZERO


def apply_form(request: OfficeRequest, payment: Payment, data=None) -> AllocateForm:
    """Return the form with the open statements; ``?suggest=oldest`` fills it in and applies nothing."""
    owed = reports.open_for(payment)
    is_asked = data is None and request.GET.get("suggest") == "oldest"
    parts = reports.suggest_allocation(payment.available, owed) if is_asked else {}
    return AllocateForm(data, statements=owed, parts=parts, prefix="apply")


# --- recorded ----------------------------------------------------------------------------------
@get_or_post
@require_office(Permission.RECORD_PAYMENTS)
def payment_create(request: OfficeRequest) -> HttpResponse:
    """Search the client, then record its payment."""
    client = Client.objects.filter(pk=number_of(request.GET.get("client", ""), 18) or 0).first()
    if client is None:
        return _search_client(request, status=422 if "client" in request.GET else 200)
    return _edit(request, Payment(client=client, currency=client.currency, paid_on=office_today()))


def _search_client(request: OfficeRequest, status: int) -> HttpResponse:
    """Show the clients that fit the words, a few on a page; inactive ones may still pay."""
    query = query_texts(request).get("q", "")[:100]
    found = clients_shown(ClientFilters(query=query, show="all"))
    context = {"page": paginate(request, found, CLIENTS), "query": query}
    return render(request, "billing/payment_client.html", context, status=status)


@get_or_post
@require_office(Permission.RECORD_PAYMENTS)
def payment_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    draft = payment_or_404(pk)
    if draft.state != State.DRAFT:
        with refusing(request):
            raise DomainError(_("Only a draft can be edited."))
        return redirect("billing:payment_detail", pk)
    return _edit(request, draft)


def _edit(request: OfficeRequest, payment: Payment) -> HttpResponse:
    """Record it, or record and post it, by the button; an unusual amount is saved and shown again first."""
    key, name = payment.pk, str(payment)
    form = PaymentForm(request.POST if request.method == "POST" else None, payment=payment)
    if form.is_bound and form.is_valid():
        filled = form.fill(payment)
        # One that looks like a slip is kept as a draft; its page asks before it is posted.
        is_posted = "post" in request.POST and not reports.warning_before(filled)
        save = services.record_and_post_payment if is_posted else services.save_payment
        with form.catch_refusal():
            saved = save(actor=request.user, payment=filled)
            say(request, _saved_words(saved))
            return redirect("billing:payment_detail", saved.pk)
    context = {"client": payment.client, "key": key, "name": name}
    return render_form(request, "billing/payment_form.html", form, context)


def _saved_words(payment: Payment) -> str:
    facts = {"amount": to_display(payment.amount, payment.currency), "client": payment.client}
    if payment.state == State.DRAFT:
        return _("A draft of %(amount)s from %(client)s is saved; it counts once it is posted.") % facts
    return _("%(amount)s from %(client)s is posted.") % facts
