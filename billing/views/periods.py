"""Months of the books: what each holds, what stands in the way of closing it, and who may pass a lock."""

from decimal import Decimal
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import policy, services
from billing.access import office_door
from billing.models import ClosePack, Period, PeriodException
from billing.period_forms import CloseForm, GrantForm, ReasonForm, ReopenForm
from billing.policy import Act
from billing.reports import periods as reports
from billing.reports.control_totals import COUNTS, NAMES, control_totals, differences
from billing.reports.months import closed_before
from billing.reports.office import office_profile
from billtracker.accounts.models import User
from billtracker.core.doors import refusing, say
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import Month, today
from billtracker.core.templatetags.billtracker import month_name

PAGE = 50
PACKS = 5
# The reports that show the rows behind a total.
BEHIND = {
    "issued": "register", "received": "collections", "payments_voided": "collections",
    "outstanding": "open", "credit": "credit",
}  # fmt: skip
State = Period.State
WORKERS = sorted(policy.ALLOWED[Act.DRAFT])


@require_safe
@office_door()
def period_list(request: HttpRequest) -> HttpResponse:
    """Show the months, the newest first, and which one is closed next."""
    office = office_profile()
    day = today(office.time_zone)
    page = Paginator(reports.months_shown(day), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "next_month": reports.next_to_close(day), "time_zone": office.time_zone}
    return render(request, "billing/period_list.html", context)


@require_safe
@office_door()
def period_detail(request: HttpRequest, month: Month) -> HttpResponse:
    """Show a month: its totals, its checklist, its exceptions, and what can be done with it."""
    return show(request, month)


def show(request: HttpRequest, month: Month, **forms) -> HttpResponse:
    """Show the page; a form that was refused takes the place of the empty one."""
    office, row, totals = office_profile(), reports.month_row(month), control_totals(month)
    points = [] if row.state == State.CLOSED else reports.checklist(month, today(office.time_zone))
    closing = row.period.closing if row.period else None
    context = {
        "month": month, "row": row, "points": points, "is_over": month.span.end <= today(office.time_zone),
        "are_blocked": bool(reports.blocking(points)), "first": earlier(month), "closing": closing,
        "differences": differences(closing, totals) if closing else [],
        "amounts": amount_rows(totals, month), "currencies": list(totals["currencies"]),
        "counts": [(COUNTS[name], count) for name, count in totals["counts"].items()],
        "last_numbers": totals["last_numbers"], "time_zone": office.time_zone,
        "exceptions": row.period.exceptions.select_related("user", "granted_by") if row.period else [],
        "packs": row.period.packs.all()[:PACKS] if row.period else [],
        "may_administer": Act.ADMINISTER in request.acts,
        "may_download": Act.READ_AUDIT in request.acts,
        **empty_forms(month, points, office.time_zone), **forms,
    }  # fmt: skip
    return render(request, "billing/period_detail.html", context, status=422 if forms else 200)


def earlier(month: Month) -> Month | None:
    """Return the month that has to be closed before this one, None when none does."""
    first = reports.first_activity(closed_before())
    return first if first and first < month else None


def amount_rows(totals: dict, month: Month) -> list[dict]:
    """Return each name with its amounts, one for each currency; those that are nowhere but zero go."""
    sums, rows = totals["currencies"], []
    for name, label in NAMES.items():
        amounts = [(code, Decimal(sums[code][name])) for code in sums]
        if any(amount for _code, amount in amounts):
            rows.append({"label": label, "url": behind(name, month), "amounts": amounts})
    return rows


def behind(name: str, month: Month) -> str:
    """Return the report that shows the rows behind a total; empty where there is none."""
    first, last = month.first_day.isoformat(), month.span.last_day.isoformat()
    report = BEHIND.get(name, "")
    days = {"as_of": last} if report in ("open", "credit") else {"from": first, "to": last}
    return f"{reverse('report', args=[report])}?{urlencode(days)}" if report else ""


def empty_forms(month: Month, points: list[reports.Point], time_zone: str) -> dict:
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
@office_door(Act.ADMINISTER)
def period_lock(request: HttpRequest, month: Month) -> HttpResponse:
    """Lock the month softly."""
    with refusing(request):
        services.lock_period(actor=request.user, month=month)
        say(request, _("%(month)s is locked.") % {"month": month_name(month)})
    return redirect("period_detail", month)


@require_POST
@office_door(Act.ADMINISTER)
def period_unlock(request: HttpRequest, month: Month) -> HttpResponse:
    """Open a locked month."""
    form = ReasonForm(request.POST, prefix="unlock")
    words = _("%(month)s is open.") % {"month": month_name(month)}
    return acted(request, month, form, "unlock_form", words, services.unlock_period)


@require_POST
@office_door(Act.ADMINISTER)
def period_close(request: HttpRequest, month: Month) -> HttpResponse:
    """Close the month after its checklist; the month typed confirms it."""
    points = reports.checklist(month, today(office_profile().time_zone))
    form = CloseForm(request.POST, month=month, warnings=reports.warnings(points), prefix="close")
    words = _("%(month)s is closed. Its pack is being made.") % {"month": month_name(month)}
    return acted(request, month, form, "close_form", words, services.close_period)


@require_POST
@office_door(Act.ADMINISTER)
def period_reopen(request: HttpRequest, month: Month) -> HttpResponse:
    """Open the last closed month again."""
    form = ReopenForm(request.POST, month=month, prefix="reopen")
    words = _("%(month)s is open again.") % {"month": month_name(month)}
    return acted(request, month, form, "reopen_form", words, services.reopen_period)


@require_POST
@office_door(Act.ADMINISTER)
def exception_grant(request: HttpRequest, month: Month) -> HttpResponse:
    """Let one person through the lock for a while."""
    time_zone = office_profile().time_zone
    form = GrantForm(request.POST, people=people(), time_zone=time_zone, prefix="grant")
    words = _("The exception holds from now on.")
    return acted(request, month, form, "grant_form", words, services.grant_exception)


@require_POST
@office_door(Act.ADMINISTER)
def exception_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an exception back."""
    exception = get_object_or_404(PeriodException.objects.select_related("period", "user"), pk=pk)
    with refusing(request):
        services.end_exception(actor=request.user, exception=exception)
        say(request, _("The exception of %(user)s is over.") % {"user": exception.user})
    return redirect("period_detail", exception.period.month)


# --- the pack ----------------------------------------------------------------------------------
@require_POST
@office_door(Act.ADMINISTER)
def pack_request(request: HttpRequest, month: Month) -> HttpResponse:
    """Ask for the month's pack once more."""
    period = get_object_or_404(Period, starts_on=month.first_day)
    with refusing(request):
        services.request_pack(actor=request.user, period=period)
        say(request, _("The worker makes the pack."))
    return redirect("period_detail", month)


@require_safe
@office_door(Act.READ_AUDIT)
def pack_download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Give the stored pack. It holds a part of the audit log, so that only its readers get it."""
    packs = ClosePack.objects.filter(state=ClosePack.State.DONE).select_related("period")
    pack = get_object_or_404(packs, pk=pk)
    with refusing(request):
        file = services.open_pack(pack)
        name = f"close-{pack.period}.zip"
        return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    return redirect("period_detail", pack.period.month)


def acted(request: HttpRequest, month: Month, form, name: str, words: str, act) -> HttpResponse:
    """Do the act with what the form says; what is wrong or refused stands in the form."""
    if not form.is_valid():
        return show(request, month, **{name: form})
    facts = {key: value for key, value in form.cleaned_data.items() if key != "typed"}
    try:
        act(actor=request.user, month=month, **facts)
    except DomainError as error:
        form.add_refusal(error)
        return show(request, month, **{name: form})
    say(request, words)
    return redirect("period_detail", month)
