"""A batch: drafts marked in the list, submitted together, or confirmed in their order and issued."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from billing import services
from billing.access import office_door
from billing.models import Sequence
from billing.policy import Act
from billing.reports import batches as reports
from billing.reports.office import office_profile
from billing.services import STATEMENT_SEQUENCE
from billing.statement_forms import BatchForm, day_of, number_of
from billtracker.core.doors import say

NAMED = 5


@require_http_methods(["GET", "HEAD", "POST"])
@office_door(Act.REVIEW)
def statement_batch(request: HttpRequest) -> HttpResponse:
    """Show the marked drafts in their order with their expected numbers; issue them by POST."""
    data = request.POST if request.method == "POST" else request.GET
    pks = marked_in(data)
    if not pks:
        return refuse_marks(request, "in_review")
    if request.method == "POST":
        return issue(request, pks)
    day = day_of(data.get("issue_date", ""))
    return confirm(request, pks, BatchForm(initial={"issue_date": day}, pks=pks))


def marked_in(data: QueryDict) -> list[int]:
    """Return the keys that are marked, each once; none where they are too many for one go."""
    pks = list(dict.fromkeys(filter(None, (number_of(text, 18) for text in data.getlist("draft")))))
    return pks if len(pks) <= reports.MOST else []


def refuse_marks(request: HttpRequest, state: str) -> HttpResponse:
    words = _("Mark at least one draft, and at most %(most)d. Nothing was changed.")
    messages.error(request, words % {"most": reports.MOST})
    return redirect(f"{reverse('statement_list')}?state={state}")


def confirm(request: HttpRequest, pks: list[int], form: BatchForm, status: int = 200) -> HttpResponse:
    """Name each draft with its client, total and the number that it would get."""
    day = form.initial.get("issue_date")
    plan = list(
        reports.planned(
            reports.marked(pks), actor=request.user, office=office_profile(), issue_date=day,
            sequence=Sequence.objects.get(code=STATEMENT_SEQUENCE),
        )
    )  # fmt: skip
    context = {
        "rows": [(one, form.place_of(one.statement.pk)) for one in plan],
        "count": sum(not one.refusal for one in plan),
        "form": form,
        "shown_day": day.isoformat() if day else "",
    }
    return render(request, "billing/statement_batch.html", context, status=status)


def issue(request: HttpRequest, pks: list[int]) -> HttpResponse:
    """Issue them as they were shown; after a change of order or day they are shown anew instead."""
    shown = day_of(request.POST.get("shown_day", ""))
    form = BatchForm(request.POST, initial={"issue_date": shown}, pks=pks)
    if not form.is_valid():
        return confirm(request, pks, form, status=422)
    day, order = form.cleaned_data["issue_date"], reports.reordered(pks, form.places())
    if "again" in request.POST or (order, day) != (pks, shown):
        if "again" not in request.POST:
            messages.warning(request, _("You changed the order or the day: look at the numbers, then issue."))
        query = [("draft", pk) for pk in order] + ([("issue_date", day.isoformat())] if day else [])
        return redirect(f"{reverse('statement_batch')}?{urlencode(query)}")
    seen = {pk: request.POST.get(f"seen-{pk}", "") for pk in pks}
    results = services.issue_statements(
        actor=request.user, statements=reports.marked(pks), issue_date=day, seen=seen
    )
    issued = sum(bool(result.number) for result in results)
    words = ngettext("%(count)d statement is issued.", "%(count)d statements are issued.", issued)
    context = {"results": results, "words": words % {"count": issued}, "refused": len(results) - issued}
    return render(request, "billing/statement_batch_done.html", context)


@require_POST
@office_door(Act.DRAFT)
def statement_submit_marked(request: HttpRequest) -> HttpResponse:
    """Hand the marked drafts to the reviewers."""
    pks = marked_in(request.POST)
    if not pks:
        return refuse_marks(request, "draft")
    results = services.submit_statements(actor=request.user, statements=reports.marked(pks))
    refusals = [result.refusal for result in results if result.refusal]
    if count := len(results) - len(refusals):
        words = ngettext(
            "%(count)d draft waits for its review.", "%(count)d drafts wait for their review.", count
        )
        say(request, words % {"count": count})
    for refusal in refusals[:NAMED]:
        messages.error(request, refusal)
    if more := len(refusals[NAMED:]):
        messages.error(request, _("%(count)d more were refused; they are still drafts.") % {"count": more})
    return redirect(f"{reverse('statement_list')}?state=draft")
