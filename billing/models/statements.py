"""Statements of Account: drafts that become numbered, frozen documents."""

from decimal import Decimal

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Value, When

from billing.models.clients import Client
from billing.models.engagements import Engagement
from billing.models.queries import not_void_on, sum_of
from billing.models.sequences import Sequence
from billtracker.core.audit import OFFICE
from billtracker.core.money import ZERO, CurrencyField, MoneyField, QuantityField
from billtracker.core.periods import DayField


class StatementQuerySet(models.QuerySet["Statement"]):
    def numbered(self):
        """Issued and void statements: those that carry a number."""
        return self.exclude(number=None)

    def waiting_for_review(self):
        """Submitted drafts, the oldest first."""
        return self.filter(state=Statement.State.IN_REVIEW).order_by("submitted_at", "pk")

    def drafts(self):
        return self.filter(state__in=Statement.OPEN)

    def issued(self):
        return self.filter(state=Statement.State.ISSUED)

    def not_void(self):
        return self.exclude(state=Statement.State.VOID)

    def owed_on(self, day):
        """Statements that counted at the end of that day: issued by then, and void only later."""
        return self.numbered().filter(not_void_on(day), issue_date__lte=day)

    def with_balance(self, day=None):
        """Add ``settled`` and ``outstanding``, of a day's end, else once all rows count. Exact.

        One dated ahead of the day owes nothing yet and says so as ``is_ahead``. Drafts and void statements
        owe nothing; leave them out (``owed_on``) or do not read the figures.
        """
        rows = _allocations().filter(statement=OuterRef("pk"))
        settled = self.annotate(settled=sum_of(rows if day is None else rows.by(day), "statement"))
        ahead = Q(pk=None) if day is None else Q(issue_date__gt=day, number__isnull=False)
        nothing = Value(ZERO, output_field=MoneyField())
        owed = Case(When(ahead, then=nothing), default=F("total") - F("settled"), output_field=MoneyField())
        is_ahead = Case(When(ahead, then=True), default=False, output_field=models.BooleanField())
        return settled.annotate(outstanding=owed, is_ahead=is_ahead)  # type: ignore[no-redef]

    def with_cash(self, day=None):
        """Add ``cash``, what payments settled of each statement by the end of the day, or in the end."""
        paid = _allocations().filter(statement=OuterRef("pk"), payment__isnull=False)
        paid = paid if day is None else paid.by(day)
        return self.annotate(cash=sum_of(paid, "statement"))

    def open_on(self, day):
        """Statements that owed something at the end of that day, with ``settled`` and ``outstanding``."""
        return self.owed_on(day).with_balance(day).exclude(outstanding=ZERO)

    def overdue(self, day):
        """Issued statements that owe something now and were due before that day."""
        return self.issued().filter(due_date__lt=day).with_balance(day).exclude(outstanding=ZERO)


def _allocations():
    return apps.get_model("billing", "Allocation").objects  # their module needs this one


class Statement(models.Model):
    """A Statement of Account. From its issue on, all but the internal notes and its voiding is frozen."""

    # What is settled of it and what is still owed, where a report added them.
    settled: Decimal
    outstanding: Decimal
    is_ahead: bool

    class Kind(models.TextChoices):
        RETAINER = "retainer", "Retainer"
        SPECIAL = "special", "Special"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "in_review", "In review"
        ISSUED = "issued", "Issued"
        VOID = "void", "Void"

    OPEN = (State.DRAFT, State.IN_REVIEW)
    FROZEN = (State.ISSUED, State.VOID)

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    # The retainer that the cycle billed; a special statement names engagements on its lines.
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, null=True, blank=True, related_name="statements"
    )
    period_start = models.DateField(null=True, blank=True, help_text="The period's first day.")
    period_end = models.DateField(null=True, blank=True, help_text="The first day after the period.")
    currency = CurrencyField()
    total = MoneyField(default=ZERO, help_text="The sum of the lines.")
    issue_date = DayField(null=True, blank=True, help_text="Proposed until it is issued.")
    due_date = DayField(null=True, blank=True)
    notes = models.TextField(blank=True, max_length=2000, help_text="Printed on the document.")
    internal_notes = models.TextField(blank=True, max_length=2000, help_text="Never printed; stays open.")

    sequence = models.ForeignKey(Sequence, on_delete=models.PROTECT, null=True, editable=False)
    sequence_year = models.PositiveSmallIntegerField(null=True, editable=False)
    sequence_number = models.PositiveIntegerField(null=True, editable=False)
    number = models.CharField(max_length=100, null=True, unique=True, editable=False)
    # Office, client, contacts and lines as they were at issue: the document is made of this alone.
    snapshot = models.JSONField(null=True, editable=False)
    # The void statement that this one stands in for.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by", editable=False
    )

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(null=True, editable=False)
    return_comment = models.CharField(max_length=500, blank=True, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    issued_at = models.DateTimeField(null=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    voided_at = models.DateTimeField(null=True, editable=False)
    void_date = DayField(null=True, editable=False)
    void_reason = models.CharField(max_length=500, blank=True, editable=False)

    objects = StatementQuerySet.as_manager()
    audit_scope = OFFICE

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "period_start"],
                condition=Q(kind="retainer") & ~Q(state="void"),
                name="statement_period_once",
            ),
            models.UniqueConstraint(
                fields=["sequence", "sequence_year", "sequence_number"], name="statement_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "in_review", "issued", "void"]), name="statement_state_known"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["draft", "in_review"], number=None, sequence=None, sequence_year=None,
                      sequence_number=None, snapshot=None, issued_at=None, issued_by=None)
                    | Q(state__in=["issued", "void"], number__isnull=False, sequence__isnull=False,
                        sequence_year__isnull=False, sequence_number__isnull=False, snapshot__isnull=False,
                        issued_at__isnull=False, issued_by__isnull=False, issue_date__isnull=False,
                        due_date__isnull=False)
                ),
                name="statement_numbered_from_issue_on",
            ),
            models.CheckConstraint(
                condition=Q(state="void", voided_at__isnull=False, voided_by__isnull=False,
                            void_date__isnull=False)
                & ~Q(void_reason="")
                | ~Q(state="void") & Q(voided_at=None, voided_by=None, void_date=None, void_reason=""),
                name="statement_void_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_review") | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="statement_in_review_was_submitted",
            ),
            models.CheckConstraint(condition=Q(total__gte=ZERO), name="statement_total_not_negative"),
            models.CheckConstraint(
                condition=Q(due_date=None) | Q(issue_date=None) | Q(due_date__gte=F("issue_date")),
                name="statement_due_after_issue",
            ),
            models.CheckConstraint(
                condition=Q(period_start=None, period_end=None) | Q(period_end__gt=F("period_start")),
                name="statement_period_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(kind="retainer") | Q(engagement__isnull=False, period_start__isnull=False),
                name="retainer_statement_has_its_period",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="statement_of_state"),
            models.Index(fields=["client", "-issue_date"], name="statement_of_client"),
            models.Index(fields=["period_start"], name="statement_of_period"),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_frozen(self) -> bool:
        return self.state in self.FROZEN


class StatementLine(models.Model):
    """One line; its amount is quantity times unit price, rounded once."""

    statement = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    engagement = models.ForeignKey(
        Engagement, on_delete=models.PROTECT, null=True, blank=True, related_name="statement_lines"
    )
    description = models.CharField(max_length=500)
    quantity = QuantityField(default=1)
    unit = models.CharField(max_length=20, blank=True)
    unit_price = MoneyField(currency_field="statement__currency")
    amount = MoneyField(currency_field="statement__currency", editable=False)

    class Meta:
        ordering = ["statement", "position"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "position"], name="line_position_once"),
            models.CheckConstraint(condition=~Q(description=""), name="line_described"),
            models.CheckConstraint(condition=Q(quantity__gt=ZERO), name="line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return self.description


class Document(models.Model):
    """The stored PDF of a statement or credit note: made once from its snapshot, the same bytes for ever."""

    class Kind(models.TextChoices):
        ORIGINAL = "original", "Original"
        VOID = "void", "Void copy"

    statement = models.ForeignKey(
        Statement, on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    credit_note = models.ForeignKey(
        "billing.CreditNote", on_delete=models.PROTECT, null=True, blank=True, related_name="documents"
    )
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.ORIGINAL)
    path = models.CharField(max_length=200, help_text="Within the media storage, named by the content.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="In bytes.")
    made_at = models.DateTimeField()

    audit_scope = OFFICE

    class Meta:
        ordering = ["statement", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "kind"], name="document_once"),
            models.UniqueConstraint(fields=["credit_note", "kind"], name="credit_note_document_once"),
            models.CheckConstraint(
                condition=Q(statement=None, credit_note__isnull=False)
                | Q(statement__isnull=False, credit_note=None),
                name="document_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement or self.credit_note}, {self.get_kind_display().lower()}"
