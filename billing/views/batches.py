"""A batch: drafts marked in the list, submitted together, or confirmed in their order and issued."""

import datetime as dt
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from billing import services
from billing.access import OfficeRequest, require_office
from billing.documents.kinds import STATEMENT
from billing.forms.statements import BatchForm, number_of
from billing.models import Sequence
from billing.reports import batches as reports
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.periods import day_in, today
from billtracker.core.web.pages import get_or_post, say

NAMED = 5


@get_or_post
@require_office(Permission.REVIEW)
def statement_batch(request: OfficeRequest) -> HttpResponse:
    """Show the marked drafts in their order with their expected numbers; issue them by POST."""
    data = request.POST if request.method == "POST" else request.GET
    pks = _marked_in(data)
    if not pks:
        return _refuse_marks(request, "in_review")
    if request.method == "POST":
        return issue(request, pks)
    day = day_in(data.get("issue_date", ""))
    return _confirm(request, pks, BatchForm(initial={"issue_date": day}, pks=pks))


def _marked_in(data: QueryDict) -> list[int]:
    """Return the keys that are marked, each once; none where they are too many for one go."""
    pks = list(dict.fromkeys(filter(None, (number_of(text, 18) for text in data.getlist("draft")))))
    return pks if len(pks) <= reports.MOST else []


def _refuse_marks(request: OfficeRequest, state: str) -> HttpResponse:
    words = _("Mark at least one draft, and at most %(most)d. Nothing was changed.")
    messages.error(request, words % {"most": reports.MOST})
    return redirect(f"{reverse('billing:statement_list')}?state={state}")


def _confirm(request: OfficeRequest, pks: list[int], form: BatchForm, status: int = 200) -> HttpResponse:
    """Name each draft with its client, total and the number that it would get."""
    day = form.initial.get("issue_date")
    plan = list(
        reports.plan_issue(
            reports.order_by_marks(pks),
            actor=request.user,
            office=office_profile(),
            issue_date=day,
            sequence=Sequence.objects.get(code=STATEMENT.sequence),
        )
    )
    context = {
        "rows": [(one, form.place_of(one.statement.pk)) for one in plan],
        "count": sum(not one.refusal for one in plan),
        "form": form,
        "shown_day": day.isoformat() if day else "",
        "today": _today_words(),
    }
    return render(request, "billing/statement_batch.html", context, status=status)


def issue(request: OfficeRequest, pks: list[int]) -> HttpResponse:
    """Issue them as they were shown; after a change of order or day they are shown anew instead."""
    shown = day_in(request.POST.get("shown_day", ""))
    form = BatchForm(request.POST, initial={"issue_date": shown}, pks=pks)
    if not form.is_valid():
        return _confirm(request, pks, form, status=422)
    day, order = form.cleaned_data["issue_date"], reports.reorder_keys(pks, form.places())
    # Drafts without a day of their own were shown with that of today; at midnight it is another one.
    as_shown = (order, day, request.POST.get("today", "")) == (pks, shown, _today_words())
    if "again" in request.POST or not as_shown:
        if "again" not in request.POST:
            messages.warning(
                request, _("The order or the day is another one: look at the numbers, then issue.")
            )
        query = [("draft", pk) for pk in order] + ([("issue_date", day.isoformat())] if day else [])
        return redirect(f"{reverse('billing:statement_batch')}?{urlencode(query)}")
    return _issue_chosen(request, pks, day)


def _today_words() -> str:
    return today(office_profile().time_zone).isoformat()


def _issue_chosen(request: OfficeRequest, pks: list[int], day: dt.date | None) -> HttpResponse:
    """Issue each by itself and say what became of it."""
    seen = {pk: request.POST.get(f"seen-{pk}", "") for pk in pks}
    results = services.issue_statements(
        actor=request.user, statements=reports.order_by_marks(pks), issue_date=day, seen=seen
    )
    issued = sum(bool(result.number) for result in results)
    words = ngettext("%(count)d statement is issued.", "%(count)d statements are issued.", issued)
    context = {"results": results, "words": words % {"count": issued}, "refused": len(results) - issued}
    return render(request, "billing/statement_batch_done.html", context)


@require_POST
@require_office(Permission.DRAFT)
def statement_submit_marked(request: OfficeRequest) -> HttpResponse:
    """Hand the marked drafts to the reviewers."""
    pks = _marked_in(request.POST)
    if not pks:
        return _refuse_marks(request, "draft")
    results = services.submit_statements(actor=request.user, statements=reports.order_by_marks(pks))
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
    return redirect(f"{reverse('billing:statement_list')}?state=draft")
