"""The office's books to look things up: read only, for staff with an office role; counters move forward."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from billing import services
from billing.models import (
    Allocation,
    Client,
    Contact,
    Counter,
    CounterAdjustment,
    CreditNote,
    CycleLine,
    CycleRun,
    Document,
    Engagement,
    FeeStep,
    OfficeProfile,
    Payment,
    Proof,
    Refund,
    Sequence,
    Settlement,
    Statement,
    StatementLine,
)
from billing.reports.office import office_profile
from billing.rules import policy
from billtracker.core.exceptions import DomainError
from billtracker.core.periods import today
from billtracker.core.web.forms import CleanForm, field_of


class LookUp:
    """What both rows and the rows below them have in common: nobody changes anything here."""

    def has_add_permission(self, request: HttpRequest, obj=None):
        return False

    def has_change_permission(self, request: HttpRequest, obj=None):
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None):
        return False

    def has_view_permission(self, request: HttpRequest, obj=None):
        return request.user.is_staff and policy.may(request.user, policy.Permission.READ)


class LookUpAdmin(LookUp, admin.ModelAdmin):
    """Rows of the books."""

    actions = None
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest):
        return self.has_view_permission(request)


class LookUpInline(LookUp, admin.TabularInline):
    """Rows that belong to another one."""

    extra = 0
    can_delete = False
    show_change_link = False


class ContactInline(LookUpInline):
    model = Contact


class FeeStepInline(LookUpInline):
    model = FeeStep


class LineInline(LookUpInline):
    model = StatementLine
    fields = ("position", "description", "quantity", "unit", "unit_price", "amount")
    readonly_fields = fields


class DocumentInline(LookUpInline):
    model = Document


class CycleLineInline(LookUpInline):
    model = CycleLine
    fields = ("engagement", "outcome", "reason", "statement")

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("engagement__client", "statement")


class CounterInline(LookUpInline):
    model = Counter
    fields = ("year", "last_number", "next_number")
    readonly_fields = ("next_number",)

    @admin.display(description=_("next number (expected, not reserved)"))
    def next_number(self, counter):
        return counter.sequence.format(counter.year, counter.last_number + 1)


@admin.register(OfficeProfile)
class OfficeProfileAdmin(LookUpAdmin):
    list_display = ("name", "currency", "time_zone", "requires_second_person")


@admin.register(Client)
class ClientAdmin(LookUpAdmin):
    list_display = ("name", "group", "currency", "is_active")
    list_filter = ("is_active", "group")
    search_fields = ("name", "tax_number")
    inlines = (ContactInline,)


@admin.register(Engagement)
class EngagementAdmin(LookUpAdmin):
    list_display = ("title", "client", "kind", "status", "starts_on", "ends_on")
    list_filter = ("kind", "status", "interval_months")
    list_select_related = ("client",)
    search_fields = ("title", "client__name")
    inlines = (FeeStepInline,)


@admin.register(Statement)
class StatementAdmin(LookUpAdmin):
    list_display = ("__str__", "client", "state", "issue_date", "total", "currency")
    list_filter = ("state", "kind", "currency")
    list_select_related = ("client",)
    search_fields = ("number", "client__name")
    inlines = (LineInline, DocumentInline)


@admin.register(CycleRun)
class CycleRunAdmin(LookUpAdmin):
    list_display = ("period", "started_at", "actor", "state", "created_count", "failed_count")
    list_filter = ("state",)
    list_select_related = ("actor",)
    inlines = (CycleLineInline,)


@admin.register(CounterAdjustment)
class CounterAdjustmentAdmin(LookUpAdmin):
    list_display = ("counter", "from_number", "to_number", "reason", "made_by", "made_at")
    list_select_related = ("counter__sequence", "made_by")


class AllocationInline(LookUpInline):
    model = Allocation
    fk_name = "payment"
    fields = ("statement", "amount", "effective_on", "reverses", "created_by")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("statement", "reverses__statement", "created_by")


class ProofInline(LookUpInline):
    model = Proof
    fields = ("name", "content_type", "size", "sha256")
    readonly_fields = fields


class RefundInline(LookUpInline):
    model = Refund
    fields = ("refunded_on", "amount", "reason", "void_date")
    readonly_fields = fields


@admin.register(Payment)
class PaymentAdmin(LookUpAdmin):
    list_display = ("__str__", "client", "state", "paid_on", "amount", "currency", "method")
    list_filter = ("state", "method", "currency")
    list_select_related = ("client",)
    search_fields = ("manual_number", "reference", "client__name")
    inlines = (AllocationInline, RefundInline, ProofInline)


@admin.register(Allocation)
class AllocationAdmin(LookUpAdmin):
    list_display = ("statement", "payment", "settlement", "credit_note", "amount", "effective_on", "reverses")
    list_select_related = (
        "statement", "payment", "settlement__statement", "credit_note", "reverses__statement",
    )  # fmt: skip
    search_fields = ("statement__number", "payment__manual_number")


@admin.register(Settlement)
class SettlementAdmin(LookUpAdmin):
    list_display = ("statement", "kind", "amount", "settled_on", "certificate_number", "void_date")
    list_filter = ("kind",)
    list_select_related = ("statement",)
    search_fields = ("statement__number", "certificate_number")


@admin.register(CreditNote)
class CreditNoteAdmin(LookUpAdmin):
    list_display = ("number", "statement", "issue_date", "amount", "currency")
    list_select_related = ("statement",)
    search_fields = ("number", "statement__number")


@admin.register(Refund)
class RefundAdmin(LookUpAdmin):
    list_display = ("payment", "amount", "refunded_on", "method", "void_date")
    list_select_related = ("payment",)
    search_fields = ("payment__manual_number", "reference")


class CounterMoveForm(CleanForm, forms.Form):
    """From which number a counter goes on."""

    year = forms.TypedChoiceField(label=_("Year"), coerce=int)
    next_number = forms.IntegerField(label=_("Next number"), min_value=2)
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def __init__(self, *args, sequence: Sequence, **kwargs):
        super().__init__(*args, **kwargs)
        now = today(office_profile().time_zone)
        years = set(sequence.counters.values_list("year", flat=True)) | {sequence.year_of(now)}
        field_of(self, "year", forms.ChoiceField).choices = [
            (year, year or _("all years")) for year in sorted(years, reverse=True)
        ]


@admin.register(Sequence)
class SequenceAdmin(LookUpAdmin):
    """Sequences with the next number of each year; an Admin of the office moves a counter forward."""

    list_display = ("code", "prefix", "pattern", "padding", "reset")
    inlines = (CounterInline,)
    change_form_template = "admin/billing/sequence_change.html"

    def get_urls(self):
        move = self.admin_site.admin_view(self.move)
        return [path("<int:pk>/move/", move, name="billing_sequence_move"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id, form_url="", extra_context=None):
        may_move = policy.may(request.user, policy.Permission.ADMINISTER)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "may_move": may_move}
        )

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the number to go on with and the reason; the numbers left out are listed with it."""
        if not policy.may(request.user, policy.Permission.ADMINISTER):
            raise PermissionDenied
        sequence = self.get_object(request, str(pk))
        if sequence is None:
            raise Http404
        form = CounterMoveForm(request.POST or None, sequence=sequence)
        if request.method == "POST" and form.is_valid() and self._move_counter(request, sequence, form):
            return redirect(reverse("admin:billing_sequence_change", args=[pk]))
        context = {**self.admin_site.each_context(request), "form": form, "sequence": sequence,
                   "opts": self.opts, "title": _("Move a counter forward")}  # fmt: skip
        return TemplateResponse(request, "admin/billing/sequence_move.html", context)

    def _move_counter(self, request: HttpRequest, sequence: Sequence, form: CounterMoveForm) -> bool:
        """Move the counter; False leaves the refusal on the form."""
        data = form.cleaned_data
        try:
            services.move_counter(
                actor=request.user,
                sequence=sequence,
                year=data["year"],
                to=data["next_number"] - 1,
                reason=data["reason"],
            )
        except DomainError as error:
            field = {"to": "next_number"}.get(error.field or "", error.field)
            form.add_error(field if field in form.fields else None, error.sentence)
            return False
        messages.success(request, f"The next number is {sequence.format(data['year'], data['next_number'])}.")
        return True
