"""The number register: every number, what became of it, and whether one is missing."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.documents.kinds import CREDIT_NOTE, STATEMENT, kind_numbered_by
from billing.forms.statements import MoveForm
from billing.models import Counter, Sequence
from billing.reports import register as reports
from billing.reports import statements
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import today
from billtracker.core.web.exports import csv_response
from billtracker.core.web.pages import paginate, say

PAGE = 50


@require_safe
@require_office()
def number_register(request: OfficeRequest) -> HttpResponse:
    """Show the numbers of one sequence and year, the newest year first."""
    sequences = list(Sequence.objects.all())
    asked = request.GET.get("sequence", STATEMENT.sequence)
    chosen = next((one for one in sequences if one.code == asked), sequences[0])
    years = _years_of(chosen)
    year = next((one for one in years if str(one) == request.GET.get("year")), None)
    return _show(request, chosen, _newest_year(chosen) if year is None else year)


def _newest_year(sequence: Sequence) -> int:
    """Return the newest year with a counter; today's without any."""
    return next(iter(reports.years_of(sequence)), _year_now(sequence))


def _years_of(sequence: Sequence) -> list[int]:
    """Return the years to choose from: today's too, whose counter can be moved before its first number."""
    return sorted({*reports.years_of(sequence), _year_now(sequence)}, reverse=True)


def _year_now(sequence: Sequence) -> int:
    return sequence.year_of(today(office_profile().time_zone))


def _show(request: OfficeRequest, sequence: Sequence, year: int, **forms) -> HttpResponse:
    """Show the page; a move that was refused takes the place of the empty form."""
    counter = Counter.objects.select_related("sequence").filter(sequence=sequence, year=year).first()
    check = reports.check_counter(counter) if counter else reports.Check(sequence, year, 0)
    page = paginate(request, reports.register(sequence, year), PAGE)
    context = {
        "sequence": sequence,
        "year": year,
        "sequences": Sequence.objects.all(),
        "years": sorted({*_years_of(sequence), year}, reverse=True),
        "check": check,
        "expected": sequence.format(year, check.last + 1),
        "page": page,
        "are_notes": kind_numbered_by(sequence.code) is CREDIT_NOTE,
        "rows": [(one, statements.client_name(one), statements.checksum(one)) for one in page],
        "time_zone": office_profile().time_zone,
        "may_move": Permission.ADMINISTER in request.permissions,
        "move_form": MoveForm(prefix="move"),
    }
    return render(request, "billing/register.html", context | forms, status=422 if forms else 200)


@require_safe
@require_office()
def register_csv(request: OfficeRequest, pk: int, year: int) -> HttpResponse:
    """Give the register of a year as a table."""
    sequence = get_object_or_404(Sequence, pk=pk)
    rows = map(statements.numbered_row, reports.register(sequence, min(year, 9999)))
    return csv_response(f"numbers-{sequence.code}-{year}.csv", statements.COLUMNS, rows)


@require_POST
@require_office(Permission.ADMINISTER)
def counter_move(request: OfficeRequest, pk: int, year: int) -> HttpResponse:
    """Let the counter go on with a higher number; those left out are listed with the reason."""
    sequence, form = get_object_or_404(Sequence, pk=pk), MoveForm(request.POST, prefix="move")
    year = min(year, 9999)
    if not form.is_valid():
        return _show(request, sequence, year, move_form=form)
    to, reason = form.cleaned_data["next_number"] - 1, form.cleaned_data["reason"]
    try:
        services.move_counter(actor=request.user, sequence=sequence, year=year, to=to, reason=reason)
    except DomainError as error:
        error.field = "next_number" if error.field == "to" else error.field
        form.add_refusal(error)
        return _show(request, sequence, year, move_form=form)
    say(request, _("The next number is %(number)s.") % {"number": sequence.format(year, to + 1)})
    return redirect(f"{reverse('billing:number_register')}?sequence={sequence.code}&year={year}")
