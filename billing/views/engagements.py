"""Engagements: the page of one, its form, its status and its fees."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.access import OfficeRequest, require_office
from billing.forms.engagements import EndForm, EngagementForm, FeeStepForm
from billing.models import Client, Engagement, FeeStep
from billing.reports.clients import rows_of
from billing.reports.office import office_profile
from billing.rules.policy import Permission
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import today
from billtracker.core.web.pages import get_or_post, refusing, render_form, say

LATEST = 24


def _engagement_or_404(pk: int) -> Engagement:
    return get_object_or_404(Engagement.objects.select_related("client"), pk=pk)


@require_safe
@require_office()
def engagement_detail(request: OfficeRequest, pk: int) -> HttpResponse:
    """Show one engagement: its terms, its fees from day to day, its latest statements."""
    return _show(request, _engagement_or_404(pk))


def _show(request: OfficeRequest, engagement: Engagement, **forms) -> HttpResponse:
    """Show the page; a form that was refused takes the place of the empty one."""
    [row] = rows_of(engagement.client, [engagement], today(office_profile().time_zone))
    steps = list(engagement.fee_steps.order_by("starts_on"))
    context = {
        "engagement": engagement,
        "steps": steps[::-1],
        "first_step": steps[0] if steps else None,
        "row": row,
        "statements": engagement.statements.order_by("-period_start", "-pk")[:LATEST],
        "may_edit": Permission.EDIT_CLIENTS in request.permissions,
        "fee_form": FeeStepForm(currency=engagement.currency, prefix="fee"),
        "end_form": EndForm(initial={"last_day": engagement.ends_on}, prefix="end"),
        **forms,
    }
    return render(request, "billing/engagement_detail.html", context, status=422 if forms else 200)


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def engagement_create(request: OfficeRequest, pk: int) -> HttpResponse:
    """Add an engagement of a client, with its first fee."""
    return _edit(request, Engagement(client=get_object_or_404(Client, pk=pk)))


@get_or_post
@require_office(Permission.EDIT_CLIENTS)
def engagement_edit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Change an engagement."""
    return _edit(request, _engagement_or_404(pk))


def _edit(request: OfficeRequest, engagement: Engagement) -> HttpResponse:
    is_new = engagement.pk is None
    form = EngagementForm(request.POST or None, instance=engagement)
    if request.method == "POST" and form.is_valid():
        fee = form.cleaned_data.get("fee")
        try:
            services.save_engagement(actor=request.user, engagement=form.save(commit=False), fee=fee)
        except DomainError as error:
            error.field = "fee" if error.field == "amount" else error.field
            form.add_refusal(error)
        else:
            say(request, _("%(engagement)s is saved.") % {"engagement": engagement.title})
            return redirect("billing:engagement_detail", engagement.pk)
    context = {
        "is_new": is_new,
        "engagement": engagement,
        "title": form.initial.get("title", ""),
    }
    return render_form(request, "billing/engagement_form.html", form, context)


# --- status ------------------------------------------------------------------------------------
@require_POST
@require_office(Permission.EDIT_CLIENTS)
def engagement_suspend(request: OfficeRequest, pk: int) -> HttpResponse:
    """Bill nothing until it is resumed."""
    with refusing(request):
        found = services.suspend_engagement(actor=request.user, engagement=_engagement_or_404(pk))
        say(request, _("%(engagement)s is suspended and not billed.") % {"engagement": found.title})
    return redirect("billing:engagement_detail", pk)


@require_POST
@require_office(Permission.EDIT_CLIENTS)
def engagement_resume(request: OfficeRequest, pk: int) -> HttpResponse:
    """Bill it again."""
    with refusing(request):
        found = services.resume_engagement(actor=request.user, engagement=_engagement_or_404(pk))
        say(request, _("%(engagement)s is active again.") % {"engagement": found.title})
    return redirect("billing:engagement_detail", pk)


@require_POST
@require_office(Permission.EDIT_CLIENTS)
def engagement_end(request: OfficeRequest, pk: int) -> HttpResponse:
    """Give it its last day."""
    found, form = _engagement_or_404(pk), EndForm(request.POST, prefix="end")
    if not form.is_valid():
        return _show(request, found, end_form=form)
    with form.catch_refusal():
        services.end_engagement(actor=request.user, engagement=found, **form.cleaned_data)
        facts = {"engagement": found.title, "day": form.cleaned_data["last_day"]}
        say(request, _("%(engagement)s ends on %(day)s.") % facts)
        return redirect("billing:engagement_detail", pk)
    return _show(request, found, end_form=form)


# --- fees --------------------------------------------------------------------------------------
@require_POST
@require_office(Permission.EDIT_CLIENTS)
def fee_add(request: OfficeRequest, pk: int) -> HttpResponse:
    """Let a fee count from a day on."""
    found = _engagement_or_404(pk)
    form = FeeStepForm(request.POST, currency=found.currency, prefix="fee")
    if not form.is_valid():
        return _show(request, found, fee_form=form)
    with form.catch_refusal():
        services.add_fee_step(actor=request.user, engagement=found, **form.cleaned_data)
        say(request, _("The fee counts from %(day)s on.") % {"day": form.cleaned_data["starts_on"]})
        return redirect("billing:engagement_detail", pk)
    return _show(request, found, fee_form=form)


@require_POST
@require_office(Permission.EDIT_CLIENTS)
def fee_remove(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take back a fee that nothing was billed for."""
    step = get_object_or_404(FeeStep.objects.select_related("engagement__client"), pk=pk)
    with refusing(request):
        services.remove_fee_step(actor=request.user, step=step)
        say(request, _("The fee from %(day)s on is removed.") % {"day": step.starts_on})
    return redirect("billing:engagement_detail", step.engagement_id)
