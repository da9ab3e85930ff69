"""The reviewer's desk: submitted drafts one at a time, the oldest first, with what differs."""

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.documents.kinds import STATEMENT
from billing.forms.statements import ReturnForm
from billing.models import Sequence, Statement
from billing.reports import review as reports
from billing.reports.office import office_profile, office_today
from billing.reports.statements import face_of, unprintable_of
from billing.rules.policy import Permission
from billing.views.statement_actions import issued_words
from billtracker.core.web.pages import refusing, say


@require_safe
@require_office()
def review_desk(request: OfficeRequest) -> HttpResponse:
    """Show the oldest submitted draft, or that nothing waits."""
    queue = list(reports.queue()[: reports.SHOWN])
    return _show(request, queue, queue[0] if queue else None)


@require_safe
@require_office()
def review_draft(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one submitted draft; one that waits no longer gives way to the next."""
    get_object_or_404(Statement, pk=pk)
    draft = reports.queue().filter(pk=pk).first()
    if draft is None:
        return redirect("billing:review_desk")
    return _show(request, list(reports.queue()[: reports.SHOWN]), draft)


def _show(request: OfficeRequest, queue: list, draft: Statement | None, **forms) -> HttpResponse:
    """Show the desk; a return that was refused takes the place of the empty form."""
    context: dict = {
        "rows": [reports.row_of(one) for one in queue],
        "count": reports.queue().count(),
        "draft": draft,
        "may_review": Permission.REVIEW in request.permissions,
    }
    if draft:
        context |= _facts_of(request, draft, [one.pk for one in queue]) | forms
    return render(request, "billing/review.html", context, status=422 if forms else 200)


def _facts_of(request: OfficeRequest, draft: Statement, keys: list[int]) -> dict:
    """Return what the desk says of the chosen draft."""
    prefetch_related_objects([draft], "lines")
    office, before = office_profile(), reports.statement_before(draft)
    sequence = Sequence.objects.get(code=STATEMENT.sequence)
    # One from beyond the shown ones stands before the first.
    at = keys.index(draft.pk) if draft.pk in keys else -1
    return {
        "face": face_of(draft),
        "unprintable": unprintable_of(draft, office),
        "version": reports.version_of(draft),
        "before": before,
        "differences": reports.differences_of(draft, before),
        "time_zone": office.time_zone,
        "needs_other": office.requires_second_person and _had_hand(request, draft),
        "previous": keys[at - 1] if at > 0 else None,
        "next": keys[at + 1] if at + 1 < len(keys) else None,
        "date_warnings": reports.date_warnings(draft, sequence, office_today()),
        "form": ReturnForm(prefix="return"),
    }


def _had_hand(request: OfficeRequest, draft: Statement) -> bool:
    return request.user.pk in reports.contributors_of([draft])[draft.pk]


@require_POST
@require_office(Permission.REVIEW)
def review_issue(request: OfficeRequest, pk: int) -> HttpResponse:
    """Issue it by its proposed dates if it is still what was shown, then show the next one."""
    draft, following = get_object_or_404(Statement, pk=pk), _next_after(pk)
    with refusing(request):
        seen = request.POST.get("seen", "")
        issued = services.issue_statement(actor=request.user, statement=draft, seen=seen)
        say(request, issued_words(issued))
        return _go_on(following)
    return redirect("billing:review_draft", pk)


@require_POST
@require_office(Permission.REVIEW)
def review_return(request: OfficeRequest, pk: int) -> HttpResponse:
    """Return it with a comment, then show the next one."""
    get_object_or_404(Statement, pk=pk)
    draft, following = reports.queue().filter(pk=pk).first(), _next_after(pk)
    form = ReturnForm(request.POST, prefix="return")
    if draft is None:
        return redirect("billing:review_desk")
    if form.is_valid():
        with form.catch_refusal():
            seen = request.POST.get("seen", "")
            services.return_statement(actor=request.user, statement=draft, seen=seen, **form.cleaned_data)
            say(request, _("%(statement)s is returned to be mended.") % {"statement": draft})
            return _go_on(following)
    return _show(request, list(reports.queue()[: reports.SHOWN]), draft, form=form)


def _next_after(pk: int) -> int | None:
    """Return the draft that stands behind this one in the queue."""
    keys = list(reports.queue().values_list("pk", flat=True)[: reports.SHOWN])
    return keys[keys.index(pk) + 1] if pk in keys[:-1] else None


def _go_on(following: int | None) -> HttpResponse:
    return redirect("billing:review_draft", following) if following else redirect("billing:review_desk")
