"""Months of the books: what each holds, what stands in the way of closing it, and who may pass a lock."""

from decimal import Decimal
from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.periods import CloseForm, GrantForm, ReasonForm, ReopenForm
from billing.models import ClosePack, Period, PeriodException
from billing.reports import periods as reports
from billing.reports.control_totals import COUNTS, NAMES, control_totals, differences
from billing.reports.months import closed_before
from billing.reports.office import office_profile
from billing.rules import policy
from billing.rules.policy import Permission
from billtracker.accounts.models import User
from billtracker.core.periods import Month, today
from billtracker.core.templatetags.billtracker import month_name
from billtracker.core.web.pages import paginate, refusing, say

PAGE = 50
PACKS = 5
# The reports that show the rows behind a total.
BEHIND = {
    "issued": "register", "received": "collections", "payments_voided": "collections",
    "outstanding": "open", "credit": "credit",
}  # fmt: skip
State = Period.State
WORKERS = sorted(policy.ALLOWED[Permission.DRAFT])


@require_safe
@require_office()
def period_list(request: OfficeRequest) -> HttpResponse:
    """Show the months, the newest first, and which one is closed next."""
    office = office_profile()
    day = today(office.time_zone)
    page = paginate(request, reports.months_shown(day), PAGE)
    context = {"page_obj": page, "next_month": reports.next_to_close(day), "time_zone": office.time_zone}
    return render(request, "billing/period_list.html", context)


@require_safe
@require_office()
def period_detail(request: OfficeRequest, month: Month) -> HttpResponse:
    """Show a month: its totals, its checklist, its exceptions, and what can be done with it."""
    return _show(request, month)


def _show(request: OfficeRequest, month: Month, **forms) -> HttpResponse:
    """Show the page; a form that was refused takes the place of the empty one."""
    time_zone, row = office_profile().time_zone, reports.month_row(month)
    day, is_closed = today(time_zone), row.state == State.CLOSED
    points = [] if is_closed else reports.checklist(month, day)
    context = {
        "month": month,
        "row": row,
        "points": points,
        "is_over": month.span.end <= day,
        "are_blocked": bool(reports.blocking(points)),
        "first": None if is_closed else _earlier(month),
        "time_zone": time_zone,
        "may_administer": Permission.ADMINISTER in request.permissions,
        "may_download": Permission.READ_AUDIT in request.permissions,
        **_related_rows(row.period),
        **_totals_of(month, row.period),
        **_empty_forms(month, points, time_zone),
    }
    return render(request, "billing/period_detail.html", context | forms, status=422 if forms else 200)


def _related_rows(period: Period | None) -> dict:
    """Return what hangs on the month's row: exceptions and packs."""
    if period is None:
        return {"exceptions": [], "packs": []}
    exceptions = period.exceptions.select_related("user", "granted_by")
    return {"exceptions": exceptions, "packs": period.packs.all()[:PACKS]}


def _totals_of(month: Month, period: Period | None) -> dict:
    """Return the month's totals, and what differs from those that were kept at the close."""
    totals, closing = control_totals(month), period.closing if period else None
    return {
        "closing": closing,
        "differences": differences(closing, totals) if closing else [],
        "amounts": _amount_rows(totals, month),
        "currencies": list(totals["currencies"]),
        "counts": [(COUNTS[name], count) for name, count in totals["counts"].items()],
        "last_numbers": totals["last_numbers"],
    }


def _earlier(month: Month) -> Month | None:
    """Return the month that has to be closed before this one, None when none does."""
    first = reports.first_activity(closed_before())
    return first if first and first < month else None


def _amount_rows(totals: dict, month: Month) -> list[dict]:
    """Return each name with its amounts, one for each currency; those that are nowhere but zero go."""
    sums, rows = totals["currencies"], []
    for name, label in NAMES.items():
        amounts = [(code, Decimal(sums[code][name])) for code in sums]
        if any(amount for _code, amount in amounts):
            rows.append({"label": label, "url": _behind(name, month), "amounts": amounts})
    return rows


def _behind(name: str, month: Month) -> str:
    """Return the report that shows the rows behind a total; empty where there is none."""
    first, last = month.first_day.isoformat(), month.span.last_day.isoformat()
    report = BEHIND.get(name, "")
    days = {"as_of": last} if report in ("open", "credit") else {"from": first, "to": last}
    return f"{reverse('billing:report', args=[report])}?{urlencode(days)}" if report else ""


def _empty_forms(month: Month, points: list[reports.Point], time_zone: str) -> dict:
    return {
        "unlock_form": ReasonForm(prefix="unlock"),
        "close_form": CloseForm(month=month, warnings=reports.warnings(points), prefix="close"),
        "reopen_form": ReopenForm(month=month, prefix="reopen"),
        "grant_form": GrantForm(people=people(), time_zone=time_zone, prefix="grant"),
    }


def people():
    """Return who works in the office's books, by name."""
    return User.objects.filter(groups__name__in=WORKERS, is_active=True).distinct().order_by("username")


# --- acts --------------------------------------------------------------------------------------
@require_POST
@require_office(Permission.ADMINISTER)
def period_lock(request: OfficeRequest, month: Month) -> HttpResponse:
    """Lock the month softly."""
    with refusing(request):
        services.lock_period(actor=request.user, month=month)
        say(request, _("%(month)s is locked.") % {"month": month_name(month)})
    return redirect("billing:period_detail", month)


@require_POST
@require_office(Permission.ADMINISTER)
def period_unlock(request: OfficeRequest, month: Month) -> HttpResponse:
    """Open a locked month."""
    form = ReasonForm(request.POST, prefix="unlock")
    words = _("%(month)s is open.") % {"month": month_name(month)}
    return _run_action(request, month, form, "unlock_form", words, services.unlock_period)


@require_POST
@require_office(Permission.ADMINISTER)
def period_close(request: OfficeRequest, month: Month) -> HttpResponse:
    """Close the month after its checklist; the month typed confirms it."""
    points = reports.checklist(month, today(office_profile().time_zone))
    form = CloseForm(request.POST, month=month, warnings=reports.warnings(points), prefix="close")
    words = _("%(month)s is closed. Its pack is being made.") % {"month": month_name(month)}
    return _run_action(request, month, form, "close_form", words, services.close_period)


@require_POST
@require_office(Permission.ADMINISTER)
def period_reopen(request: OfficeRequest, month: Month) -> HttpResponse:
    """Open the last closed month again."""
    form = ReopenForm(request.POST, month=month, prefix="reopen")
    words = _("%(month)s is open again.") % {"month": month_name(month)}
    return _run_action(request, month, form, "reopen_form", words, services.reopen_period)


@require_POST
@require_office(Permission.ADMINISTER)
def exception_grant(request: OfficeRequest, month: Month) -> HttpResponse:
    """Let one person through the lock for a while."""
    time_zone = office_profile().time_zone
    form = GrantForm(request.POST, people=people(), time_zone=time_zone, prefix="grant")
    words = _("The exception holds from now on.")
    return _run_action(request, month, form, "grant_form", words, services.grant_exception)


@require_POST
@require_office(Permission.ADMINISTER)
def exception_end(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take an exception back."""
    exception = get_object_or_404(PeriodException.objects.select_related("period", "user"), pk=pk)
    with refusing(request):
        services.end_exception(actor=request.user, exception=exception)
        say(request, _("The exception of %(user)s is over.") % {"user": exception.user})
    return redirect("billing:period_detail", exception.period.month)


# --- the pack ----------------------------------------------------------------------------------
@require_POST
@require_office(Permission.ADMINISTER)
def pack_request(request: OfficeRequest, month: Month) -> HttpResponse:
    """Ask for the month's pack once more."""
    period = get_object_or_404(Period, starts_on=month.first_day)
    with refusing(request):
        services.request_pack(actor=request.user, period=period)
        say(request, _("The worker makes the pack."))
    return redirect("billing:period_detail", month)


@require_safe
@require_office(Permission.READ_AUDIT)
def pack_download(request: OfficeRequest, pk: int) -> HttpResponseBase:
    """Give the stored pack. It holds a part of the audit log, so that only its readers get it."""
    packs = ClosePack.objects.filter(state=ClosePack.State.DONE).select_related("period")
    pack = get_object_or_404(packs, pk=pk)
    with refusing(request):
        file = services.open_pack(pack)
        name = f"close-{pack.period}.zip"
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    return redirect("billing:period_detail", pack.period.month)


def _run_action(request: OfficeRequest, month: Month, form, name: str, words: str, act) -> HttpResponse:
    """Do the act with what the form says; what is wrong or refused stands in the form."""
    if not form.is_valid():
        return _show(request, month, **{name: form})
    facts = {key: value for key, value in form.cleaned_data.items() if key != "typed"}
    with form.catch_refusal():
        act(actor=request.user, month=month, **facts)
        say(request, words)
        return redirect("billing:period_detail", month)
    return _show(request, month, **{name: form})
