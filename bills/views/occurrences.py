"""The page of one occurrence and what can be done to it."""

import datetime as dt
import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bills import services
from bills.access import occurrence_or_404
from bills.forms.occurrences import BillPaymentForm, NoteForm, OtherAmountForm, SnoozeForm
from bills.models import Occurrence, Payment
from bills.reminders.log import latest_entries, lead_words
from bills.reports.rows import row_of
from bills.rules.states import OccurrenceState
from billtracker.accounts.access.households import household_required
from billtracker.accounts.access.requests import HouseholdRequest
from billtracker.core.money import to_display
from billtracker.core.web.pages import back_to, refusing, say


def _url_of(occurrence: Occurrence, name: str = "bills:occurrence") -> str:
    """Return the address of an occurrence's page, or of one of its actions."""
    return reverse(name, args=[occurrence.bill_id, occurrence.scheduled_date])


@require_safe
@household_required
def occurrence(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Show one due date: its state, its payments, and every act."""
    return _page(request, occurrence_or_404(request, pk, day))


def _page(request: HouseholdRequest, occurrence: Occurrence, status: int = 200, **bound) -> HttpResponse:
    """Render the occurrence's page; ``bound`` replaces a fresh form by the one that was sent."""
    household = occurrence.bill.household
    row = row_of(occurrence, household, household.today)
    payments = Payment.objects.live().filter(splits__occurrence=occurrence.pk).distinct()
    context = {"row": row, "payments": payments.prefetch_related("splits"), **_fresh_forms(row), **bound}
    context["reminders"] = latest_entries(occurrence.bill, request.user, occurrence.scheduled_date)
    context["reminder_days"] = lead_words(occurrence.bill)
    return render(request, "bills/occurrence.html", context, status=status)


def _fresh_forms(row) -> dict:
    occurrence = row.occurrence
    # Where nothing is left, only autopay's assumption is worth proposing.
    proposed = row.left or (row.owed if row.standing.state == OccurrenceState.ASSUMED_PAID else None)
    initial = {"amount": proposed, "paid_on": row.today, "key": uuid.uuid4().hex}
    return {
        "payment_form": BillPaymentForm(occurrence=occurrence, initial=initial),
        "amount_form": OtherAmountForm(
            occurrence=occurrence, initial={"amount": occurrence.override_amount}, prefix="other"
        ),
        "note_form": NoteForm(occurrence=occurrence, initial={"note": occurrence.note}, prefix="about"),
        "snooze_form": SnoozeForm(occurrence=occurrence, initial={"snoozed_until": occurrence.snoozed_until}),
    }


@require_POST
@household_required
def pay(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Record a payment of the amount, date and method given."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    form = BillPaymentForm(request.POST, occurrence=occurrence)
    if form.is_valid():
        data = form.cleaned_data
        with form.catch_refusal():
            payment = services.record_payment(
                actor=request.user,
                household=occurrence.bill.household,
                currency=occurrence.currency,
                splits=[(occurrence, data["amount"])],
                paid_on=data["paid_on"],
                method=data["method"],
                note=data["note"],
                idempotency_key=data["key"],
            )
            _say_paid(request, occurrence, [payment])
            return back_to(request, _url_of(occurrence))
    return _page(request, occurrence, status=422, payment_form=form)


@require_POST
@household_required
def pay_full(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Pay what is left, today: the tracker's one-key payment."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    household = occurrence.bill.household
    with refusing(request):
        payments = services.pay_in_full(
            actor=request.user,
            household=household,
            occurrences=[occurrence],
            paid_on=household.today,
            idempotency_key=request.POST.get("key", "")[:60] or None,
        )
        _say_paid(request, occurrence, payments)
    return back_to(request, _url_of(occurrence))


@require_POST
@household_required
def confirm(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Turn "assumed paid" into a payment."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    with refusing(request):
        household = occurrence.bill.household
        payments = services.confirm_autopay(actor=request.user, household=household, occurrence=occurrence)
        _say_paid(request, occurrence, payments)
    return back_to(request, _url_of(occurrence))


def _say_paid(request: HouseholdRequest, occurrence: Occurrence, payments: list[Payment]) -> None:
    """Say what was paid, with its undo."""
    if not payments:
        say(request, _("Nothing was left to pay on %(bill)s.") % {"bill": occurrence.bill})
        return
    amount = to_display(sum(p.amount for p in payments), occurrence.currency)
    undo = reverse("bills:payments_undo", query={"ids": ",".join(str(p.pk) for p in payments)})
    say(request, _("Paid %(amount)s for %(bill)s.") % {"amount": amount, "bill": occurrence.bill}, undo=undo)


@require_POST
@household_required
def skip(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Do not pay it this time."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    with refusing(request):
        services.skip_occurrence(actor=request.user, occurrence=occurrence)
        undo = _url_of(occurrence, "bills:occurrence_unskip")
        say(request, _("Skipped %(bill)s.") % {"bill": occurrence.bill}, undo=undo)
    return back_to(request, _url_of(occurrence))


@require_POST
@household_required
def unskip(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Take the skip back."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    with refusing(request):
        services.unskip_occurrence(actor=request.user, occurrence=occurrence)
        say(request, _("%(bill)s is to be paid again.") % {"bill": occurrence.bill})
    return back_to(request, _url_of(occurrence))


@require_POST
@household_required
def snooze(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Keep it off the overdue list until a day; an empty day ends the snooze."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    form = SnoozeForm(request.POST, occurrence=occurrence)
    if not form.is_valid():
        return _page(request, occurrence, status=422, snooze_form=form)
    with refusing(request):
        services.snooze_occurrence(
            actor=request.user,
            occurrence=occurrence,
            until=form.cleaned_data["snoozed_until"],
            today=occurrence.bill.household.today,
        )
        undo = _url_of(occurrence, "bills:occurrence_snooze") if form.cleaned_data["snoozed_until"] else ""
        say(request, _("Snoozed.") if undo else _("No longer snoozed."), undo=undo)
    return back_to(request, _url_of(occurrence))


@require_POST
@household_required
def note(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Write the note of this occurrence."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    form = NoteForm(request.POST, occurrence=occurrence, prefix="about")
    if not form.is_valid():
        return _page(request, occurrence, status=422, note_form=form)
    with refusing(request):
        services.set_note(actor=request.user, occurrence=occurrence, note=form.cleaned_data["note"])
        say(request, _("The note is saved."))
    return back_to(request, _url_of(occurrence))


@require_POST
@household_required
def other_amount(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Set what is owed this time only."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    form = OtherAmountForm(request.POST, occurrence=occurrence, prefix="other")
    if form.is_valid():
        with form.catch_refusal("amount"):
            amount = form.cleaned_data["amount"]
            services.set_other_amount(actor=request.user, occurrence=occurrence, amount=amount)
            say(request, _("The amount is saved for this time."))
            return back_to(request, _url_of(occurrence))
    return _page(request, occurrence, status=422, amount_form=form)


@require_POST
@household_required
def autopay_failed(request: HouseholdRequest, pk: int, day: dt.date) -> HttpResponse:
    """Record that autopay did not pay; ``undo`` in the form takes it back."""
    occurrence = occurrence_or_404(request, pk, day, to_edit=True)
    has_failed = "undo" not in request.GET
    with refusing(request):
        services.report_autopay_failure(actor=request.user, occurrence=occurrence, has_failed=has_failed)
        undo = _url_of(occurrence, "bills:occurrence_autopay_failed") + "?undo=1" if has_failed else ""
        say(request, _("It counts as unpaid.") if has_failed else _("It is assumed paid again."), undo=undo)
    return back_to(request, _url_of(occurrence))
