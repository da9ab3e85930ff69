"""The reviewer's desk: submitted drafts one at a time, the oldest first, with what differs."""

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import office_door
from billing.models import Statement
from billing.policy import Act
from billing.reports import review as reports
from billing.reports.office import office_profile
from billing.reports.statements import face_of
from billing.statement_forms import ReturnForm
from billing.views.statement_acts import issued_words
from billtracker.core.doors import refusing, say
from billtracker.core.exceptions import DomainError


@require_safe
@office_door()
def review_desk(request: HttpRequest) -> HttpResponse:
    """Show the oldest submitted draft, or that nothing waits."""
    queue = list(reports.queue()[: reports.SHOWN])
    return show(request, queue, queue[0] if queue else None)


@require_safe
@office_door()
def review_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one submitted draft; one that waits no longer gives way to the next."""
    get_object_or_404(Statement, pk=pk)
    draft = reports.queue().filter(pk=pk).first()
    if draft is None:
        return redirect("review_desk")
    return show(request, list(reports.queue()[: reports.SHOWN]), draft)


def show(request: HttpRequest, queue: list, draft: Statement | None, **forms) -> HttpResponse:
    """Show the desk; a return that was refused takes the place of the empty form."""
    context: dict = {
        "rows": [reports.row_of(one) for one in queue],
        "count": reports.queue().count(),
        "draft": draft,
        "may_review": Act.REVIEW in request.acts,
    }
    if draft:
        context |= facts_of(request, draft, [one.pk for one in queue]) | forms
    return render(request, "billing/review.html", context, status=422 if forms else 200)


def facts_of(request: HttpRequest, draft: Statement, keys: list[int]) -> dict:
    """Return what the desk says of the chosen draft."""
    prefetch_related_objects([draft], "lines")
    office, before = office_profile(), reports.statement_before(draft)
    # One from beyond the shown ones stands before the first.
    at = keys.index(draft.pk) if draft.pk in keys else -1
    return {
        "face": face_of(draft),
        "version": reports.version_of(draft),
        "before": before,
        "differences": reports.differences_of(draft, before),
        "time_zone": office.time_zone,
        "needs_other": office.has_four_eyes and draft.submitted_by_id == request.user.pk,
        "previous": keys[at - 1] if at > 0 else None,
        "next": keys[at + 1] if at + 1 < len(keys) else None,
        "form": ReturnForm(prefix="return"),
    }


@require_POST
@office_door(Act.REVIEW)
def review_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Issue it by its proposed dates if it is still what was shown, then show the next one."""
    draft, following = get_object_or_404(Statement, pk=pk), next_after(pk)
    with refusing(request):
        seen = request.POST.get("seen", "")
        issued = services.issue_statement(actor=request.user, statement=draft, seen=seen)
        say(request, issued_words(issued))
        return go_on(following)
    return redirect("review_draft", pk)


@require_POST
@office_door(Act.REVIEW)
def review_return(request: HttpRequest, pk: int) -> HttpResponse:
    """Return it with a comment, then show the next one."""
    get_object_or_404(Statement, pk=pk)
    draft, following = reports.queue().filter(pk=pk).first(), next_after(pk)
    form = ReturnForm(request.POST, prefix="return")
    if draft is None:
        return redirect("review_desk")
    if form.is_valid():
        try:
            seen = request.POST.get("seen", "")
            services.return_statement(actor=request.user, statement=draft, seen=seen, **form.cleaned_data)
        except DomainError as error:
            form.add_refusal(error)
        else:
            say(request, _("%(statement)s is returned to be mended.") % {"statement": draft})
            return go_on(following)
    return show(request, list(reports.queue()[: reports.SHOWN]), draft, form=form)


def next_after(pk: int) -> int | None:
    """Return the draft that stands behind this one in the queue."""
    keys = list(reports.queue().values_list("pk", flat=True)[: reports.SHOWN])
    return keys[keys.index(pk) + 1] if pk in keys[:-1] else None


def go_on(following: int | None) -> HttpResponse:
    return redirect("review_draft", following) if following else redirect("review_desk")
