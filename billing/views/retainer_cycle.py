"""The retainer cycle: its months, the preview, the runs with their lines, and who was not billed."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.models import CycleRun
from billing.reports import retainer_cycle as reports
from billing.reports.office import office_profile
from billing.reports.retainer_cycle import CycleOutcome, Missed, Outcome
from billing.rules.policy import Permission
from billtracker.core.exceptions import DomainError
from billtracker.core.money import to_number, totals_by_currency
from billtracker.core.periods import Month, today
from billtracker.core.web.exports import Row, csv_response
from billtracker.core.web.pages import paginate, refusing, say

PAGE = 50
LOOK_BACK = relativedelta(months=24)  # how far the list of missed months reaches
NAMED = 5  # engagements named beside a missed month
COLUMNS = ("client", "engagement", "state", "reason", "currency", "amount", "issue date", "due date")


def _page_of(request: OfficeRequest, rows):
    return paginate(request, rows, PAGE)


# --- months and runs ---------------------------------------------------------------------------
@require_safe
@require_office()
def cycle_list(request: OfficeRequest) -> HttpResponse:
    """Ask for a month; list the runs, the newest first."""
    wrong, office = "", office_profile()
    if asked := request.GET.get("month", "").strip():
        try:
            return redirect(_month_page(request), reports.parse_month(asked))
        except DomainError as error:
            wrong = error.sentence
    context = {
        "page_obj": _page_of(request, CycleRun.objects.select_related("actor")),
        "month": Month.of(today(office.time_zone)),
        "asked": asked,
        "wrong": wrong,
        "time_zone": office.time_zone,
        "may_run": Permission.DRAFT in request.permissions,
    }
    return render(request, "billing/cycle_list.html", context, status=422 if wrong else 200)


def _month_page(request: OfficeRequest) -> str:
    """Name a month's page: the preview for who may run it, else who was not billed."""
    return "billing:cycle_preview" if Permission.DRAFT in request.permissions else "billing:cycle_coverage"


@require_safe
@require_office()
def cycle_run(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show a run: how far it is, or its lines by outcome."""
    run = get_object_or_404(CycleRun.objects.select_related("actor"), pk=pk)
    if request.headers.get("HX-Request") and not run.is_open:  # the page that waited is over
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"run": run, "month": Month.of(run.period), "time_zone": office_profile().time_zone}
    if run.is_open:
        return render(request, "billing/cycle_working.html", context)
    counts = {outcome: getattr(run, f"{outcome}_count") for outcome in Outcome.values}
    show = request.GET.get("show", "")
    lines = _lines_of(run, show if show in counts else "")
    context |= {"page_obj": _page_of(request, lines), "tabs": [_all_tab(counts, show), *_tabs(counts, show)]}
    return render(request, "billing/cycle_run.html", context)


def _lines_of(run: CycleRun, outcome: str) -> QuerySet:
    """Return the run's lines with the names they show; no engagement is read as a whole."""
    lines = run.lines.filter(outcome=outcome) if outcome else run.lines.all()
    names = ("engagement__client__name", "engagement__title", "statement__currency", "statement__total")
    lines = lines.order_by(Lower("engagement__client__name"), "engagement__title", "pk")
    return lines.values("outcome", "reason", "engagement_id", "statement_id", "statement__number", *names)


def _tabs(counts: dict[str, int], show: str, **words: str) -> list[dict]:
    """Return one tab for each outcome, with its count; ``words`` says an outcome in other words."""
    labels = {**dict(Outcome.choices), **words}
    return [
        {"url": f"?show={outcome}", "label": f"{labels[outcome]} ({count})", "is_current": show == outcome}
        for outcome, count in counts.items()
    ]


def _all_tab(counts: dict[str, int], show: str) -> dict:
    label = _("All ({count})").format(count=sum(counts.values()))
    return {"url": "?", "label": label, "is_current": show not in counts}


# --- one month ---------------------------------------------------------------------------------
@require_safe
@require_office(Permission.DRAFT)
def cycle_preview(request: OfficeRequest, month: Month) -> HttpResponse:
    """Show what a run for the month would make, what is there already, and what it skips and why."""
    found = services.preview_cycle(actor=request.user, month=month)
    seen = Counter(one.outcome for one in found)
    counts = {outcome: seen[outcome] for outcome in Outcome.values}
    show = request.GET.get("show", "")
    show = show if show in counts else Outcome.CREATED
    context = {
        "month": month,
        "page_obj": _page_of(request, _by_name(one for one in found if one.outcome == show)),
        "tabs": _tabs(counts, show, created=_("To be made")),
        "to_make": counts[Outcome.CREATED],
        "totals": _totals_of(found),
        "has_any": bool(found),
        "is_large": services.cycle_is_for_worker(),
    }
    return render(request, "billing/cycle_preview.html", context)


def _by_name(found: Iterable[CycleOutcome]) -> list[CycleOutcome]:
    return sorted(found, key=lambda one: (one.client.casefold(), one.title, one.engagement_id))


def _totals_of(found: Iterable[CycleOutcome]) -> dict:
    """Return what is to be made, per currency; different currencies are never added."""
    return totals_by_currency((one.currency, one.planned.amount) for one in found if one.planned)


@require_POST
@require_office(Permission.DRAFT)
def cycle_start(request: OfficeRequest, month: Month) -> HttpResponse:
    """Run the cycle for the month; a large one goes to the worker."""
    with refusing(request):
        run = services.request_cycle(actor=request.user, month=month)
        if not run.is_open:
            say(request, _made_words(run.created_count))
        return redirect("billing:cycle_run", run.pk)
    return redirect("billing:cycle_preview", month)


def _made_words(count: int) -> str:
    return ngettext("Made {count} draft.", "Made {count} drafts.", count).format(count=count)


# --- who was not billed ------------------------------------------------------------------------
def _not_billed(month: Month) -> tuple[list[CycleOutcome], int]:
    """Return the retainers that no statement bills for the month, and how many are billed."""
    found = list(reports.found_in(month))
    missing = _by_name(one for one in found if one.outcome != Outcome.EXISTS)
    return missing, len(found) - len(missing)


@require_safe
@require_office()
def cycle_coverage(request: OfficeRequest, month: Month) -> HttpResponse:
    """Show who was not billed for the month and why."""
    missing, billed = _not_billed(month)
    context = {
        "month": month,
        "page_obj": _page_of(request, missing),
        "billed": billed,
        "missing": len(missing),
        "totals": _totals_of(missing),
        "may_run": Permission.DRAFT in request.permissions,
    }
    return render(request, "billing/cycle_coverage.html", context)


@require_safe
@require_office()
def cycle_coverage_csv(request: OfficeRequest, month: Month) -> HttpResponse:
    """Give the same rows as a file."""
    return csv_response(f"not-billed-{month}.csv", COLUMNS, map(_csv_row, _not_billed(month)[0]))


def _csv_row(one: CycleOutcome) -> Row:
    cells = {"client": one.client, "engagement": one.title, "currency": one.currency}
    if one.planned is None:
        return {**cells, "state": one.outcome, "reason": one.reason}
    return {
        **cells,
        "state": "to be made",
        "amount": to_number(one.planned.amount, one.currency),
        "issue date": one.planned.issue_date,
        "due date": one.due_date,
    }


@require_safe
@require_office()
def cycle_missed(request: OfficeRequest) -> HttpResponse:
    """Show the months of the last two years for which somebody should have been billed and was not."""
    day = today(office_profile().time_zone)
    since = Month.of(day - LOOK_BACK)
    months = _by_month(reports.missed_months(today=day, since=since))
    context = {"months": months, "since": since, "may_run": Permission.DRAFT in request.permissions}
    return render(request, "billing/cycle_missed.html", context)


def _by_month(missed: Iterable[Missed]) -> list[dict]:
    """Return each month with how many retainers miss it and the first few of their names."""
    names = defaultdict(list)
    for one in missed:
        for month in one.months:
            names[month].append(f"{one.client}, {one.title}")
    return [
        {
            "month": month,
            "count": len(who),
            "names": sorted(who, key=str.casefold)[:NAMED],
            "more": max(0, len(who) - NAMED),
        }
        for month, who in sorted(names.items())
    ]


@require_POST
@require_office(Permission.DRAFT)
def cycle_catch_up(request: OfficeRequest) -> HttpResponse:
    """Run the cycle for the ticked months."""
    with refusing(request):
        months = [reports.parse_month(text) for text in request.POST.getlist("month")]
        if not months:
            raise DomainError(_("Tick at least one month. Nothing was made."))
        runs = services.catch_up(actor=request.user, months=months)
        say(request, _caught_up_words(runs))
        return redirect("billing:cycle_list")
    return redirect("billing:cycle_missed")


def _caught_up_words(runs: list[CycleRun]) -> str:
    made, waiting = sum(run.created_count for run in runs), sum(run.is_open for run in runs)
    if not waiting:
        return _made_words(made)
    words = ngettext(
        "{count} run is handed to the worker.", "{count} runs are handed to the worker.", waiting
    )
    return words.format(count=waiting)
